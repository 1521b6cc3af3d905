#include "dvpn/session.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/constants.h"

namespace sw::dvpn {

Session::Session(Core& core, SessionIndex& index, std::uint64_t key, SessionSpec spec)
    : context_(core, key, std::move(spec)),
      keys_(context_, index, *this),
      path_(context_, keys_, context_.spec.candidates.front()),
      exchange_(context_, keys_, path_),
      traffic_(core.now, std::chrono::seconds(context_.spec.terms.keepalive),
               context_.spec.type == CommunicateType::kClientToServer),
      release_(context_),
      // Without an integrity check a data packet says nothing about who sent it.
      data_proves_(hal::FindSuite(context_.spec.terms.data_suite)->integrity != hal::Integrity::kNone) {}

Session::~Session() {
  path_.Hide();
  context_.core.timers.Erase(key());
}

// ---------------------------------------------------------------------------------------------- messages

ControlChannel* Session::FindChannel(std::uint64_t id) {
  ControlChannel* pending = exchange_.channel();
  return pending != nullptr && pending->id() == id ? pending : keys_.Find(id);
}

std::optional<wire::Redirect> Session::OnFrame(const wire::Frame& frame, Endpoint from) {
  using wire::Type;
  ControlChannel* channel = FindChannel(frame.channel);
  const auto refuse = [&](Drop why) {
    context_.core.Refuse(why, from);
    return std::nullopt;
  };
  if (channel == nullptr) return refuse(Drop::kUnknownChannel);
  if (!spec().roams && from != peer()) return refuse(Drop::kWrongPeer);
  if (exchange_.AnswerAgain(frame, from)) return std::nullopt;
  const bool setup = frame.type == Type::kSetupReq || frame.type == Type::kSetupRsp || frame.type == Type::kProbe;
  if (setup != (channel == &keys_.base())) return refuse(Drop::kOutOfState);
  std::size_t filler = 0;
  if (frame.type == Type::kPathProbe) {
    const auto bytes = wire::PathFillerBytes(frame.body);
    if (!bytes) return refuse(Drop::kMalformed);
    filler = *bytes;
  }
  ControlChannel::Opened opened = channel->Open(frame, filler);
  if (!opened.ok) return refuse(opened.drop);
  auto body = wire::DecodeBody(frame.type, opened.plain.view());
  if (!body) return refuse(Drop::kMalformed);

  if (phase_ == Phase::kClosing) {
    OnClosing(frame.type, *channel);
    return std::nullopt;
  }
  if (channel == exchange_.channel()) {
    if (!exchange_.Proves(*body, frame.type, from)) return std::nullopt;
    Promote();  // sealed with the new keys: the peer has them, and what it sends arrives
    channel = &keys_.current()->channel;
  }
  context_.Heard(frame.type);
  // An end that has just moved may hear of its peer from behind a NAT that lets no other answer in.
  const bool moved = path_.doubtful() && opened.newest;
  if (!setup) {
    traffic_.Heard(context_.now());
    if (from == peer()) path_.SetDoubtful(false);
    const auto* number = frame.type == Type::kKeepaliveAck ? std::get_if<wire::Keepalive>(&*body) : nullptr;
    if (number != nullptr && path_.Answered(from, number->number)) {
      NoteChange("peer is now at " + from.ToString());
    } else if (opened.newest && from != peer() && !(moved && frame.type == wire::Type::kKeepalive)) {
      path_.HeardFrom(from, frame.datagram.size());
    }
  }
  return Handle(frame, *channel, std::move(*body), opened.plain.view(), from, opened.newest, moved);
}

std::optional<wire::Redirect> Session::Handle(const wire::Frame& frame, ControlChannel& channel, wire::Body body,
                                              ByteView plain, Endpoint from, bool newest, bool moved) {
  using wire::Type;
  switch (frame.type) {
    case Type::kSetupReq:
    case Type::kRekeyReq:
      exchange_.OnRequest(frame, channel, std::get<wire::SetupReq>(body), plain, from);
      break;
    case Type::kSetupRsp:
    case Type::kRekeyRsp:
      if (const auto why = exchange_.OnResponse(frame, std::get<wire::SetupRsp>(body), plain, from); !why.empty())
        End(std::string(why));
      break;
    case Type::kProbe:
      exchange_.OnProbe(from, newest);
      break;
    case Type::kKeepalive:
      context_.Transmit(moved ? from : peer(),
                        context_.Seal(channel, Type::kKeepaliveAck, wire::Encode(std::get<wire::Keepalive>(body))));
      break;
    case Type::kKeepaliveAck:
      break;  // that it came is all it says
    case Type::kPathProbe:
      context_.Transmit(peer(), context_.Seal(channel, Type::kPathAck, wire::Encode(std::get<wire::PathSize>(body))));
      break;
    case Type::kPathAck:
      OnPathAck(std::get<wire::PathSize>(body));
      break;
    case Type::kRelease:
      OnRelease(channel, from);
      break;
    case Type::kRedirect:
      if (spec().type == CommunicateType::kClientToServer) return std::get<wire::Redirect>(std::move(body));
      context_.core.Refuse(Drop::kWrongRole, from);
      break;
    default:
      context_.core.Refuse(Drop::kOutOfState, from);
  }
  return std::nullopt;
}

void Session::OnClosing(wire::Type type, ControlChannel& channel) {
  if (type == wire::Type::kReleaseAck) phase_ = Phase::kGone;
  if (type == wire::Type::kRelease) release_.Acknowledge(channel, peer());
}

void Session::OnRelease(ControlChannel& channel, Endpoint from) {
  if (context_.with_server()) return context_.core.Refuse(Drop::kOutOfState, from);  // goes with its map only
  release_.Acknowledge(channel, peer());
  release_.Linger();  // packets that the release overtook still arrive
  End("released by the peer");
  phase_ = Phase::kClosing;
}

void Session::OnPathAck(const wire::PathSize& size) {
  if (path_.Arrived(size.bytes) && path_.mtu() != 0)
    NoteChange(fmt::format("the path carries packets of {} bytes, {} inside the tunnel", path_.mtu(),
                           path_.inner_limit(false)));
}

bool Session::SendRedirect(const wire::Redirect& redirect) {
  if (!proven()) return false;
  Bytes plain = wire::Encode(redirect);
  context_.Transmit(peer(), context_.Seal(keys_.current()->channel, wire::Type::kRedirect, plain));
  Wipe(plain);
  return true;
}

// ---------------------------------------------------------------------------------------------- keys

void Session::StartSetup() {
  if (phase_ == Phase::kLive && !proven()) exchange_.Setup();
}

void Session::Probe() {
  if (phase_ == Phase::kLive && !proven()) exchange_.Probe();
}

void Session::UpdateCandidates(std::vector<Endpoint> candidates) {
  if (candidates.empty()) return;
  if (!proven()) {
    context_.spec.candidates = std::move(candidates);
  } else if (std::ranges::find(candidates, peer()) == candidates.end() && phase_ == Phase::kLive) {
    path_.AskAt(
        candidates.front());  // the server sees it elsewhere: opens the own NAT towards it, and follows an answer
  }
}

void Session::Promote() {
  Absorb();
  const bool rekeyed = proven();
  SetupExchange::Finished done = exchange_.Finish();
  keys_.Promote(std::move(done.keys), done.active);
  path_.Show();
  traffic_.Begin(context_.now());
  if (rekeyed) return context_.Note(Topic::kSession, "session rekeyed");
  path_.Settle(done.peer);
  built_ = context_.now();
  traffic_.Data(context_.now());
  newly_proven_ = true;
}

// ---------------------------------------------------------------------------------------------- time

void Session::OnTimer() {
  Absorb();
  const Time now = context_.now();
  if (phase_ == Phase::kClosing && release_.OnTimer(keys_.current()->channel, peer())) phase_ = Phase::kGone;
  if (phase_ != Phase::kLive) return;
  keys_.OnTimer();
  if (const auto why = exchange_.OnTimer(); !why.empty()) return End(std::string(why));
  if (!proven()) return;
  if (now >= keys_.current()->expires) return End("the SA lifetime is over");
  const auto sign = traffic_.Look(now);
  if (sign == SessionTraffic::Sign::kDead) return End("the peer does not answer");
  if (sign == SessionTraffic::Sign::kAsk) context_.Transmit(peer(), context_.Keepalive(keys_.current()->channel));
  if (now >= KeepaliveDue()) {
    if (!keys_.active() || traffic_.Dead()) return End("the peer does not answer");
    traffic_.Asked(now);
    context_.Transmit(peer(), context_.Keepalive(keys_.current()->channel));
  }
  if (now >= IdleDue()) return Close("idle");
  if (now >= keys_.rekey_at() && !exchange_.running()) exchange_.Rekey();
  path_.OnTimer();
}

void Session::End(std::string why) {
  phase_ = Phase::kGone;
  reason_ = std::move(why);
  path_.Hide();
}

void Session::Close(std::string why) {
  if (phase_ != Phase::kLive) return;
  End(std::move(why));
  if (!proven() || context_.with_server()) return;
  phase_ = Phase::kClosing;
  release_.Send(keys_.current()->channel, peer());
}

// Worth a line in the log, unlike what is said of a session otherwise.
void Session::NoteChange(std::string text) {
  const SessionInfo changed = info();
  context_.core.Note(Topic::kSession, What::kNote, context_.PeerName(), std::move(text), nullptr, &changed);
}

// ---------------------------------------------------------------------------------------------- data

void Session::Rehome(Endpoint local) {
  context_.spec.local_public = local;
  if (phase_ == Phase::kLive) path_.Rehome();
}

bool Session::NoteReceived(ipsec::SaId sa, std::size_t bytes, Endpoint from) {
  traffic_.Received(bytes);
  traffic_.Data(context_.now());
  if (!data_proves_) return false;
  const bool proof = exchange_.active() && exchange_.IsNew(sa);
  if (proof) Promote();  // the peer sends by the new SA only after it heard from us
  if (!proven() || sa != keys_.current()->inbound) return false;
  traffic_.Heard(context_.now());
  if (from == peer()) path_.SetDoubtful(false);
  return proof;
}

// Takes what workers passed into account.
void Session::Absorb() {
  if (keys_.current()) traffic_.Absorb(*keys_.current(), data_proves_);
  if (keys_.retiring()) traffic_.Absorb(*keys_.retiring(), false);
}

}  // namespace sw::dvpn
