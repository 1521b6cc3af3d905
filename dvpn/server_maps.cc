#include "dvpn/server_maps.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/constants.h"
#include "dvpn/parts.h"
#include "dvpn/terms.h"

namespace sw::dvpn {

using table::Outcome;
using table::ServerAction;
using table::ServerInput;
using table::ServerRow;
using wire::Type;
using Said = wire::Answer;

namespace {

struct InputOf {
  Type type;
  ServerInput input;
};
constexpr InputOf kInputs[] = {
    {Type::kAlgReq, ServerInput::kAlgReq},   {Type::kKexReq, ServerInput::kKexReq},
    {Type::kAuthReq, ServerInput::kAuthReq}, {Type::kRegReq, ServerInput::kRegReq},
    {Type::kRefuse, ServerInput::kRefuse},   {Type::kAbort, ServerInput::kAbort},
    {Type::kRelease, ServerInput::kRelease}, {Type::kReleaseAck, ServerInput::kReleaseAck},
};

bool ForClients(Type type) {
  return type == Type::kAlgRsp || type == Type::kKexRsp || type == Type::kAuthRsp || type == Type::kRegRsp ||
         type == Type::kRedirect || type == Type::kKexRspPart;
}

std::string_view AgedOut(ServerRow row) {
  switch (row) {
    case ServerRow::kRefused:
      return "the client was refused";
    case ServerRow::kUnproven:
      return "the client did not open its session in time";
    default:
      return "the registration was not finished in time";
  }
}

// As long as a client may take for its session: the quick repetitions and one more.
Duration SetupTime(const Policy& policy) {
  Duration out = policy.setup_interval;
  for (const milliseconds wait : kSetupResend) out += wait;
  return out;
}

}  // namespace

struct ServerMaps::Request {
  const wire::Frame* frame = nullptr;  // null: nothing came
  Endpoint from;
  std::optional<wire::Body> body = {};  // of a sealed message and of REFUSE
  Refusal refusal = {};                 // what is wrong with it; or why the map goes
};

ServerMaps::ServerMaps(Core& core, const ServerSettings& settings, ServerMapsHost& host)
    : core_(core),
      settings_(settings),
      host_(host),
      exchange_(core, settings, guesses_),
      users_(core, settings, guesses_),
      admission_(core, settings, host, maps_),
      refuser_(core) {}

// ---------------------------------------------------------------------------------------------- the table

void ServerMaps::Feed(Map* map, ServerInput input, Request& request) {
  const ServerRow row = map == nullptr ? ServerRow::kNone : map->row;
  const ServerAction action = table::server::kTable.At(row, input);
  const std::uint64_t key = map == nullptr ? 0 : map->key;
  const Outcome outcome = Act(action, map, request);
  const ServerRow after = table::After(row, Of(action), outcome);
  map = maps_.Find(key);
  if (map == nullptr) return;
  if (after == ServerRow::kNone) return Remove(*map, request.refusal.why);
  if (after == ServerRow::kRefused && map->row != ServerRow::kRefused) Age(*map, kRefusedMap);
  map->row = after;
}

Outcome ServerMaps::Act(ServerAction action, Map* map, Request& request) {
  switch (action) {
    case ServerAction::kNone:
    case ServerAction::kDrop:
      if (request.frame != nullptr && request.frame->type != Type::kReleaseAck)
        core_.Refuse(map == nullptr ? Drop::kUnknownChannel : Drop::kOutOfState, request.from);
      break;
    case ServerAction::kApart:
    case ServerAction::kChoose:
      Choose(request);
      break;
    case ServerAction::kAgree:
      Agree(request);
      break;
    case ServerAction::kAsk:
      map->last_request.assign(request.frame->datagram.begin(), request.frame->datagram.end());
      users_.Ask(*map, std::get<wire::AuthReq>(std::move(*request.body)));
      break;
    case ServerAction::kWait:
      core_.Refuse(Drop::kDuplicateWaiting, request.from);
      break;
    case ServerAction::kAdmit:
      map->last_request.assign(request.frame->datagram.begin(), request.frame->datagram.end());
      return Admit(*map, std::get<wire::RegReq>(*request.body));
    case ServerAction::kPass:
      map->user_name = map->claimed_user;
      Pass(*map, Said::kAccepted);
      break;
    case ServerAction::kReject:
      refuser_.Note(map->endpoint, request.refusal, map);
      Pass(*map, request.refusal.answer);
      break;
    case ServerAction::kRepeat:
      core_.Count(Drop::kDuplicate);
      SendWhole(core_, map->endpoint, map->last_answer, map->nonce);
      break;
    case ServerAction::kRefuse:
      refuser_.Send(*request.frame, map, request.refusal, request.from);
      break;
    case ServerAction::kProve: {
      map->last_request = {};
      map->last_answer = {};
      map->ages_at = Time::Never();
      core_.timers.Erase(map->key);
      map->row = ServerRow::kFinished;
      const MapInfo built = Info(*map);
      core_.Note(Topic::kRegister, What::kMapBuilt, map->private_address.ToString(),
                 fmt::format("map built with {}{}{}", map->endpoint.ToString(), map->user_name.empty() ? "" : ", user ",
                             map->user_name),
                 &built);
      weak_.Say(core_, map->endpoint, map->private_address, *map->suite, TermsOf(settings_.policy));
      break;
    }
    case ServerAction::kEnd:
      break;
    case ServerAction::kLeft:
      core_.Send(request.from, map->channel->Seal(Type::kReleaseAck, {}, {}, core_.services.random));
      break;
  }
  return Outcome::kNext;
}

// ---------------------------------------------------------------------------------------------- what comes

void ServerMaps::OnPart(const wire::Frame& frame, Endpoint from) {
  const auto taken = exchange_.TakePart(frame, from);
  if (const Drop* why = std::get_if<Drop>(&taken)) return core_.Refuse(*why, from);
  if (const auto* no = std::get_if<Refusal>(&taken)) return refuser_.Send(frame, nullptr, *no, from);
  const auto whole = wire::DecodeFrame(std::get<Bytes>(taken));
  if (const auto* message = std::get_if<wire::Frame>(&whole)) OnFrame(*message, from);
}

void ServerMaps::OnFrame(const wire::Frame& frame, Endpoint from) {
  if (frame.type == Type::kKexReqPart) return OnPart(frame, from);
  const auto known = std::ranges::find(kInputs, frame.type, &InputOf::type);
  if (known == std::end(kInputs))
    return core_.Refuse(ForClients(frame.type) ? Drop::kWrongRole : Drop::kUnknownChannel, from);
  Request request{&frame, from};
  switch (frame.type) {
    case Type::kAlgReq:
      return Feed(nullptr, known->input, request);
    case Type::kKexReq: {
      // A map belongs to one request, byte for byte, and one endpoint: an altered copy of a request that passes on the
      // way gets a map of its own, within the bounds, and cannot stand in the way of the genuine one.
      Map* map = maps_.OfRequest(RequestDigest(frame.datagram, from));
      if (map == nullptr) return Feed(nullptr, known->input, request);
      if (!std::ranges::equal(map->last_request, frame.datagram)) return core_.Refuse(Drop::kStaleRequest, from);
      return Feed(map, ServerInput::kSame, request);
    }
    case Type::kRefuse:
      return OnClearRefuse(frame, from);
    default:
      break;
  }
  if (Map* map = maps_.OfChannel(frame.channel)) return OnSealed(*map, frame, from, known->input);
  // A registration that this server has forgotten, or never had: whoever has begun it is told to begin anew.
  request.refusal = {Said::kUnknown, "it goes on with a registration that is not known here"};
  Feed(nullptr, known->input, request);
}

void ServerMaps::OnSealed(Map& map, const wire::Frame& frame, Endpoint from, ServerInput input) {
  // A finished map is left from wherever its client is by now; until then client and endpoint belong together.
  if (!map.finished() && from != map.endpoint) return core_.Refuse(Drop::kWrongPeer, from);
  Request request{&frame, from};
  if (!map.last_request.empty() && std::ranges::equal(map.last_request, frame.datagram))
    return Feed(&map, ServerInput::kSame, request);
  const bool step = frame.type == Type::kAuthReq || frame.type == Type::kRegReq;
  const std::size_t clear = step ? wire::kNonceBytes : 0;
  auto opened = map.channel->Open(frame, clear);
  if (opened.ok) request.body = wire::DecodeBody(frame.type, opened.plain.view());
  const Drop why = opened.ok ? Drop::kMalformed : opened.drop;
  if (!request.body) {
    core_.Refuse(why, from);
    if (!step || (why != Drop::kMalformed && why != Drop::kForged) || frame.body.size() < clear ||
        !std::ranges::equal(frame.body.first(clear), map.nonce))
      return;
    request.refusal = {
        why == Drop::kForged ? Said::kNotVerified : Said::kMalformed,
        fmt::format("its {} does not {}", wire::Name(frame.type), why == Drop::kForged ? "verify" : "parse")};
    return Feed(&map, ServerInput::kBad, request);
  }
  map.trail.heard = static_cast<std::uint8_t>(frame.type);
  map.trail.heard_at = core_.now;
  if (!std::exchange(map.keyed, true)) guesses_.Forgive(core_.now, from.address);
  if (frame.type == Type::kRelease) request.refusal.why = "the client left the domain";
  if (frame.type == Type::kAbort) {
    const Said answer = std::get<wire::Abort>(*request.body).answer;
    request.refusal = {answer, fmt::format("the client refused: {}", wire::Phrase(answer))};
    refuser_.Note(from, request.refusal, &map);
  }
  Feed(&map, input, request);
}

// A client that could not agree on keys says so in the clear, with the nonce of its exchange. Of steps 1 and 2 nothing
// is kept: what is said of them is only logged.
void ServerMaps::OnClearRefuse(const wire::Frame& frame, Endpoint from) {
  const auto body = wire::DecodeBody(frame.type, frame.body);
  if (!body) return core_.Refuse(Drop::kMalformed, from);
  const auto& m = std::get<wire::Refuse>(*body);
  Request request{&frame, from};
  request.refusal = {m.answer, fmt::format("the client refused: {} (not authenticated)", wire::Phrase(m.answer))};
  const std::vector<Map*> maps = maps_.OfNonce(m.nonce);
  if (maps.empty()) return refuser_.Note(from, request.refusal, nullptr);
  for (Map* map : maps) {
    if (map->client_id != frame.channel || map->endpoint != from) {
      core_.Refuse(Drop::kBadNonce, from);
      continue;
    }
    if (table::server::kTable.At(map->row, ServerInput::kRefuse) == ServerAction::kEnd)
      refuser_.Note(from, request.refusal, map);
    Feed(map, ServerInput::kRefuse, request);
  }
}

// ---------------------------------------------------------------------------------------------- the steps

void ServerMaps::Choose(Request& request) {
  auto chosen = exchange_.Choose(*request.frame, request.from);
  if (auto* no = std::get_if<Refusal>(&chosen)) return refuser_.Send(*request.frame, nullptr, *no, request.from);
  core_.Send(request.from,
             wire::EncodeFrame(Type::kAlgRsp, request.frame->channel, 0, wire::Encode(std::get<wire::AlgRsp>(chosen))));
}

void ServerMaps::Agree(Request& request) {
  if (maps_.size() >= kMaxMaps)
    return refuser_.Send(*request.frame, nullptr, {Said::kBusy, "there are too many maps"}, request.from);
  auto agreed = exchange_.Agree(*request.frame, request.from);
  if (auto* no = std::get_if<Refusal>(&agreed)) return refuser_.Send(*request.frame, nullptr, *no, request.from);
  auto& made = std::get<std::unique_ptr<Map>>(agreed);
  made->key = core_.NewKey(Owner::kMap);
  const auto& after = Of(ServerAction::kAgree);
  made->row = made->method == AuthMethod::kNone ? after.other : after.next;
  made->trail.heard = static_cast<std::uint8_t>(Type::kKexReq);
  made->trail.heard_at = core_.now;
  const auto oldest = half_open_.Add(made->key, request.from.address);
  if (Map* goes = oldest ? maps_.Find(*oldest) : nullptr) {
    core_.Count(Drop::kHalfOpenEvicted);
    refuser_.Unfinished(*goes);
    Remove(*goes, "it gave its place to a newer registration");
  }
  Map& map = maps_.Add(std::move(made));
  guesses_.Charge(core_.now, request.from.address);
  Age(map, settings_.map_age);
  Answer(map, std::move(map.last_answer));
}

void ServerMaps::Age(Map& map, Duration after) {
  map.ages_at = core_.now + after;
  core_.timers.Set(map.key, map.ages_at);
}

void ServerMaps::Answer(Map& map, Bytes datagram) {
  map.last_answer = std::move(datagram);
  map.trail.sent = map.last_answer.size() > 5 ? map.last_answer[5] : 0;
  map.trail.sent_at = core_.now;
  SendWhole(core_, map.endpoint, map.last_answer, map.nonce);
}

void ServerMaps::TakeVerdicts() {
  for (auto list = users_.Take(); !list.empty(); list = users_.Take()) {
    for (const auto& [key, verdict, answer] : list) {
      Map* map = maps_.Find(key);  // it may have aged out meanwhile
      if (map == nullptr) continue;
      map->property = verdict.property;
      Request request{nullptr, map->endpoint};
      request.refusal = {
          answer, fmt::format("authentication of user {} failed: {}", map->claimed_user, verdict.reason)};
      Feed(map, verdict.accepted ? ServerInput::kAccepted : ServerInput::kRejected, request);
    }
  }
}

void ServerMaps::Pass(Map& map, Said answer) {
  core_.Step(6, true, map.endpoint.ToString(), fmt::format("authentication result: {}", wire::Phrase(answer)));
  Answer(map, map.channel->Seal(Type::kAuthRsp, {}, wire::Encode(wire::AuthRsp{answer}), core_.services.random));
}

Outcome ServerMaps::Admit(Map& map, const wire::RegReq& request) {
  const std::string peer = map.endpoint.ToString();
  core_.Step(7, false, peer,
             fmt::format("register request, private address {}, register type {}, device {}",
                         request.private_address.ToString(), Name(request.type), request.device_id));
  wire::RegRsp answer;
  if (const auto no = admission_.Judge(map, request.private_address)) {
    answer.answer = no->answer;
    core_.Step(8, true, peer, fmt::format("register response: {}", wire::Phrase(answer.answer)));
    Answer(map, map.channel->Seal(Type::kRegRsp, {}, wire::Encode(answer), core_.services.random));
    refuser_.Note(map.endpoint, *no, &map);
    return Outcome::kOther;
  }
  if (Map* old = maps_.OfPrivate(request.private_address)) Remove(*old, "the client registered again");
  map.type = request.type;
  map.private_address = request.private_address;
  map.local = request.local;
  map.device_id = request.device_id;
  map.control_id = ++last_control_id_;
  map.built = core_.now;
  map.chap = SecretBytes();
  map.row = ServerRow::kUnproven;
  maps_.Register(map);
  admission_.Take(map);
  half_open_.Remove(map.key, map.endpoint.address);
  Age(map, SetupTime(settings_.policy));
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
  return Outcome::kNext;
}

void ServerMaps::OnProven(Map& map) {
  if (!map.user_name.empty()) guesses_.Succeeded(map.user_name, map.endpoint.address);
  Request request;
  Feed(&map, ServerInput::kProven, request);
}

void ServerMaps::OnTimer(std::uint64_t key) {
  Map* map = maps_.Find(key);
  if (map == nullptr) return;  // the verdicts' timer; they are taken at the end of the call
  core_.Count(map->finished() ? Drop::kMapUnproven : Drop::kMapAged);
  refuser_.Unfinished(*map);
  Request request;
  request.refusal.why = AgedOut(map->row);
  Feed(map, ServerInput::kAge, request);
}

void ServerMaps::Remove(Map& map, const std::string& why, std::optional<wire::Release> tell) {
  if (tell && map.finished())
    core_.Send(host_.EndpointOf(map),
               map.channel->Seal(Type::kRelease, {}, wire::Encode(*tell), core_.services.random));
  core_.timers.Erase(map.key);
  half_open_.Remove(map.key, map.endpoint.address);
  if (map.finished()) {
    admission_.Leave(map);
    const MapInfo removed = Info(map);
    const bool told = map.row == ServerRow::kFinished;  // of its building
    core_.Note(Topic::kRegister, told ? What::kMapRemoved : What::kNote, map.private_address.ToString(),
               "map removed: " + why, told ? &removed : nullptr);
    host_.OnMapRemoved(map, why);
  }
  maps_.Erase(map);
}

}  // namespace sw::dvpn
