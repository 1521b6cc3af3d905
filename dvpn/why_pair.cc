#include "dvpn/why_pair.h"

#include <algorithm>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "dvpn/constants.h"
#include "dvpn/wire.h"

namespace sw::dvpn {
namespace {

struct Seen {
  Ipv4 address;
  std::optional<MapInfo> map;
  std::optional<SessionInfo> session;
  bool reached() const { return map && session && session->proven; }
};

Seen Look(const Tunnel& server, Ipv4 address) {
  Seen out{address, {}, {}};
  for (const MapInfo& map : server.maps())
    if (map.peer_private == address && map.state == MapState::kServerFinished) out.map = map;
  for (const SessionInfo& session : server.sessions())
    if (session.peer_private == address) out.session = session;
  return out;
}

std::string Ago(Time now, Time then) {
  return fmt::format("{:.1f} s ago", std::chrono::duration<double>(std::max(now - then, Duration{0})).count());
}

std::string Said(Time now, const Seen& one) {
  if (!one.map) return fmt::format("{} is not registered: nothing is relayed to it", one.address.ToString());
  const Trail& said = one.session ? one.session->trail : one.map->trail;
  const std::string heard = said.heard == 0 ? std::string("nothing yet")
                                            : fmt::format("{}, {}", wire::Name(static_cast<wire::Type>(said.heard)),
                                                          Ago(now, said.heard_at));
  return fmt::format("{} at {}{}; it said last: {}", one.address.ToString(),
                     (one.session ? one.session->peer_public : one.map->peer_public).ToString(),
                     one.reached() ? "" : ", its map is not proven: nothing is relayed to it", heard);
}

// What is so, and what to try.
std::vector<std::string> State(Time now, const PairInfo& pair, Duration setup) {
  const bool relays = now < pair.last + kPairQuiet;
  const std::string last = fmt::format("{} packets relayed, the last {}", pair.relayed, Ago(now, pair.last));
  if (!pair.held_back.empty()) return {"relayed: " + pair.held_back, last};
  if (!relays && pair.told == 0) return {"nothing is relayed, and they were not told of each other", last};
  if (!relays)
    return {fmt::format("direct, or silent: they were told of each other, and nothing was relayed since {}",
                        Ago(now, pair.last)),
            last};
  if (pair.told == 0)
    return {"relayed: they were not told of each other yet", last,
            "to do: see the counters of redirects in 'display dvpn why'"};
  if (now < pair.since + setup)
    return {fmt::format("being set up: relayed since {}, told of each other {} times", Ago(now, pair.since), pair.told),
            last};
  return {fmt::format("relayed: told of each other {} times, they do not reach each other directly", pair.told), last,
          "to do: see 'display dvpn why' with the other's address on each of them; a NAT or a filter between them may "
          "take no UDP from elsewhere"};
}

}  // namespace

std::vector<std::string> ExplainPair(Time now, const Tunnel& server, Ipv4 a, Ipv4 b) {
  const auto* role = std::get_if<ServerSettings>(&server.settings().role);
  const Prefix& network = server.settings().address;
  if (role == nullptr || !network.Contains(a) || !network.Contains(b)) return {};
  Duration setup = role->policy.setup_interval;
  for (const milliseconds wait : kSetupResend) setup += wait;
  const Seen one = Look(server, a), two = Look(server, b);
  const std::optional<PairInfo> pair = server.pair(a, b);
  std::vector<std::string> out;
  if (!one.reached() || !two.reached()) {
    out.push_back("not reached: the server relays between registered clients with a proven map only");
  } else if (a == b || !pair) {
    out.push_back(fmt::format("nothing was relayed between {} and {} in the last {} s: if they speak, they do so directly",
                              a.ToString(), b.ToString(), kPairMemory.count()));
  } else {
    out = State(now, *pair, setup);
  }
  out.push_back(Said(now, one));
  out.push_back(Said(now, two));
  return out;
}

}  // namespace sw::dvpn
