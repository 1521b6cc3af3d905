#include "dvpn/tunnel.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/client_tunnel.h"
#include "dvpn/keying.h"
#include "dvpn/server_tunnel.h"

namespace sw::dvpn {
namespace {

Status Bad(std::string why) {
  return {Code::kBadValue, std::move(why)};
}

Status Check(const ClientSettings& s) {
  if (s.server_public.empty() || s.server_port == 0) return Bad("the class has no server address");
  if (Status suite = CanProtect(s.suite); !suite.ok()) return suite;
  if (s.minimum == SecurityMinimum::kStrong && hal::FindSuite(s.suite)->weak)
    return Bad(fmt::format("suite {} of the class is weak, and security minimum is strong", s.suite));
  if (s.authenticate_server == ServerMethod::kPreShare && s.pre_shared_key.empty())
    return Bad("server authentication needs a pre-shared key in the class");
  if (s.authenticate_server == ServerMethod::kCertificate && s.authority == nullptr)
    return Bad("server authentication needs a certificate domain in the class");
  if (s.pre_shared_key.size() > kMaxPreSharedKey) return Bad("the pre-shared key is too long");
  if (s.user_name.size() > kMaxUserName) return Bad("the user name is too long");
  if (std::ranges::any_of(s.user_name, [](char c) { return c < 0x20 || c >= 0x7f; }))
    return Bad("the user name has characters that cannot travel");
  if (s.password.size() > wire::kMaxPassword) return Bad("the password is too long");
  return {};
}

Status Check(const ServerSettings& s) {
  if (!kDvpnId.Contains(s.dvpn_id)) return Bad("the tunnel has no DVPN ID");
  if (Status suite = CanProtect(s.policy.session_suite); !suite.ok()) return suite;
  if (hal::FindSuite(s.policy.data_suite) == nullptr) return Bad("no such data suite");
  if (s.pre_shared_key.size() > kMaxPreSharedKey) return Bad("the pre-shared key is too long");
  const auto whole = [](const Range<int>& range, seconds v) {
    return v >= seconds(range.low) && v <= seconds(range.high);
  };
  if (!whole(kSessionKeepalive, s.policy.keepalive) || !whole(kSessionIdle, s.policy.idle) ||
      !whole(kSessionSetup, s.policy.setup_interval) || !whole(kSaDuration, s.policy.sa_duration))
    return Bad("a time of the policy is out of range");
  return {};
}

}  // namespace

Result<std::unique_ptr<Tunnel>> Tunnel::Create(TunnelSettings settings, Services services) {
  if (settings.local.address.empty() || settings.local.port == 0) return Bad("the tunnel has no source");
  if (settings.address.address.empty() || settings.address.length == 0 || settings.address.length > 32)
    return Bad("the tunnel has no private address");
  if (const auto* client = std::get_if<ClientSettings>(&settings.role)) {
    if (Status s = Check(*client); !s.ok()) return s;
    return std::unique_ptr<Tunnel>(std::make_unique<ClientTunnel>(std::move(settings), std::move(services)));
  }
  if (Status s = Check(std::get<ServerSettings>(settings.role)); !s.ok()) return s;
  return std::unique_ptr<Tunnel>(std::make_unique<ServerTunnel>(std::move(settings), std::move(services)));
}

}  // namespace sw::dvpn
