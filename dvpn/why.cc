#include "dvpn/why.h"

#include <algorithm>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "dvpn/wire.h"

namespace sw::dvpn {
namespace {

constexpr std::chrono::minutes kRecent{5}, kRefusalShown{15}, kUnreachedShown{1};
constexpr std::size_t kMostRefusalsShown = 20;

template <typename Key>
struct Sentence {
  Key key;
  std::string_view meaning, remedy;
};
template <typename Key>
const Sentence<Key>* Find(std::span<const Sentence<Key>> table, Key key) {
  const auto it = std::ranges::find(table, key, &Sentence<Key>::key);
  return it == table.end() ? nullptr : &*it;
}

constexpr Sentence<MapState> kMapStates[] = {
    {MapState::kClientInit, "not registered, nothing is under way",
     "wait for the timer, or start now with 'reset dvpn map'; the last failure above names the step to look at"},
    {MapState::kClientBegin, "a registration begins", "nothing, the first step follows at once"},
    {MapState::kClientAlgReq, "step 1 of 8: the algorithm request is sent, the server has not answered",
     "check public-ip and udp-port of the class, the route to the server, a firewall in between, 'dvpn service enable' "
     "and the tunnel of the server"},
    {MapState::kClientKexReq, "step 3 of 8: the key request is sent, no key response that verifies has come",
     "check the way back from the server; it answered a moment ago"},
    {MapState::kClientAuthenReq, "step 5 of 8: user and proof are sent, the server has not given its result",
     "check that the authentication of the server answers: its RADIUS servers"},
    {MapState::kClientConfigReq, "reserved by the MIB, never entered", "nothing"},
    {MapState::kClientReq, "step 7 of 8: the register request is sent, the server has not answered",
     "check the way back from the server; it has known this client since step 3"},
    {MapState::kClientSuccess, "all 8 steps are done, this client is registered", "nothing"},
    {MapState::kServerBegin, "a client was refused; its unfinished map waits to age out",
     "the log of this server names the refusal"},
    {MapState::kServerAlgorithm, "step 2 of 8: passed without keeping anything", "nothing"},
    {MapState::kServerKexInit, "step 4 of 8: the key request of a client is being answered",
     "nothing, the answer follows at once"},
    {MapState::kServerAuthenInit, "step 4 of 8 is answered, the client has to prove who it is (step 5)",
     "check that the class of the client has a local-user, and that the authentication of this server answers"},
    {MapState::kServerConfigInit, "reserved by the MIB, never entered", "nothing"},
    {MapState::kServerInit, "the register request of the client is awaited (step 7)",
     "check the way from the server to the client; it may not hear the answers"},
    {MapState::kServerFinished, "all 8 steps are done, this client is registered", "nothing"},
};

constexpr Sentence<SessionState> kSessionStates[] = {
    {SessionState::kSetupInit, "the session is known, the other end has to open it",
     "see the same peer on the other end; its setup requests may not arrive here"},
    {SessionState::kSetupReq, "setup requests are sent, no answer that proves the path has come",
     "check that UDP from this public address reaches the peer; a NAT or a firewall on one of the two sides may not "
     "let "
     "it in, and then traffic keeps being relayed by the server"},
    {SessionState::kSetupSuccess, "the session is up and carries traffic", "nothing"},
    {SessionState::kRekeyReq, "the session carries traffic, new keys are asked for",
     "nothing; when no answer comes the session ends and is set up again"},
    {SessionState::kRekeyRep, "the session carries traffic, new keys wait for the peer to use them", "nothing"},
};

constexpr Sentence<Drop> kDrops[] = {
    {Drop::kTruncated, "", "something that is not DVPN is sent to this port"},
    {Drop::kBadVersion, "", "the peer speaks another version of the protocol, or is no DVPN device"},
    {Drop::kBadType, "", "the peer speaks a newer version of the protocol, or is no DVPN device"},
    {Drop::kBadLength, "", "something on the way cuts datagrams, or somebody forges them"},
    {Drop::kMalformed, "", "the peer has a defect, or somebody forges datagrams"},
    {Drop::kWrongRole, "", "two servers or two clients face each other: compare 'dvpn interface-type' of both ends"},
    {Drop::kWrongPeer, "", "an answer came from an address other than the server's; check public-ip of the class"},
    {Drop::kUnknownChannel, "", "the peer still uses a map or session that ended here; it will notice and come back"},
    {Drop::kOutOfState, "", "a late or repeated message; harmless unless it goes on"},
    {Drop::kReplayed, "", "a datagram was duplicated on the way, or somebody replays"},
    {Drop::kTooOld, "", "a datagram was overtaken by more than 63 others"},
    {Drop::kForged, "", "keys differ: one end was restarted, or somebody forges datagrams"},
    {Drop::kBadNonce, "", "a late answer to an earlier request, or somebody guesses"},
    {Drop::kBadCookie, "", "the client was too slow, changed its address meanwhile, or its source is forged"},
    {Drop::kBadSuite, "", "compare the algorithm suites of both ends"},
    {Drop::kBadPublicValue, "", "the peer has a defect, or somebody forges datagrams"},
    {Drop::kBadServerProof, "",
     "the pre-shared keys of class and server differ, its certificate is not accepted, or it is not our server that "
     "answers; the last failure says which"},
    {Drop::kDuplicate, "", "an answer was lost on the way and is repeated; look for loss between the two"},
    {Drop::kDuplicateWaiting, "", "the authentication takes long; check its servers"},
    {Drop::kStaleRequest, "", "a late copy of an earlier step; harmless"},
    {Drop::kNoCommonSuite, "", "'dvpn server algorithm-suite' has none of the suites that a client offers"},
    {Drop::kNoPreSharedKey, "",
     "a client wants this server to prove itself: set 'dvpn server pre-shared-key' or 'dvpn server certificate domain'"},
    {Drop::kMapUnproven, "",
     "a client was registered and did not open its session; see 'display dvpn why' on that client"},
    {Drop::kHalfOpenEvicted, "", "a flood, or many clients behind one address at once; they come back"},
    {Drop::kMessageRefused, "", "the client was told, and begins anew; the log names it"},
    {Drop::kBelowMinimum, "",
     "the other client registered under a policy that this one does not take; traffic with it is relayed until it "
     "registers anew"},
    {Drop::kFault, "", "a lab injects faults: 'undo fault inject dvpn'"},
    {Drop::kMapsFull, "", "the server holds as many maps as it may; use another server"},
    {Drop::kAuthenticationRejected, "", "the log names the user and the reason"},
    {Drop::kAddressRejected, "", "a private address is outside the tunnel network or taken; the log names it"},
    {Drop::kTooManyFailures, "",
     "somebody guesses a key or a password, or a client has a wrong one; the log names the address or the user"},
    {Drop::kMapAged, "", "clients begin and do not finish; see which step in the log, and 'dvpn server map age-time'"},
    {Drop::kTieBreak, "", "both ends opened the session at once, one of them gives way; harmless"},
    {Drop::kSessionsFull, "", "this client has as many sessions as it may; others are relayed"},
    {Drop::kRedirectLimited, "",
     "clients are relayed although they were redirected: see why their session does not open"},
    {Drop::kRedirectFull, "", "too many pairs of clients are relayed at once; the others wait"},
    {Drop::kCounterSpent, "", "a channel sent all the messages it may; the session ends and is set up again"},
    {Drop::kBadInner, "", "something other than IPv4 was sent into the tunnel"},
    {Drop::kTtlExpired, "", "a routing loop, or a traceroute"},
    {Drop::kNoRoute, "", "the route of the destination does not lead into this tunnel"},
    {Drop::kNoSession, "", "the next hop is not registered: compare the route with 'display dvpn map all'"},
    {Drop::kEngineBusy, "",
     "only packets that workers do not send by themselves are concerned: many new destinations, or relayed traffic"},
    {Drop::kNoServerSession, "", "this client is not registered; see 'display dvpn why class'"},
    {Drop::kTooBig, "", "the sender was told by ICMP what fits; a firewall may keep that from it"},
    {Drop::kForeignSource, "",
     "a client sends with an address of another one, or the route of the source does not lead back to it"},
    {Drop::kNotInClear, "", "'dvpn security acl' of the two ends do not mirror each other"},
};

constexpr Sentence<ipsec::Drop> kEspDrops[] = {
    {ipsec::Drop::kNone, "", "nothing"},
    {ipsec::Drop::kTruncated, "", "something on the way cuts packets, or they are no ESP"},
    {ipsec::Drop::kUnknownSpi, "", "the peer still uses a session that ended here; it will notice and come back"},
    {ipsec::Drop::kReplayed, "", "a packet was duplicated on the way, or somebody replays"},
    {ipsec::Drop::kTooOld, "", "packets are reordered by more than the replay window"},
    {ipsec::Drop::kBadIcv, "", "packets are changed on the way, or somebody forges them"},
    {ipsec::Drop::kBadPadding, "",
     "packets are changed on the way, and the data suite does not protect their integrity"},
    {ipsec::Drop::kSaExpired, "", "renegotiation fails; see the session"},
    {ipsec::Drop::kSequenceExhausted, "", "shorten 'data ipsec-sa duration' of the policy"},
    {ipsec::Drop::kNoRoom, "", "the MTU of the tunnel is larger than packets here can be"},
    {ipsec::Drop::kDeviceBusy, "", "more packets than the crypto engine takes"},
    {ipsec::Drop::kDeviceFault, "", "the crypto engine failed; see the log"},
};

std::string Seconds(Duration d) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(std::max(d, Duration{0})).count());
}

void AddTrail(Time now, const Trail& trail, std::vector<std::string>& out) {
  const auto said = [&](std::string_view what, std::uint8_t type, Time at) {
    if (type == 0) {
      out.push_back(fmt::format("last {}: nothing yet", what));
    } else {
      out.push_back(
          fmt::format("last {}: {}, {} ago", what, wire::Name(static_cast<wire::Type>(type)), Seconds(now - at)));
    }
  };
  said("sent", trail.sent, trail.sent_at);
  said("heard", trail.heard, trail.heard_at);
  if (trail.timer.empty() || trail.timer_at == Time::Never()) {
    out.push_back("timer: none runs");
  } else {
    out.push_back(fmt::format("timer: {}, over in {}", trail.timer, Seconds(trail.timer_at - now)));
  }
}

}  // namespace

std::string_view Meaning(MapState s) {
  const auto* found = Find<MapState>(kMapStates, s);
  return found == nullptr ? std::string_view() : found->meaning;
}
std::string_view Remedy(MapState s) {
  const auto* found = Find<MapState>(kMapStates, s);
  return found == nullptr ? std::string_view() : found->remedy;
}
std::string_view Meaning(SessionState s) {
  const auto* found = Find<SessionState>(kSessionStates, s);
  return found == nullptr ? std::string_view() : found->meaning;
}
std::string_view Remedy(SessionState s) {
  const auto* found = Find<SessionState>(kSessionStates, s);
  return found == nullptr ? std::string_view() : found->remedy;
}
std::string_view Remedy(Drop d) {
  const auto* found = Find<Drop>(kDrops, d);
  return found == nullptr ? std::string_view() : found->remedy;
}
std::string_view Remedy(ipsec::Drop d) {
  const auto* found = Find<ipsec::Drop>(kEspDrops, d);
  return found == nullptr ? std::string_view() : found->remedy;
}

std::string_view RemedyOf(std::string_view reason) {
  for (std::size_t i = 0; i < kDropReasons; ++i)
    if (reason == fmt::format("{}: {}", kDropTexts[i].family, kDropTexts[i].phrase))
      return Remedy(static_cast<Drop>(i));
  for (std::size_t i = 1; i < ipsec::kDropReasons; ++i)
    if (reason == fmt::format("esp: {}", ipsec::kDropPhrases[i])) return Remedy(static_cast<ipsec::Drop>(i));
  return {};
}

std::vector<std::string> ExplainMap(Time now, const MapInfo& map) {
  std::vector<std::string> out;
  out.push_back(fmt::format("map with {} at {}, state {}: {}",
                            map.peer_private.empty() ? "an unknown private address" : map.peer_private.ToString(),
                            map.peer_public.ToString(), Name(map.state), Meaning(map.state)));
  const bool client = map.type == CommunicateType::kClientToServer;
  if (client && map.attempts > 0 && map.state != MapState::kClientSuccess)
    out.push_back(fmt::format("attempt {} since the last success or silence", map.attempts));
  if (!map.send_error.empty()) out.push_back("the system cannot send to it: " + map.send_error);
  if (!map.last_error.empty()) out.push_back("last failure: " + map.last_error);
  AddTrail(now, map.trail, out);
  out.push_back(fmt::format("to do: {}", Remedy(map.state)));
  return out;
}

std::vector<std::string> ExplainSession(Time now, const SessionInfo& s) {
  std::vector<std::string> out;
  out.push_back(fmt::format("session {} with {} at {}, {} side, state {}: {}", Name(s.type), s.peer_private.ToString(),
                            s.peer_public.ToString(), s.initiator ? "active" : "passive", Name(s.state),
                            Meaning(s.state)));
  if (s.state == SessionState::kSetupReq) out.push_back(fmt::format("requests sent: {}", s.requests));
  if (!s.proven) out.push_back("traffic is relayed by the server until the path is proven");
  if (s.away_since)
    out.push_back(fmt::format("the server is away for {}; the session goes on and changes its keys without it",
                              Seconds(now - *s.away_since)));
  if (s.path_mtu != 0)
    out.push_back(fmt::format("the path carries packets of {} bytes only; larger ones are cut or refused", s.path_mtu));
  AddTrail(now, s.trail, out);
  out.push_back(fmt::format("to do: {}", Remedy(s.state)));
  return out;
}

std::vector<std::string> ExplainUnreached(Time now, const std::vector<UnreachedInfo>& unreached,
                                          std::optional<Ipv4> peer) {
  std::vector<std::string> out;
  for (const UnreachedInfo& u : unreached) {
    if (now - u.told >= kUnreachedShown || (peer && *peer != u.peer_private)) continue;
    out.push_back(fmt::format("{} is not reached: the server said {} ago that {}; a packet to {} ended there",
                              u.peer_private.ToString(), Seconds(now - u.told),
                              u.registered ? "its map is not proven, it has registered and has not opened its session"
                                           : "no client is registered with this address",
                              u.destination.ToString()));
    out.push_back(u.registered ? "to do: see 'display dvpn why' on that client; its setup may not arrive at the server"
                               : "to do: see whether that client runs, and 'display dvpn why' on the server");
  }
  return out;
}

std::vector<std::string> ExplainRefusals(Time now, const std::vector<RefusalInfo>& refusals) {
  std::vector<std::string> out;
  for (const RefusalInfo& r : refusals) {
    if (now - r.last >= kRefusalShown || out.size() >= kMostRefusalsShown) break;
    out.push_back(fmt::format("refused {}: {}, {} time(s), last {} ago", r.client.ToString(), r.reason, r.times,
                              Seconds(now - r.last)));
  }
  return out;
}

Explained ExplainTunnel(Time now, const Tunnel& tunnel) {
  std::vector<std::pair<Badness, std::vector<std::string>>> parts;
  std::size_t maps = 0, sessions = 0;
  for (const MapInfo& map : tunnel.maps()) {
    const bool good = map.state == MapState::kClientSuccess || map.state == MapState::kServerFinished;
    maps += good ? 1 : 0;
    if (!good && map.type == CommunicateType::kClientToServer)
      parts.emplace_back(Badness::kUnregistered, ExplainMap(now, map));
  }
  for (const SessionInfo& session : tunnel.sessions()) {
    sessions += session.proven ? 1 : 0;
    if (!session.proven || session.away_since) parts.emplace_back(Badness::kRelayed, ExplainSession(now, session));
  }
  if (auto lines = ExplainUnreached(now, tunnel.unreached()); !lines.empty())
    parts.emplace_back(Badness::kRelayed, std::move(lines));
  if (auto refused = ExplainRefusals(now, tunnel.refusals()); !refused.empty())
    parts.emplace_back(Badness::kRefusing, std::move(refused));
  const auto drops = tunnel.drop_counters();
  const bool dropped = std::ranges::any_of(
      drops, [&](const auto& each) { return each.count != 0 && each.moved != Time{} && now - each.moved < kRecent; });
  parts.emplace_back(dropped ? Badness::kDrops : Badness::kFine, ExplainDrops(now, drops));
  std::ranges::stable_sort(parts, std::greater(), [](const auto& part) { return part.first; });
  Explained out{parts.front().first, {}};
  for (auto& [badness, lines] : parts)
    for (std::string& line : lines) out.lines.push_back(std::move(line));
  out.lines.push_back(fmt::format("well: {} map(s), {} session(s)", maps, sessions));
  return out;
}

std::vector<std::string> ExplainDrops(Time now, const std::vector<Tunnel::NamedCount>& drops) {
  std::vector<const Tunnel::NamedCount*> moved;
  for (const Tunnel::NamedCount& each : drops)
    if (each.count != 0 && (each.moved == Time{} || now - each.moved < kRecent)) moved.push_back(&each);
  std::ranges::stable_sort(moved, std::greater(), [](const Tunnel::NamedCount* c) { return c->moved; });
  std::vector<std::string> out;
  for (const Tunnel::NamedCount* each : moved) {
    const std::string when = each->moved == Time{} ? "" : fmt::format(", last {} ago", Seconds(now - each->moved));
    out.push_back(fmt::format("counter {}: {}{}: {}", each->reason, each->count, when, RemedyOf(each->reason)));
  }
  if (out.empty()) out.push_back("counters: no reason for a drop was counted lately");
  return out;
}

}  // namespace sw::dvpn
