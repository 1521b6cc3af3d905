#include "cli/site/site.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "hal/base64.h"

namespace sw::cli {
namespace {

constexpr int kSuite = 17;                // AES-GCM-256/SHA256/X25519, proven by CPace
constexpr std::size_t kSecretBytes = 24;  // 32 characters of base64, none of them padding
constexpr std::string_view kMark = "sw8800:";
constexpr std::string_view kPort = "GigabitEthernet0/1";

std::string Secret(Random& random) {
  Bytes bytes(kSecretBytes);
  random.Fill(bytes);
  std::string out = hal::Base64(bytes);
  for (char& c : out)  // as a word of a command line
    if (c == '/' || c == '+') c = c == '/' ? '_' : '-';
  return out;
}

std::string Masked(const Prefix& p) {
  return p.address.ToString() + " " + p.mask().ToString();
}

std::string Route(const std::optional<Prefix>& network, Ipv4 next_hop) {
  if (!network) return {};
  return fmt::format("ip route-static {} {}\n", Masked(network->AsNetwork()), next_hop.ToString());
}

std::string Port(const Site& site) {
  return fmt::format("interface {}\n ip address {}\n", kPort, Masked(site.address));
}

std::string Tunnel(const Prefix& address, std::string_view role) {
  return fmt::format("interface Tunnel0\n tunnel-protocol udp dvpn\n ip address {}\n source {}\n{}quit\n",
                     Masked(address), kPort, role);
}

}  // namespace

std::string Invitation::ToText() const {
  nlohmann::json json{{"server", server.ToString()}, {"via", server_tunnel.ToString()},
                      {"tunnel", tunnel.ToString()}, {"user", user},
                      {"password", password},        {"key", key}};
  if (network) json["network"] = network->ToString();
  const std::string text = json.dump();
  return std::string(kMark) + hal::Base64(Bytes(text.begin(), text.end()));
}

Result<Invitation> Invitation::FromText(std::string_view text) {
  const Status refused(Code::kBadValue, "this is no invitation of a server");
  if (!text.starts_with(kMark)) return refused;
  const std::optional<Bytes> bytes = hal::FromBase64(text.substr(kMark.size()));
  if (!bytes) return refused;
  const nlohmann::json json = nlohmann::json::parse(bytes->begin(), bytes->end(), nullptr, false);
  if (!json.is_object()) return refused;
  const auto word = [&json](const char* name) {
    const auto at = json.find(name);
    const std::string value = at != json.end() && at->is_string() ? at->get<std::string>() : "";
    // What could be more than one word of a line was not written by a server.
    return value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./@") ==
                   std::string::npos
               ? value
               : std::string();
  };
  const auto server = Ipv4::Parse(word("server")), via = Ipv4::Parse(word("via"));
  const auto tunnel = Prefix::Parse(word("tunnel"));
  Invitation out;
  out.user = word("user");
  out.password = word("password");
  out.key = word("key");
  if (!server || !via || !tunnel || out.user.empty() || out.password.empty() || out.key.empty()) return refused;
  out.server = *server;
  out.server_tunnel = *via;
  out.tunnel = *tunnel;
  out.network = Prefix::Parse(word("network"));
  return out;
}

Result<Invitation> Invite(const ServerSite& server, Random& random) {
  const Ipv4 next(server.tunnel.address.value + 1);
  if (!server.tunnel.Contains(next) || next == server.tunnel.broadcast())
    return {Code::kBadValue, server.tunnel.ToString() + " leaves no address for a client"};
  return Invitation{.server = server.site.address.address,
                    .server_tunnel = server.tunnel.address,
                    .tunnel = {next, server.tunnel.length},
                    .network = server.site.network,
                    .user = server.branch,
                    .password = Secret(random),
                    .key = Secret(random)};
}

std::string ServerLines(const ServerSite& server, const Invitation& first) {
  return fmt::format(
             "local-user {0}\n password simple {1}\n service-type dvpn\nquit\ndvpn service enable\n"
             "dvpn server algorithm-suite {3}\ndvpn server pre-shared-key simple {2}\n"
             "dvpn policy site\n authentication-client method chap\n session algorithm-suite {3}\n"
             " data algorithm-suite {3}\nquit\n",
             first.user, first.password, first.key, kSuite) +
         Port(server.site) + Tunnel(server.tunnel, " dvpn interface-type server\n dvpn dvpn-id 1\n dvpn policy site\n");
}

std::string ClientLines(const Site& site, const Invitation& invitation) {
  return fmt::format(
             "dvpn service enable\ndvpn class hq\n public-ip {}\n private-ip {}\n algorithm-suite {}\n"
             " authentication-server method pre-share\n pre-shared-key simple {}\n local-user {} password simple "
             "{}\nquit\n",
             invitation.server.ToString(), invitation.server_tunnel.ToString(), kSuite, invitation.key, invitation.user,
             invitation.password) +
         Port(site) + Tunnel(invitation.tunnel, " dvpn server hq\n") +
         Route(invitation.network, invitation.server_tunnel);
}

std::string LinesForServer(const Site& site, const Invitation& invitation) {
  return Route(site.network, invitation.tunnel.address);
}

std::string IniLines(const Site& site) {
  return fmt::format("port = {}={}\nforwarding = true\n", kPort, site.link);
}

}  // namespace sw::cli
