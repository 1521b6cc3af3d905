#include "dvpn/server_tunnel.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/terms.h"
#include "dvpn/fast_path.h"

namespace sw::dvpn {

RedirectLimiter::Answer RedirectLimiter::Ask(Time now, Ipv4 a, Ipv4 b) {
  while (!order_.empty() && now >= order_.front().first + kRedirectInterval) {
    last_.erase(order_.front().second);
    order_.pop_front();
  }
  const std::uint64_t pair = (std::uint64_t{std::min(a, b).value} << 32) | std::max(a, b).value;
  if (last_.contains(pair)) return Answer::kTooSoon;
  if (last_.size() >= kMaxRedirectPairs) return Answer::kFull;
  last_.emplace(pair, now);
  order_.emplace_back(now, pair);
  return Answer::kGo;
}

ServerTunnel::ServerTunnel(TunnelSettings settings, Services services)
    : TunnelBase(std::move(settings), services), maps_(core_, role(), *this), pair_secret_(wire::kSecretSize) {
  core_.services.random.Fill(pair_secret_.span());
}

void ServerTunnel::Stop(Time now, Output& out) {
  Enter(now, out);
  RemoveAll("the server leaves the domain", {true});
  Leave();
}

void ServerTunnel::RemoveAll(const std::string& why, wire::Release tell) {
  for (const Map* map : maps_.table().all()) maps_.Remove(*maps_.table().Find(map->key), why, tell);
}

std::vector<MapInfo> ServerTunnel::maps() const {
  std::vector<MapInfo> out;
  for (const Map* map : maps_.table().all()) {
    MapInfo info = maps_.Info(*map);
    info.peer_public = EndpointOf(*map);
    out.push_back(std::move(info));
  }
  return out;
}

Status ServerTunnel::ResetMap(Time now, std::optional<Ipv4> peer_private, Output& out) {
  Map* map = peer_private ? maps_.table().OfPrivate(*peer_private) : nullptr;
  if (peer_private && map == nullptr) return {Code::kNotFound, "no map with " + peer_private->ToString()};
  Enter(now, out);
  if (map != nullptr) {
    maps_.Remove(*map, "the map was reset", wire::Release{});
  } else {
    RemoveAll("the map was reset", {false});
  }
  Leave();
  return {};
}

Status ServerTunnel::ResetSession(Time, Ipv4 peer_private, Output&) {
  if (sessions_.Find(peer_private) == nullptr) return {Code::kNotFound, "no session with " + peer_private.ToString()};
  return {Code::kInUse, "the session is coupled with a registered map, remove the map first"};
}

bool ServerTunnel::Adopt(Time now, const TunnelSettings& wanted, Output& out) {
  const auto* server = std::get_if<ServerSettings>(&wanted.role);
  if (server == nullptr) return false;
  TunnelSettings same = wanted;
  same.device_id = settings_.device_id;
  same.security_acl = settings_.security_acl;
  auto& later = std::get<ServerSettings>(same.role);
  later.policy = role().policy;
  later.pre_shared_key = role().pre_shared_key;
  later.credentials = role().credentials;
  later.map_age = role().map_age;
  later.address_hold = role().address_hold;
  later.user_addresses = role().user_addresses;
  later.accepted_suites = role().accepted_suites;
  if (same != settings_) return false;
  Enter(now, out);
  settings_ = wanted;
  Leave();
  return true;
}

// ---------------------------------------------------------------------------------------------- maps and sessions

Endpoint ServerTunnel::EndpointOf(const Map& map) const {
  const Session* session = map.private_address.empty() ? nullptr : sessions_.Find(map.private_address);
  return session != nullptr && session->spec().map_key == map.key ? session->peer() : map.endpoint;
}

bool ServerTunnel::HasLiveSession(const Map& map) const {
  const Session* session = sessions_.Find(map.private_address);
  return session != nullptr && session->proven();
}

void ServerTunnel::OnMapFinished(Map& map) {
  if (core_.services.fast != nullptr) core_.services.fast->ForgetSources();  // what lies behind it is its own now
  SessionSpec spec;
  spec.type = CommunicateType::kServerToClient;
  spec.dvpn_id = role().dvpn_id;
  spec.local_private = settings_.address.address;
  spec.peer_private = map.private_address;
  spec.local_public = settings_.local;
  spec.candidates = {map.endpoint};
  spec.peer_device_id = map.device_id;
  spec.user_name = map.user_name;
  spec.terms = TermsOf(role().policy);
  spec.server_proof = map.proved;
  spec.base = map.session_base;
  spec.map_key = map.key;
  sessions_.Add(std::move(spec));
}

void ServerTunnel::OnMapRemoved(Map& map, const std::string& why) {
  Session* session = sessions_.Find(map.private_address);
  if (session != nullptr && session->spec().map_key == map.key && session->phase() == Session::Phase::kLive)
    sessions_.Remove(*session, why);
}

void ServerTunnel::OnSessionProven(Session& session) {
  if (Map* map = maps_.table().Find(session.spec().map_key)) maps_.OnProven(*map);
}

// A client that does not answer has left: its map goes first, then the session (guide page 208).
void ServerTunnel::OnSessionEnding(Session& session) {
  if (Map* map = maps_.table().Find(session.spec().map_key))
    maps_.Remove(*map, "session with the client ended: " + session.reason());
}

// ---------------------------------------------------------------------------------------------- forwarding

void ServerTunnel::ForwardInner(const InnerHeader& header, PacketPtr packet) {
  const auto next_hop = core_.services.next_hops.Find(header.destination);
  if (!next_hop) return DropData(Drop::kNoRoute);
  Session* session = sessions_.Find(*next_hop);
  if (session == nullptr || !session->proven()) return DropData(Drop::kNoSession);
  TraceData(*next_hop, "sent by the server", header, packet->data());
  SendBy(*session, header, std::move(packet));
}

void ServerTunnel::ForwardToAll(const InnerHeader& header, PacketPtr packet) {
  Replicate(nullptr, header, *packet);
}

void ServerTunnel::Replicate(const Session* source, const InnerHeader& header, const Packet& packet) {
  for (Session* session : sessions_.all()) {
    if (session == source || !session->proven()) continue;
    TraceData(session->spec().peer_private, source == nullptr ? "sent to everybody" : "relayed to everybody", header,
              packet.data());
    if (source != nullptr) ++core_.counters.relayed;
    SendCopy(*session, header, packet);
  }
}

// A client sends from its own address and from the networks behind it: those that are its user's, where somebody said
// so; else all that do not lie behind another client by the routes of this server.
bool ServerTunnel::Foreign(const Session& session, Ipv4 source) const {
  const Ipv4 own = session.spec().peer_private;
  if (source == own) return false;
  if (const Map* map = maps_.table().Find(session.spec().map_key); map != nullptr && !map->property.networks.empty())
    return std::ranges::none_of(map->property.networks, [&](const Prefix& n) { return n.Contains(source); });
  if (settings_.address.Contains(source)) return true;
  const auto behind = core_.services.next_hops.Find(source);
  return behind && *behind != own;
}

void ServerTunnel::ReceiveInner(Session& session, const InnerHeader& header, PacketPtr packet) {
  if (Foreign(session, header.source)) return DropData(Drop::kForeignSource);
  if (ForEverybody(header.destination)) {  // one segment: no hop is counted
    Replicate(&session, header, *packet);
    return Deliver(header, std::move(packet));
  }
  const auto next_hop = core_.services.next_hops.Find(header.destination);
  if (!next_hop) {
    TraceData(session.spec().peer_private, "received by the server", header, packet->data());
    session.LearnSource(header.source);
    return Deliver(header, std::move(packet));
  }
  Session* to = sessions_.Find(*next_hop);
  if (to == nullptr || !to->proven()) {
    DropData(Drop::kNoSession);
    return TellUnreached(session, header.destination, *next_hop, to != nullptr);
  }
  // To a neighbour on the segment itself there is no hop either: routing daemons speak with a time to live of one.
  if (header.destination != *next_hop && !DecrementTtl(packet->data())) return DropData(Drop::kTtlExpired);
  TraceData(*next_hop, "relayed by the server", header, packet->data());
  ++core_.counters.relayed;
  SendBy(*to, header, std::move(packet));
  if (to != &session) MaybeRedirect(session, *to, header.destination);
}

namespace {

bool Is(const Map& map, RegisterType type) {
  return map.type == type || map.type == RegisterType::kUndistributedAndForward;
}
std::string HeldBack(const Map& from, const Map& to) {
  std::string out;
  if (Is(from, RegisterType::kForward))
    out = fmt::format("{} registered as {}: it sends by the server", from.private_address.ToString(), Name(from.type));
  if (Is(to, RegisterType::kUndistributed))
    out += fmt::format("{}{} registered as {}: nobody is told of it", out.empty() ? "" : "; ",
                       to.private_address.ToString(), Name(to.type));
  return out;
}

}  // namespace

std::optional<PairInfo> ServerTunnel::pair(Ipv4 a, Ipv4 b) const {
  auto out = pairs_.Find(a, b);
  const Map *one = maps_.table().OfPrivate(a), *two = maps_.table().OfPrivate(b);
  if (!out || one == nullptr || two == nullptr) return out;
  const std::string there = HeldBack(*one, *two), back = HeldBack(*two, *one);
  if (!there.empty() && !back.empty()) out->held_back = there == back ? there : there + "; " + back;
  return out;
}

// So that whoever looks at the sender's end sees why. As often as redirects.
void ServerTunnel::TellUnreached(Session& source, Ipv4 destination, Ipv4 next_hop, bool registered) {
  if (unreached_.Ask(core_.now, source.spec().peer_private, next_hop) != RedirectLimiter::Answer::kGo) return;
  (void)source.Tell(wire::Type::kUnreached, wire::Encode(wire::Unreached{destination, next_hop, registered}));
}

void ServerTunnel::MaybeRedirect(Session& source, Session& destination, Ipv4 address) {
  const Map* a = maps_.table().Find(source.spec().map_key);
  const Map* b = maps_.table().Find(destination.spec().map_key);
  if (a == nullptr || b == nullptr) return;
  pairs_.Relayed(core_.now, a->private_address, b->private_address);
  if (Is(*a, RegisterType::kForward) || Is(*b, RegisterType::kUndistributed)) return;
  switch (redirects_.Ask(core_.now, a->private_address, b->private_address)) {
    case RedirectLimiter::Answer::kTooSoon:
      return core_.Count(Drop::kRedirectLimited);
    case RedirectLimiter::Answer::kFull:
      return core_.Count(Drop::kRedirectFull);
    case RedirectLimiter::Answer::kGo:
      break;
  }
  wire::Redirect r;
  r.terms = source.spec().terms;
  r.secret =
      DerivePair(pair_secret_, a->channel->id(), b->channel->id(), a->private_address, b->private_address, r.terms);
  const auto tell = [&](Session& to, const Map& peer, Endpoint peer_public, bool active) {
    r.active = active;
    r.peer_private = peer.private_address;
    r.destination = active ? address : peer.private_address;
    r.peer_public = peer_public;
    r.peer_local = peer.local;
    r.device_id = peer.device_id;
    if (!to.Tell(wire::Type::kRedirect, wire::Encode(r))) return;
    ++core_.counters.redirects;
    core_.Note(Topic::kMisc, What::kNote, to.spec().peer_private.ToString(),
               fmt::format("redirect sent, {} at {}, {} side", r.peer_private.ToString(), peer_public.ToString(),
                           active ? "active" : "passive"));
  };
  pairs_.Told(a->private_address, b->private_address);
  tell(destination, *a, source.peer(), false);
  tell(source, *b, destination.peer(), true);
}

}  // namespace sw::dvpn
