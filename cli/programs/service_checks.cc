#include "cli/programs/service_checks.h"

#include <fmt/format.h>
#include <net/if.h>
#include <sys/un.h>

#include <filesystem>

#include "cli/session/line_reader.h"
#include "cli/ssh/ssh_server.h"

namespace sw::programs {
namespace {

namespace fs = std::filesystem;

Status Refuse(std::string_view option, std::string_view value, std::string_view why) {
  return {Code::kBadValue, fmt::format("--{} {}: {}", option, Shortened(value), why)};
}

// Whatever stands at the path already is of this type; a path that cannot be looked at is not judged here.
Status CheckPath(std::string_view option, const std::string& path, fs::file_type wanted, std::string_view why) {
  if (path.empty()) return Refuse(option, path, "empty");
  std::error_code error;
  const fs::file_type is = fs::status(path, error).type();
  if (is == fs::file_type::directory) return Refuse(option, path, "is a directory");
  if (!error && is != fs::file_type::not_found && is != wanted) return Refuse(option, path, why);
  return {};
}

Status CheckLink(const std::string& port, const std::string& link) {
  const std::string both = port + "=" + link;
  if (link == "lo") return Refuse("port", both, "LoopBack interfaces are on lo; a port needs a link of its own");
  const bool fits = !link.empty() && link.size() < IFNAMSIZ && link != "." && link != "..";
  for (const char c : link)
    if (c <= ' ' || c == '/' || c == ':' || c == 0x7f) return Refuse("port", both, "not the name of a link");
  return fits ? Status() : Refuse("port", both, "not the name of a link");
}

}  // namespace

Status CheckServiceOptions(const cli::ServiceOptions& options) {
  SW_TRY(CheckPath("db", options.db, fs::file_type::regular, "is no regular file"));
  SW_TRY(CheckPath("socket", options.socket, fs::file_type::socket, "is no socket"));
  if (options.socket.size() >= sizeof(sockaddr_un::sun_path)) return Refuse("socket", options.socket, "too long");
  for (const auto& [port, link] : options.ports) SW_TRY(CheckLink(port, link));
  return options.ssh.empty() ? Status() : cli::SshServer::Check(options.ssh);
}

std::string Shortened(std::string_view text) {
  constexpr std::size_t kMost = 200;
  return cli::Escaped(text.substr(0, kMost)) + (text.size() > kMost ? "..." : "");
}

}  // namespace sw::programs
