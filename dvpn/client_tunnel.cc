#include "dvpn/client_tunnel.h"

#include <utility>

#include <fmt/format.h>

#include "dvpn/fast_path.h"

namespace sw::dvpn {

ClientTunnel::ClientTunnel(TunnelSettings settings, Services services)
    : TunnelBase(std::move(settings), services), registration_(core_, role()) {}

void ClientTunnel::Start(Time now, Output& out) {
  Enter(now, out);
  registration_.Begin();
  Leave();
}

void ClientTunnel::Stop(Time now, Output& out) {
  Enter(now, out);
  LeaveDomain("the client leaves the domain");
  registration_.Reset("the client left the domain", ComeBack::kNever);
  Leave();
}

// Removing its map releases everything a client holds (guide page 207).
void ClientTunnel::LeaveDomain(std::string why) {
  registration_.SendRelease();
  sessions_.CloseAll(why);
  redirected_.clear();
  away_since_.reset();
}

Status ClientTunnel::ResetMap(Time now, std::optional<Ipv4> peer_private, Output& out) {
  const MapInfo map = registration_.info();
  if (peer_private && *peer_private != map.peer_private)
    return {Code::kNotFound, "no map with " + peer_private->ToString()};
  Enter(now, out);
  LeaveDomain("the map was reset");
  registration_.Reset("the map was reset", ComeBack::kNever);
  registration_.Begin();
  Leave();
  return {};
}

Status ClientTunnel::ResetSession(Time now, Ipv4 peer_private, Output& out) {
  Session* session = sessions_.Find(peer_private);
  if (session == nullptr) return {Code::kNotFound, "no session with " + peer_private.ToString()};
  if (session->spec().type == CommunicateType::kClientToServer)
    return {Code::kInUse, "the session belongs to the map with the server, remove the map first"};
  Enter(now, out);
  sessions_.Close(*session, "the session was reset");
  Leave();
  return {};
}

void ClientTunnel::OnSendFailed(Time now, const std::string& words) {
  core_.now = now;
  registration_.OnSendFailed(words);
}

void ClientTunnel::OnChange(Time now, Output& out) {
  Enter(now, out);
  registration_.OnChange();
  Leave();
}

void ClientTunnel::OnRegistrationFrame(const wire::Frame& frame, Endpoint from) {
  registration_.OnFrame(frame, from);
  AfterRegistration();
}

void ClientTunnel::OnRegistrationTimer(std::uint64_t) {
  registration_.OnTimer();
  AfterRegistration();
}

void ClientTunnel::AfterRegistration() {
  if (const auto released = registration_.TakeReleased()) {
    const std::string why = released->stopping ? "the server stopped" : "the server removed the map";
    if (Session* server = ServerSession()) sessions_.Remove(*server, why);
    if (!released->stopping) {  // sessions with other clients need no server, but they do need leave to be here
      sessions_.CloseAll(why);
      redirected_.clear();
    }
    registration_.Reset(why, released->stopping ? ComeBack::kAtOnce : ComeBack::kWithinInterval);
    if (released->stopping) ServerAway();
  }
  if (!registration_.TakeRegistered()) return;
  sessions_.ForgetEnded();
  if (Session* old = sessions_.Find(registration_.server_private())) sessions_.Remove(*old, "registered anew");
  server_private_ = registration_.server_private();
  SessionSpec spec;
  spec.type = CommunicateType::kClientToServer;
  spec.dvpn_id = registration_.answer().dvpn_id;
  spec.local_private = settings_.address.address;
  spec.peer_private = server_private_;
  spec.local_public = settings_.local;
  spec.candidates = {registration_.server()};
  spec.peer_device_id = registration_.answer().device_id;
  spec.user_name = registration_.info().user_name;
  spec.terms = registration_.answer().terms;
  spec.server_proof = registration_.proved();
  spec.base = registration_.session_base();
  spec.roams = false;  // the server has a fixed address (guide page 208)
  sessions_.Add(std::move(spec)).StartSetup();
  if (Session* session = ServerSession()) sessions_.Settle(*session);
}

// What went by the server may go directly now.
void ClientTunnel::OnSessionProven(Session& session) {
  if (core_.services.fast != nullptr) core_.services.fast->ForgetRoutes();
  if (session.spec().type == CommunicateType::kClientToServer) away_since_.reset();
}

// Our extension: sessions with other clients need no server, as long as it did not end the map.
void ClientTunnel::ServerAway() {
  if (away_since_) return;
  away_since_ = core_.now;
  std::size_t going_on = 0;
  std::optional<SessionInfo> one;
  for (const Session* session : sessions_.all()) {
    if (session->spec().type != CommunicateType::kClientToClient || !session->proven()) continue;
    ++going_on;
    one = session->info();
  }
  if (going_on == 0) return;
  core_.Note(Topic::kSession, What::kNote, server_private_.ToString(),
             fmt::format("the server is away, {} session(s) with other clients go on without it", going_on), nullptr,
             &*one);
}

std::vector<SessionInfo> ClientTunnel::sessions() const {
  std::vector<SessionInfo> out = TunnelBase::sessions();
  for (SessionInfo& info : out)
    if (info.type == CommunicateType::kClientToClient) info.away_since = away_since_;
  return out;
}

bool ClientTunnel::Adopt(Time now, const TunnelSettings& wanted, Output& out) {
  const auto* client = std::get_if<ClientSettings>(&wanted.role);
  if (client == nullptr) return false;
  TunnelSettings same = wanted;
  same.local = settings_.local;
  same.device_id = settings_.device_id;
  same.security_acl = settings_.security_acl;
  auto& later = std::get<ClientSettings>(same.role);
  later.authority = role().authority;
  later.register_interval = role().register_interval;
  later.register_retry = role().register_retry;
  later.register_dumb = role().register_dumb;
  if (same != settings_) return false;
  Enter(now, out);
  const bool moved = wanted.local != settings_.local;
  settings_ = wanted;
  if (moved) {
    for (Session* session : sessions_.all()) session->Rehome(settings_.local);
    if (registration_.state() != MapState::kClientSuccess) registration_.Begin();
  }
  registration_.OnChange();
  Leave();
  return true;
}

void ClientTunnel::OnSessionEnding(Session& session) {
  if (session.spec().type != CommunicateType::kClientToServer) return;
  // The server may be gone: register again. Sessions with other clients need no server and go on.
  registration_.Reset("session with the server ended: " + session.reason(), ComeBack::kAtOnce);
  ServerAway();
}

Session* ClientTunnel::ServerSession() const {
  return server_private_.empty() ? nullptr : sessions_.Find(server_private_);
}

void ClientTunnel::OnUnreached(const wire::Unreached& unreached) {
  unreached_.Touch(unreached.peer_private) = {unreached.peer_private, unreached.destination, unreached.registered,
                                              core_.now};
}

void ClientTunnel::OnRedirect(const wire::Redirect& r) {
  const Ipv4 peer = r.peer_private;
  unreached_.Erase(peer);
  core_.Note(Topic::kMisc, What::kNote, peer.ToString(),
             fmt::format("redirect received, {} at {}, {} side", peer.ToString(), r.peer_public.ToString(),
                         r.active ? "active" : "passive"));
  const bool forward =
      role().register_type == RegisterType::kForward || role().register_type == RegisterType::kUndistributedAndForward;
  if (peer.empty() || peer == settings_.address.address || peer == server_private_ || (forward && r.active) ||
      r.peer_public.address.empty() || r.peer_public.port == 0)
    return core_.Refuse(Drop::kOutOfState, registration_.server());
  if (ControlSuite(r.terms.session_suite) == nullptr || hal::FindSuite(r.terms.data_suite) == nullptr)
    return core_.Refuse(Drop::kBadSuite, registration_.server());
  if (BelowMinimum(role().minimum, r.terms)) return core_.Refuse(Drop::kBelowMinimum, registration_.server());
  if (r.active && r.destination != peer && !r.destination.empty()) {
    if (redirected_.size() >= kMaxRedirectCache) redirected_.clear();  // the server tells again what is in use
    redirected_[r.destination] = peer;
    if (core_.services.fast != nullptr) core_.services.fast->ForgetRoutes();
  }

  std::vector<Endpoint> candidates{r.peer_public};
  // Behind the same NAT the peer is nearer by its own address.
  if (r.peer_public.address == registration_.answer().observed.address && r.peer_local != r.peer_public &&
      !r.peer_local.address.empty() && r.peer_local.port != 0)
    candidates.push_back(r.peer_local);

  Session* session = sessions_.OfChannel(DeriveBase(*ControlSuite(r.terms.session_suite), r.secret).id);
  if (session != nullptr && session->phase() == Session::Phase::kLive) {
    session->UpdateCandidates(std::move(candidates));
  } else {
    if (sessions_.size() >= kMaxPeerSessions) return core_.Refuse(Drop::kSessionsFull, registration_.server());
    SessionSpec spec;
    spec.dvpn_id = registration_.answer().dvpn_id;
    spec.local_private = settings_.address.address;
    spec.peer_private = peer;
    spec.local_public = settings_.local;
    spec.candidates = std::move(candidates);
    spec.peer_device_id = r.device_id;
    spec.terms = r.terms;
    spec.server_proof = registration_.proved();
    spec.base = r.secret;
    session = &sessions_.Add(std::move(spec));
  }
  r.active ? session->StartSetup() : session->Probe();
  sessions_.Settle(*session);
}

// The proven session that `destination` should go by, or none: then the server relays.
Session* ClientTunnel::DirectSession(Ipv4 destination, Ipv4 next_hop) {
  if (role().register_type == RegisterType::kForward || role().register_type == RegisterType::kUndistributedAndForward)
    return nullptr;  // everything this client sends goes through the server
  Ipv4 peer = next_hop;
  if (next_hop == server_private_) {
    const auto learned = redirected_.find(destination);
    if (learned == redirected_.end()) return nullptr;
    peer = learned->second;
  }
  Session* session = sessions_.Find(peer);
  if (session == nullptr) {
    redirected_.erase(destination);
    return nullptr;
  }
  return session->usable() ? session : nullptr;
}

void ClientTunnel::ForwardInner(const InnerHeader& header, PacketPtr packet) {
  const auto found = core_.services.next_hops.Find(header.destination);
  if (!found) return DropData(Drop::kNoRoute);
  const Ipv4 next_hop = *found;
  if (Session* direct = DirectSession(header.destination, next_hop)) {
    TraceData(direct->spec().peer_private, "sent direct", header, packet->data());
    return SendBy(*direct, header, std::move(packet));
  }
  Session* server = ServerSession();
  if (server == nullptr || !server->proven()) return DropData(Drop::kNoServerSession);
  // Behind the server's own address there may be its networks or another client: only a redirect tells.
  const bool relayed = next_hop != server_private_ || redirected_.contains(header.destination);
  TraceData(server_private_,
            relayed                                 ? "sent, relayed by the server"
            : header.destination == server_private_ ? "sent to the server"
                                                    : "sent through the server",
            header, packet->data());
  SendBy(*server, header, std::move(packet));
}

// The server gives it to everybody; while it is away, those who can be reached get it from here.
void ClientTunnel::ForwardToAll(const InnerHeader& header, PacketPtr packet) {
  Session* server = ServerSession();
  if (server != nullptr && server->proven()) {
    TraceData(server_private_, "sent to everybody, by the server", header, packet->data());
    return SendBy(*server, header, std::move(packet));
  }
  bool sent = false;
  for (Session* session : sessions_.all()) {
    if (!session->proven()) continue;
    TraceData(session->spec().peer_private, "sent to everybody, direct", header, packet->data());
    SendCopy(*session, header, *packet);
    sent = true;
  }
  if (!sent) DropData(Drop::kNoServerSession);
}

// What the server relays it has looked at. A client sends directly from its own address and from the networks behind
// it, as far as the routes here tell them from what is another's.
bool ClientTunnel::Foreign(const Session& session, Ipv4 source) const {
  const Ipv4 own = session.spec().peer_private;
  if (session.spec().type == CommunicateType::kClientToServer || source == own) return false;
  if (core_.settings.address.Contains(source)) return true;
  const auto behind = core_.services.next_hops.Find(source);
  return behind && *behind != own && *behind != server_private_;
}

void ClientTunnel::ReceiveInner(Session& session, const InnerHeader& header, PacketPtr packet) {
  if (Foreign(session, header.source)) return DropData(Drop::kForeignSource);
  const bool server = session.spec().type == CommunicateType::kClientToServer;
  if (!server) session.LearnSource(header.source);
  TraceData(session.spec().peer_private,
            !server                            ? "received direct"
            : header.source == server_private_ ? "received from the server"
                                               : "received, relayed by the server",
            header, packet->data());
  Deliver(header, std::move(packet));
}

}  // namespace sw::dvpn
