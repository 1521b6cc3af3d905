#include "device/dvpn/certificates.h"

#include <filesystem>

#include <fmt/format.h>

namespace sw::device {
namespace {

// What a file is named and how it looks from outside; another text when it has changed.
std::string StateOf(const hal::CredentialFiles& files) {
  std::string out;
  for (const std::string& path : {files.certificate, files.key, files.ca, files.crl}) {
    std::error_code none;
    const auto written = std::filesystem::last_write_time(path, none).time_since_epoch().count();
    const auto size = std::filesystem::file_size(path, none);
    out += fmt::format("{}\n{} {}\n", path, written, size);
  }
  return out;
}

}  // namespace

template <typename Kind>
Result<std::shared_ptr<const Kind>> Certificates::Find(const PkiDomains& domains, const std::string& name,
                                                       Domains<Kind>& read) {
  const auto files = domains(name);
  if (!files) return {Code::kNotFound, fmt::format("pki domain {} does not exist", name)};
  std::string state = StateOf(*files);
  Read<Kind>& known = read[name];
  if (known.kind != nullptr && known.state == state) return known.kind;
  auto loaded = Kind::Load(*files);
  if (!loaded.ok()) return {loaded.status().code(), fmt::format("pki domain {}: {}", name, loaded.why())};
  known = {std::move(state), *loaded};
  return known.kind;
}

Status Certificates::Fill(const PkiDomains& domains, const DvpnConfig& config, const InterfaceConfig& tunnel,
                          dvpn::TunnelSettings& settings, std::string& trouble) {
  trouble.clear();
  if (auto* server = std::get_if<dvpn::ServerSettings>(&settings.role)) {
    const std::string& name = config.global.certificate_domain;
    if (name.empty()) return {};
    auto found = Find(domains, name, credentials_);
    if (found.ok()) {
      server->credentials = *found;
    } else {
      trouble = found.why();
    }
    return {};
  }
  auto& client = std::get<dvpn::ClientSettings>(settings.role);
  if (client.authenticate_server != dvpn::ServerMethod::kCertificate) return {};
  const auto of_class = config.classes.find(tunnel.tunnel.dvpn_class);
  if (of_class == config.classes.end() || of_class->second.certificate_domain.empty())
    return {Code::kNotFound, fmt::format("dvpn class {} has no certificate domain", tunnel.tunnel.dvpn_class)};
  auto found = Find(domains, of_class->second.certificate_domain, authorities_);
  if (!found.ok()) return found.status();
  client.authority = *found;
  return {};
}

}  // namespace sw::device
