#include "dvpn/registration.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/constants.h"

namespace sw::dvpn {

using table::ClientAction;
using table::ClientInput;
using table::ClientRow;
using table::Outcome;
using wire::Answer;
using wire::Type;

namespace {

struct InputOf {
  Type type;
  ClientInput input;
};
constexpr InputOf kInputs[] = {
    {Type::kAlgRsp, ClientInput::kAlgRsp},         {Type::kKexRsp, ClientInput::kKexRsp},
    {Type::kAuthRsp, ClientInput::kAuthRsp},       {Type::kRegRsp, ClientInput::kRegRsp},
    {Type::kRefuse, ClientInput::kRefuse},         {Type::kRelease, ClientInput::kRelease},
    {Type::kReleaseAck, ClientInput::kReleaseAck},
};

bool ForServers(Type type) {
  return type == Type::kAlgReq || type == Type::kKexReq || type == Type::kAuthReq || type == Type::kRegReq ||
         type == Type::kAbort || type == Type::kKexReqPart;
}

// A moment within a time, each client's own, so that the clients of a server that comes back do not all arrive at once.
// Multiples of the golden ratio lie as far from each other as may be, and the addresses of one network are multiples.
Duration Share(Duration whole, Ipv4 own) {
  constexpr std::uint32_t kGolden = 0x9e3779b9;
  return whole / 1024 * (1 + (own.value * kGolden >> 22));
}

}  // namespace

Registration::Registration(Core& core, const ClientSettings& settings)
    : core_(core),
      settings_(settings),
      server_{settings.server_public, settings.server_port},
      timer_(core.NewKey(Owner::kRegistration)),
      exchange_(core, settings) {}

void Registration::Begin() {
  attempts_ = 0;
  Feed(ClientInput::kBegin);
}

void Registration::OnChange() {
  if (row_ != ClientRow::kInit || next_attempt_ == Time::Never()) return;
  Begin();
}

void Registration::Reset(std::string why, ComeBack when) {
  if (row_ == ClientRow::kSuccess) {
    const MapInfo removed = info();
    core_.Note(Topic::kRegister, What::kMapRemoved, server_private().ToString(), "map removed: " + why, &removed);
  }
  last_error_ = std::move(why);
  Feed(ClientInput::kLeave);
  attempts_ = 0;
  persistent_until_ = when == ComeBack::kAtOnce ? core_.now + kServerReturn : Time{};
  if (when == ComeBack::kNever) return;
  Wait(Share(when == ComeBack::kAtOnce ? Duration(kReturnResend) : settings_.register_interval,
             core_.settings.address.address));
}

// Everything an attempt knows goes; the identifier and the nonce of the next one are fresh.
void Registration::Clear() {
  exchange_.Clear();
  answer_ = {};
  Wipe(last_);
  last_.clear();
  doubt_.reset();
  send_error_.clear();
  next_send_ = attempt_ends_ = doubt_ends_ = next_attempt_ = Time::Never();
  core_.timers.Erase(timer_);
}

void Registration::Arm() {
  core_.timers.Set(timer_, std::min({next_send_, attempt_ends_, doubt_ends_, next_attempt_}));
}

void Registration::Wait(Duration wait) {
  next_attempt_ = core_.now + wait;
  Arm();
}

// ---------------------------------------------------------------------------------------------- the table

void Registration::Feed(ClientInput input, const Heard* heard) {
  const ClientAction action = table::client::kTable.At(row_, input);
  const auto outcome = Act(action, heard);
  if (!outcome) return Feed(WrongAnswer());
  if (*outcome == Outcome::kError) Fail();
  const ClientRow after = table::After(row_, Of(action), *outcome);
  const bool built = after == ClientRow::kSuccess && row_ != ClientRow::kSuccess;
  row_ = after;
  if (built) Built();
}

std::optional<Outcome> Registration::Act(ClientAction action, const Heard* heard) {
  switch (action) {
    case ClientAction::kNone:
    case ClientAction::kDrop:
      if (heard != nullptr && heard->frame.type != Type::kReleaseAck) core_.Refuse(Drop::kOutOfState, server_);
      break;
    case ClientAction::kOffer:
      Offer();
      break;
    case ClientAction::kAskKey:
      return Take(exchange_.OnAlgRsp(heard->frame));
    case ClientAction::kProve:
      return Take(exchange_.OnKexRsp(heard->frame));
    case ClientAction::kInform:
      return Take(exchange_.OnAuthRsp(std::get<wire::AuthRsp>(*heard->body)));
    case ClientAction::kFinish:
      if (auto no = exchange_.OnRegRsp(std::get<wire::RegRsp>(*heard->body))) return Refuse(std::move(*no));
      answer_ = std::get<wire::RegRsp>(*heard->body);
      break;
    case ClientAction::kDoubt:
      doubt_ends_ = std::min(doubt_ends_, core_.now + kDoubt);
      Arm();
      break;
    case ClientAction::kRepeat:
      Repeat();
      break;
    case ClientAction::kFail: {
      const Answer answer = std::get<wire::Refuse>(*heard->body).answer;
      return Refuse({answer, fmt::format("the server refused: {} (not authenticated)", wire::Phrase(answer)),
                     !exchange_.keyed()});
    }
    case ClientAction::kGiveUp:
      return GiveUp();
    case ClientAction::kPart:
      core_.Send(server_, exchange_.Sealed(Type::kReleaseAck, {}));
      released_ = std::get<wire::Release>(*heard->body);
      break;
    case ClientAction::kRest:
      Clear();
      break;
  }
  return Outcome::kNext;
}

void Registration::Offer() {
  Clear();
  ++attempts_;
  silent_ = false;
  trail_ = {};
  attempt_ends_ = std::max(core_.now + kAttemptLimit, persistent_until_);
  Send(exchange_.Offer());
}

void Registration::Doubtful(Doubt doubt) {
  core_.Refuse(doubt.drop, server_);
  doubt_ = std::move(doubt);
}

// It may be an altered copy that overtook the genuine one. A wrong proof may as well be a guess of the pre-shared key
// by who poses as the server: there is no third in one exchange.
ClientInput Registration::WrongAnswer() {
  if (doubt_->drop == Drop::kBadServerProof) ++wrong_proofs_;
  return wrong_proofs_ < kWrongProofs ? ClientInput::kBad : ClientInput::kDoubt;
}

std::optional<Outcome> Registration::Take(Reply reply) {
  if (auto* doubt = std::get_if<Doubt>(&reply)) {
    Doubtful(std::move(*doubt));
    return std::nullopt;
  }
  if (auto* refusal = std::get_if<Refusal>(&reply)) return Refuse(std::move(*refusal));
  attempt_ends_ = std::min(attempt_ends_, core_.now + kAttemptLimit);
  Send(std::get<Bytes>(std::move(reply)));
  return row_ == ClientRow::kKexReq && !exchange_.authenticates() ? Outcome::kOther : Outcome::kNext;
}

Outcome Registration::Refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  if (!refusal_.by_peer) core_.Send(server_, exchange_.GiveUp(refusal_.answer));
  return Outcome::kError;
}

// Tells the server, if it may hold something for this client.
Outcome Registration::GiveUp() {
  Refusal why{Answer::kGaveUp, fmt::format("no answer from the server in state {}", Name(state()))};
  if (row_ == ClientRow::kAlgReq) why.why = "no answer from the server";
  if (!send_error_.empty()) why.why = "nothing can be sent to the server: " + send_error_;
  if (doubt_) why = {doubt_->answer, doubt_->why};
  why.by_peer = row_ == ClientRow::kAlgReq && !doubt_;
  return Refuse(std::move(why));
}

void Registration::Built() {
  attempts_ = 0;
  last_.clear();
  doubt_.reset();
  next_send_ = attempt_ends_ = doubt_ends_ = Time::Never();
  persistent_until_ = {};
  last_error_.clear();
  send_error_.clear();
  core_.timers.Erase(timer_);
  built_ = core_.now;
  newly_registered_ = true;
  const MapInfo built = info();
  core_.Note(Topic::kRegister, What::kMapBuilt, server_private().ToString(),
             fmt::format("map built with {}, DVPN ID {}", Peer(), answer_.dvpn_id), &built);
  weak_.Say(core_, server_, server_private(), *hal::FindSuite(settings_.suite), answer_.terms);
}

// ---------------------------------------------------------------------------------------------- messages and time

void Registration::Send(Bytes datagram) {
  Wipe(last_);  // a sealed message is no secret, but keep nothing longer than needed
  last_ = std::move(datagram);
  sends_ = 0;
  wrong_proofs_ = 0;
  doubt_.reset();
  doubt_ends_ = Time::Never();
  Repeat();
}

void Registration::Repeat() {
  exchange_.Send(server_, last_);
  const bool first_step = last_.size() > 5 && last_[5] == static_cast<std::uint8_t>(Type::kAlgReq);
  if (first_step && sends_ >= kSendsBeforeOldVersion && !persistent()) core_.Send(server_, exchange_.OldOffer());
  trail_.sent = last_.size() > 5 ? last_[5] : 0;
  trail_.sent_at = core_.now;
  milliseconds wait = kRegisterResend[std::min(sends_, kRegisterResend.size() - 1)];
  if (persistent()) wait = first_step ? kReturnResend : std::min(wait, kReturnResend);
  next_send_ = core_.now + wait;
  ++sends_;
  Arm();
}

void Registration::OnTimer() {
  if (core_.now >= next_attempt_) return Feed(ClientInput::kBegin);
  if (core_.now >= doubt_ends_) return Feed(ClientInput::kDoubt);
  if (core_.now >= attempt_ends_) return Feed(ClientInput::kLimit);
  if (core_.now >= next_send_) return Feed(ClientInput::kResend);
  Arm();
}

void Registration::OnSendFailed(std::string words) {
  if (row_ == ClientRow::kInit || row_ == ClientRow::kSuccess) return;
  send_error_ = std::move(words);
}

void Registration::Fail() {
  const bool dumb = attempts_ > settings_.register_retry;
  const seconds wait = dumb ? settings_.register_dumb : settings_.register_interval;
  core_.Note(Topic::kError, What::kRefused, Peer(),
             fmt::format("registration failed in state {}: {}; next attempt in {} s", Name(state()), refusal_.why,
                         wait.count()));
  Clear();
  last_error_ = std::exchange(refusal_, {}).why;
  persistent_until_ = {};
  silent_ = dumb;
  if (dumb) attempts_ = 0;
  Wait(wait);
}

void Registration::OnPart(const wire::Frame& frame, Endpoint from) {
  if (from != server_) return core_.Refuse(Drop::kWrongPeer, from);
  const auto taken = exchange_.TakePart(frame, from);
  if (const Drop* why = std::get_if<Drop>(&taken)) return core_.Refuse(*why, from);
  const auto whole = wire::DecodeFrame(std::get<Bytes>(taken));
  if (const auto* message = std::get_if<wire::Frame>(&whole)) OnFrame(*message, from);
}

void Registration::OnFrame(const wire::Frame& frame, Endpoint from) {
  if (frame.type == Type::kKexRspPart) return OnPart(frame, from);
  const auto known = std::ranges::find(kInputs, frame.type, &InputOf::type);
  if (known == std::end(kInputs))
    return core_.Refuse(ForServers(frame.type) ? Drop::kWrongRole : Drop::kUnknownChannel, from);
  if (from != server_) return core_.Refuse(Drop::kWrongPeer, from);
  if (!exchange_.Mine(frame)) return core_.Refuse(Drop::kUnknownChannel, from);
  const bool awaited = table::client::kTable.At(row_, known->input) != ClientAction::kDrop;
  auto read = exchange_.Open(frame);
  if (const Drop* why = std::get_if<Drop>(&read)) {
    const bool stranger = frame.type == Type::kRefuse || frame.type == Type::kRelease || *why == Drop::kReplayed ||
                          *why == Drop::kTooOld || !awaited;
    if (stranger) return core_.Refuse(*why, from);
    Doubtful({*why, Answer::kNotVerified,
              fmt::format("the answer of the server in state {} does not verify", Name(state()))});
    return Feed(WrongAnswer());
  }
  const Heard heard{frame, std::get<0>(std::move(read))};
  if (awaited || heard.body) {
    trail_.heard = static_cast<std::uint8_t>(frame.type);
    trail_.heard_at = core_.now;
  }
  Feed(known->input, &heard);
}

// Only a server that saw the request knows the identifier.
void Registration::OnOtherVersion(std::uint8_t version, ByteView datagram, Endpoint from) {
  const wire::Frame frame{Type::kAlgRsp, Load64(datagram.data() + 8), 0, datagram, {}};
  if (from != server_ || row_ != ClientRow::kAlgReq || !exchange_.Mine(frame))
    return core_.Refuse(Drop::kBadVersion, from);
  Doubtful({Drop::kBadVersion, Answer::kGaveUp,
            fmt::format("the server speaks version {} of the protocol, this device speaks version {}", version,
                        wire::kVersion)});
  Feed(WrongAnswer());
}

void Registration::SendRelease() {
  if (exchange_.keyed()) core_.Send(server_, exchange_.Sealed(Type::kRelease, wire::Encode(wire::Release{})));
}

MapInfo Registration::info() const {
  MapInfo out;
  const bool registered = row_ == ClientRow::kSuccess;
  out.control_id = answer_.control_id;
  out.suite = registered ? settings_.suite : 0;
  out.dvpn_id = answer_.dvpn_id;
  out.tunnel = core_.settings.name;
  out.peer_private = registered ? answer_.server_private : settings_.server_private;
  out.local_private = core_.settings.address.address;
  out.peer_public = server_;
  out.local_public = core_.settings.local;
  out.peer_device_id = answer_.device_id;
  out.user_name = exchange_.user_name();
  out.state = state();
  out.type = CommunicateType::kClientToServer;
  out.built = built_;
  out.last_error = last_error_;
  out.send_error = send_error_;
  out.attempts = attempts_;
  out.trail = trail_;
  if (next_attempt_ != Time::Never()) {
    out.trail.timer = silent_ ? "register-dumb" : "register-interval";
    out.trail.timer_at = next_attempt_;
  } else if (next_send_ != Time::Never()) {
    out.trail.timer = attempt_ends_ <= next_send_ ? "limit of the attempt" : "sending again";
    out.trail.timer_at = std::min(next_send_, attempt_ends_);
  }
  return out;
}

}  // namespace sw::dvpn
