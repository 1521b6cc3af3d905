#include "dvpn/server_maps.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/constants.h"

namespace sw::dvpn {
namespace {

using wire::Type;

std::string List(const wire::SuiteList& suites) {
  std::string out;
  for (std::size_t i = 0; i < suites.count; ++i) out += (i == 0 ? "" : ", ") + std::to_string(suites.numbers[i]);
  return out;
}

std::uint64_t RequestDigest(ByteView datagram, Endpoint from) {
  Bytes text;
  Writer w(text);
  w.U32(from.address.value);
  w.U16(from.port);
  w.Put(datagram);
  return Load64(hal::Sha256(text).data());
}

}  // namespace

wire::Terms TermsOf(const Policy& p) {
  wire::Terms out;
  out.session_suite = static_cast<std::uint8_t>(p.session_suite);
  out.data_suite = static_cast<std::uint8_t>(p.data_suite);
  out.keepalive = static_cast<std::uint16_t>(p.keepalive.count());
  out.setup_interval = static_cast<std::uint16_t>(p.setup_interval.count());
  out.idle = static_cast<std::uint32_t>(p.idle.count());
  out.sa_duration = static_cast<std::uint32_t>(p.sa_duration.count());
  return out;
}

// Outlives the tunnel when an authenticator answers late; then nobody reads it.
struct ServerMaps::Verdicts {
  std::vector<std::pair<std::uint64_t, Verdict>> list;
  TimerQueue* timers = nullptr;  // null once the tunnel is gone
  std::uint64_t timer = 0;
  std::function<void()> wake;
  bool in_call = false;
};

ServerMaps::ServerMaps(Core& core, const ServerSettings& settings, ServerMapsHost& host)
    : core_(core),
      settings_(settings),
      host_(host),
      cookies_(core.services.random),
      verdicts_(std::make_shared<Verdicts>()) {
  verdicts_->timers = &core.timers;
  verdicts_->timer = core.NewKey(Owner::kRegistration);
  verdicts_->wake = core.services.wake;
}

ServerMaps::~ServerMaps() {
  verdicts_->timers = nullptr;
}

Map* ServerMaps::Find(std::uint64_t key) const {
  const auto it = maps_.find(key);
  return it == maps_.end() ? nullptr : it->second.get();
}
Map* ServerMaps::FindRegistered(Ipv4 private_address) const {
  const auto it = by_private_.find(private_address);
  return it == by_private_.end() ? nullptr : it->second;
}

std::vector<const Map*> ServerMaps::all() const {
  std::vector<const Map*> out;
  out.reserve(maps_.size());
  for (const auto& [key, map] : maps_) out.push_back(map.get());
  std::sort(out.begin(), out.end(), [](const Map* a, const Map* b) {
    const bool a_open = a->state != MapState::kServerFinished, b_open = b->state != MapState::kServerFinished;
    return std::tuple(a_open, a->private_address, a->key) < std::tuple(b_open, b->private_address, b->key);
  });
  return out;
}

MapInfo ServerMaps::Info(const Map& map) const {
  MapInfo info;
  info.control_id = map.control_id;
  info.dvpn_id = map.state == MapState::kServerFinished ? settings_.dvpn_id : 0;
  info.tunnel = core_.settings.name;
  info.peer_private = map.private_address;
  info.local_private = core_.settings.address.address;
  info.peer_public = map.endpoint;
  info.local_public = core_.settings.local;
  info.peer_device_id = map.device_id;
  info.user_name = map.user_name;
  info.state = map.state;
  info.type = CommunicateType::kServerToClient;
  info.built = map.built;
  info.trail = map.trail;
  if (map.state != MapState::kServerFinished) {
    info.trail.timer = "map age-time";
    info.trail.timer_at = map.ages_at;
  }
  return info;
}

bool ServerMaps::Accepts(int number) const {
  const hal::Suite* suite = ControlSuite(number);
  if (suite == nullptr) return false;
  const auto& listed = settings_.accepted_suites;
  if (!listed.empty() && std::ranges::find(listed, number) == listed.end()) return false;
  const auto& have = core_.services.crypto.capabilities().transforms;
  return std::ranges::any_of(
      have, [&](const hal::Capability& c) { return c.cipher == suite->cipher && c.integrity == suite->integrity; });
}

void ServerMaps::OnFrame(const wire::Frame& frame, Endpoint from) {
  switch (frame.type) {
    case Type::kAlgReq:
      return OnAlgReq(frame, from);
    case Type::kKexReq:
      return OnKexReq(frame, from);
    case Type::kAuthReq:
    case Type::kRegReq:
    case Type::kRelease:
    case Type::kReleaseAck:
      break;
    case Type::kAlgRsp:
    case Type::kKexRsp:
    case Type::kAuthRsp:
    case Type::kRegRsp:
    case Type::kRefuse:
    case Type::kRedirect:
      return core_.Refuse(Drop::kWrongRole, from);
    default:
      return core_.Refuse(Drop::kUnknownChannel, from);
  }
  const auto it = by_channel_.find(frame.channel);
  if (it == by_channel_.end()) return core_.Refuse(Drop::kUnknownChannel, from);
  OnSealed(*it->second, frame, from);
}

void ServerMaps::SendRefuse(std::uint64_t client_id, const wire::Nonce& nonce, wire::Answer answer, Endpoint to) {
  core_.Send(to, wire::EncodeFrame(Type::kRefuse, client_id, 0, wire::Encode(wire::Refuse{nonce, answer})));
}

void ServerMaps::OnAlgReq(const wire::Frame& frame, Endpoint from) {
  const auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return core_.Refuse(Drop::kMalformed, from);
  const auto& request = std::get<wire::AlgReq>(*body);
  // Anybody can make a server do this much, so nothing is said unless somebody looks.
  const bool trace = core_.Wants(Topic::kRegister);
  if (trace) core_.Step(1, false, from.ToString(), "algorithm request, suites " + List(request.suites));
  const auto end = request.suites.numbers.begin() + request.suites.count;
  const auto chosen = std::find_if(request.suites.numbers.begin(), end, [this](int n) { return Accepts(n); });
  if (chosen == end) {
    core_.Refuse(Drop::kNoCommonSuite, from);
    return SendRefuse(frame.channel, request.nonce, wire::Answer::kNoCommonSuite, from);
  }
  wire::AlgRsp answer;
  answer.nonce = request.nonce;
  answer.suite = *chosen;
  answer.cookie = cookies_.Make(core_.now, {from, frame.channel, request.nonce, request.suites, *chosen});
  if (trace) core_.Step(2, true, from.ToString(), fmt::format("algorithm response, suite {}", *chosen));
  core_.Send(from, wire::EncodeFrame(Type::kAlgRsp, frame.channel, 0, wire::Encode(answer)));
}

void ServerMaps::OnKexReq(const wire::Frame& frame, Endpoint from) {
  // A map belongs to one request, byte for byte, and one endpoint: an altered copy of a request that passes on the way
  // gets a map of its own, within the bounds, and cannot stand in the way of the genuine one.
  const std::uint64_t digest = RequestDigest(frame.datagram, from);
  if (const auto known = by_request_.find(digest); known != by_request_.end()) {
    Map& map = *known->second;
    if (!std::ranges::equal(map.last_request, frame.datagram)) return core_.Refuse(Drop::kStaleRequest, from);
    core_.Count(Drop::kDuplicate);
    return core_.Send(from, map.last_answer);
  }
  const auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return core_.Refuse(Drop::kMalformed, from);
  const auto& request = std::get<wire::KexReq>(*body);
  if (!cookies_.Check(core_.now, {from, frame.channel, request.nonce, request.suites, request.suite}, request.cookie))
    return core_.Refuse(Drop::kBadCookie, from);
  if (!request.suites.Has(request.suite) || !Accepts(request.suite)) return core_.Refuse(Drop::kBadSuite, from);
  core_.Step(3, false, from.ToString(),
             fmt::format("key request, server authentication request: {}",
                         request.authenticate_server ? "pre-share" : "none"));
  if (request.authenticate_server && settings_.pre_shared_key.empty()) {
    core_.Refuse(Drop::kNoPreSharedKey, from);
    core_.Note(Topic::kError, What::kRefused, from.ToString(),
               "the client asks for server authentication, but no pre-shared key is configured");
    return SendRefuse(frame.channel, request.nonce, wire::Answer::kNoPreSharedKey, from);
  }
  const auto of_source = half_open_of_.find(from.address);
  const bool full = half_open_ >= kMaxHalfOpen, maps_full = maps_.size() >= kMaxMaps;
  if (full || maps_full || (of_source != half_open_of_.end() && of_source->second >= kMaxHalfOpenPerSource)) {
    core_.Refuse(full ? Drop::kHalfOpenFull : maps_full ? Drop::kMapsFull : Drop::kHalfOpenPerSource, from);
    return SendRefuse(frame.channel, request.nonce, wire::Answer::kBusy, from);
  }

  const hal::Suite& suite = *ControlSuite(request.suite);
  Random& random = core_.services.random;
  const hal::DhKey dh = hal::DhKey::Generate(suite.group, random);
  const auto secret = dh.Agree(request.public_value);
  if (!secret) return core_.Refuse(Drop::kBadPublicValue, from);
  wire::KexRsp answer;
  random.Fill(answer.nonce);
  answer.public_value.assign(dh.public_value().begin(), dh.public_value().end());
  const Bytes clear = wire::Encode(answer);
  // Steps 1 and 2 as the client must have seen them, rebuilt from what it repeats: its transcript has the real ones.
  const Bytes alg_req = wire::Encode(wire::AlgReq{request.nonce, request.suites});
  const Bytes alg_rsp = wire::Encode(wire::AlgRsp{request.nonce, request.suite, request.cookie});
  const ByteView parts[] = {alg_req, alg_rsp, frame.body, clear};
  const hal::Sha256Digest transcript = Transcript(parts);
  const ByteView psk = request.authenticate_server ? settings_.pre_shared_key.view() : ByteView();
  MapSecrets secrets = DeriveMap(suite, *secret, psk, request.nonce, answer.nonce, transcript);

  auto made = std::make_unique<Map>();
  Map& map = *made;
  map.key = core_.NewKey(Owner::kMap);
  map.client_id = frame.channel;
  map.endpoint = from;
  map.request = digest;
  map.suite = &suite;
  map.session_base = std::move(secrets.session_base);
  map.method = settings_.policy.authentication;
  const std::uint64_t id = secrets.channel.id;
  if (!by_channel_.try_emplace(id, &map).second) return;  // 64 bits of chance against us; the client tries again
  map.channel.emplace(suite, std::move(secrets.channel), false);
  maps_.emplace(map.key, std::move(made));
  by_request_.emplace(digest, &map);
  ++half_open_;
  ++half_open_of_[from.address];
  map.ages_at = core_.now + settings_.map_age;
  core_.timers.Set(map.key, map.ages_at);
  Heard(map, frame.type);

  wire::KexProof proof;
  if (request.authenticate_server) proof.mac = ServerProof(secrets.server_proof, transcript);
  proof.method = map.method;
  if (map.method == AuthMethod::kChap) {
    std::uint8_t chap[17];
    random.Fill(chap);
    map.chap_id = proof.chap_id = chap[0];
    map.challenge.assign(chap + 1, chap + 17);
    proof.challenge = map.challenge;
  }
  map.state = map.method == AuthMethod::kNone ? MapState::kServerInit : MapState::kServerAuthenInit;
  core_.Step(4, true, from.ToString(),
             fmt::format("key response {}, client authentication: {}, server authentication response: {}", suite.name,
                         Name(map.method), request.authenticate_server ? "sent" : "none"));
  map.last_request.assign(frame.datagram.begin(), frame.datagram.end());
  Bytes datagram = map.channel->SealUnder(map.client_id, Type::kKexRsp, clear, wire::Encode(proof), random);
  Answer(map, std::move(datagram));
}

void ServerMaps::Answer(Map& map, Bytes datagram) {
  map.last_answer = std::move(datagram);
  map.trail.sent = map.last_answer.size() > 5 ? map.last_answer[5] : 0;
  map.trail.sent_at = core_.now;
  core_.Send(map.endpoint, map.last_answer);
}

void ServerMaps::Heard(Map& map, Type type) {
  map.trail.heard = static_cast<std::uint8_t>(type);
  map.trail.heard_at = core_.now;
}

void ServerMaps::OnSealed(Map& map, const wire::Frame& frame, Endpoint from) {
  // A finished map is left from wherever its client is by now; until then client and endpoint belong together.
  if (map.state != MapState::kServerFinished && from != map.endpoint) return core_.Refuse(Drop::kWrongPeer, from);
  if (!map.last_request.empty() && std::ranges::equal(map.last_request, frame.datagram)) {
    if (map.waiting) return core_.Refuse(Drop::kDuplicateWaiting, from);
    core_.Count(Drop::kDuplicate);
    return core_.Send(map.endpoint, map.last_answer);
  }
  const auto opened = map.channel->Open(frame);
  if (!opened.ok) return core_.Refuse(opened.drop, from);
  auto body = wire::DecodeBody(frame.type, opened.plain.view());
  if (!body) return core_.Refuse(Drop::kMalformed, from);
  Heard(map, frame.type);
  if (frame.type == Type::kReleaseAck) return;
  if (frame.type == Type::kRelease) {
    core_.Send(from, map.channel->Seal(Type::kReleaseAck, {}, {}, core_.services.random));
    return Remove(map, "the client left the domain");
  }
  const bool authentication = frame.type == Type::kAuthReq;
  if (map.state != (authentication ? MapState::kServerAuthenInit : MapState::kServerInit) || map.waiting)
    return core_.Refuse(Drop::kOutOfState, from);
  map.last_request.assign(frame.datagram.begin(), frame.datagram.end());
  if (authentication) return OnAuthReq(map, std::get<wire::AuthReq>(std::move(*body)));
  OnRegReq(map, std::get<wire::RegReq>(*body));
}

void ServerMaps::OnAuthReq(Map& map, wire::AuthReq request) {
  core_.Step(5, false, map.endpoint.ToString(),
             fmt::format("client authentication, {}, user {}", Name(request.method), request.user_name));
  map.claimed_user = request.user_name;
  map.waiting = true;
  if (request.method != map.method) return OnVerdict(map, {false, "the client used another method than asked for"});
  Credentials credentials;
  credentials.method = request.method;
  credentials.user_name = std::move(request.user_name);
  credentials.isp_domain = settings_.policy.isp_domain;
  if (request.method == AuthMethod::kPap) {
    credentials.password = std::move(request.proof);
  } else {
    credentials.chap_id = map.chap_id;
    credentials.chap_challenge = map.challenge;
    credentials.chap_response.assign(request.proof.view().begin(), request.proof.view().end());
  }
  const std::uint64_t key = map.key;
  verdicts_->in_call = true;
  core_.services.authenticator.Authenticate(std::move(credentials), [key, box = verdicts_](Verdict verdict) {
    if (box->timers == nullptr) return;
    box->list.emplace_back(key, std::move(verdict));
    if (box->in_call) return;
    box->timers->Set(box->timer, Time{});
    if (box->wake) box->wake();
  });
  verdicts_->in_call = false;
  TakeVerdicts();
}

void ServerMaps::TakeVerdicts() {
  while (!verdicts_->list.empty()) {
    const auto list = std::exchange(verdicts_->list, {});
    for (const auto& [key, verdict] : list) {
      Map* map = Find(key);  // it may have aged out meanwhile
      if (map != nullptr && map->waiting) OnVerdict(*map, verdict);
    }
  }
}

void ServerMaps::OnVerdict(Map& map, const Verdict& verdict) {
  map.waiting = false;
  const auto result = verdict.accepted ? wire::Answer::kAccepted : wire::Answer::kBadCredentials;
  core_.Step(6, true, map.endpoint.ToString(), fmt::format("authentication result: {}", wire::Phrase(result)));
  Answer(map, map.channel->Seal(Type::kAuthRsp, {}, wire::Encode(wire::AuthRsp{result}), core_.services.random));
  if (verdict.accepted) {
    map.user_name = map.claimed_user;
    map.state = MapState::kServerInit;
    return;
  }
  // The map stays, deaf, until it ages out: its answer can be repeated, and guessing costs a whole registration.
  core_.Count(Drop::kAuthenticationRejected);
  map.state = MapState::kServerBegin;
  core_.Note(Topic::kError, What::kRefused, map.endpoint.ToString(),
             fmt::format("authentication of user {} failed: {}", map.claimed_user, verdict.reason));
}

wire::Answer ServerMaps::Admit(const Map& map, Ipv4 address) const {
  const Prefix& own = core_.settings.address;
  const bool host = own.length >= 31 || (address != own.network() && address != own.broadcast());
  if (!own.Contains(address) || !host || address == own.address) return wire::Answer::kOutsideNetwork;
  const Map* old = FindRegistered(address);
  if (old == nullptr) return wire::Answer::kAccepted;
  // Authenticated, the same user may come back and replace what it left behind. Without authentication nobody can
  // tell clients apart: the old registration yields when it is dead or came from the same place.
  const bool may = map.user_name.empty() && old->user_name.empty()
                       ? host_.EndpointOf(*old) == map.endpoint || !host_.HasLiveSession(*old)
                       : old->user_name == map.user_name;
  return may ? wire::Answer::kAccepted : wire::Answer::kAddressTaken;
}

void ServerMaps::OnRegReq(Map& map, const wire::RegReq& request) {
  const std::string peer = map.endpoint.ToString();
  core_.Step(7, false, peer,
             fmt::format("register request, private address {}, register type {}, device {}",
                         request.private_address.ToString(), Name(request.type), request.device_id));
  wire::RegRsp answer;
  answer.answer = Admit(map, request.private_address);
  if (answer.answer != wire::Answer::kAccepted) {
    core_.Count(Drop::kAddressRejected);
    core_.Step(8, true, peer, fmt::format("register response: {}", wire::Phrase(answer.answer)));
    Answer(map, map.channel->Seal(Type::kRegRsp, {}, wire::Encode(answer), core_.services.random));
    map.state = MapState::kServerBegin;
    core_.Note(
        Topic::kError, What::kRefused, peer,
        fmt::format("registration of {} refused: {}", request.private_address.ToString(), wire::Phrase(answer.answer)));
    return;
  }
  if (Map* old = FindRegistered(request.private_address)) Remove(*old, "the client registered again");
  map.type = request.type;
  map.private_address = request.private_address;
  map.local = request.local;
  map.device_id = request.device_id;
  map.control_id = ++last_control_id_;
  map.state = MapState::kServerFinished;
  map.built = core_.now;
  map.challenge.clear();
  by_private_[map.private_address] = &map;
  core_.timers.Erase(map.key);  // a finished map does not age
  FinishHalfOpen(map.endpoint);
  host_.OnMapFinished(map);

  answer.dvpn_id = static_cast<std::uint16_t>(settings_.dvpn_id);
  answer.control_id = map.control_id;
  answer.terms = TermsOf(settings_.policy);
  answer.server_private = core_.settings.address.address;
  answer.observed = map.endpoint;
  answer.device_id = wire::WireDeviceId(core_.settings.device_id);
  core_.Step(8, true, peer,
             fmt::format("register response, DVPN ID {}, control ID {}, session suite {}, data suite {}",
                         answer.dvpn_id, answer.control_id, answer.terms.session_suite, answer.terms.data_suite));
  Answer(map, map.channel->Seal(Type::kRegRsp, {}, wire::Encode(answer), core_.services.random));
  const std::string who = map.private_address.ToString();
  const MapInfo built = Info(map);
  core_.Note(Topic::kRegister, What::kMapBuilt, who,
             fmt::format("map built with {}{}{}", peer, map.user_name.empty() ? "" : ", user ", map.user_name), &built);
  if (map.suite->weak) core_.Note(Topic::kMisc, What::kNote, who, fmt::format("weak algorithms: {}", map.suite->name));
}

void ServerMaps::FinishHalfOpen(Endpoint source) {
  --half_open_;
  const auto it = half_open_of_.find(source.address);
  if (--it->second == 0) half_open_of_.erase(it);
}

void ServerMaps::OnTimer(std::uint64_t key) {
  Map* map = Find(key);
  if (map == nullptr) return;  // the verdicts' timer; they are taken at the end of the call
  core_.Count(Drop::kMapAged);
  Remove(*map, "the registration was not finished in time");
}

void ServerMaps::ForgetAnswer(Map& map) {
  map.last_request = {};
  map.last_answer = {};
}

void ServerMaps::Remove(Map& map, const std::string& why, std::optional<wire::Release> tell) {
  if (tell && map.state == MapState::kServerFinished)
    core_.Send(host_.EndpointOf(map),
               map.channel->Seal(Type::kRelease, {}, wire::Encode(*tell), core_.services.random));
  core_.timers.Erase(map.key);
  by_channel_.erase(map.channel->id());
  by_request_.erase(map.request);
  if (map.state != MapState::kServerFinished) {
    FinishHalfOpen(map.endpoint);
  } else {
    by_private_.erase(map.private_address);
    const MapInfo removed = Info(map);
    core_.Note(Topic::kRegister, What::kMapRemoved, map.private_address.ToString(), "map removed: " + why, &removed);
    host_.OnMapRemoved(map, why);
  }
  maps_.erase(map.key);
}

}  // namespace sw::dvpn
