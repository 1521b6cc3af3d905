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

namespace {

bool OfSetup(wire::Type type) {
  return type == wire::Type::kSetupReq || type == wire::Type::kSetupRsp || type == wire::Type::kProbe;
}

}  // namespace

// A message opened and read, the halves of one put together; empty: one is missing.
std::variant<std::monostate, Session::Message, Drop> Session::Read(const wire::Frame& frame, ControlChannel& channel,
                                                                   Endpoint from) {
  const bool base = &channel == &keys_.base();
  const bool part = frame.type == wire::Type::kPart;
  if (!part && OfSetup(frame.type) != base) return Drop::kOutOfState;
  std::size_t filler = 0;
  if (frame.type == wire::Type::kPathProbe) {
    const auto bytes = wire::PathFillerBytes(frame.body);
    if (!bytes) return Drop::kMalformed;
    filler = *bytes;
  }
  ControlChannel::Opened opened = channel.Open(frame, filler);
  if (!opened.ok) return opened.drop;
  Message out{frame, from, std::move(opened.plain), {}, opened.newest, path_.doubtful() && opened.newest, false};
  auto body = wire::DecodeBody(frame.type, out.plain.view());
  if (part && body) {
    auto whole = parts_.Add(std::get<wire::Part>(std::move(*body)));
    if (!whole) return {};
    if (OfSetup(whole->type) != base) return Drop::kOutOfState;
    out.frame.type = whole->type;
    out.plain = SecretBytes(ByteView(whole->plain));
    body = wire::DecodeBody(whole->type, whole->plain);
  }
  if (!body) return Drop::kMalformed;
  out.body = std::move(*body);
  return out;
}

std::optional<wire::Body> Session::OnFrame(const wire::Frame& frame, Endpoint from) {
  ControlChannel* channel = FindChannel(frame.channel);
  const auto refuse = [&](Drop why) {
    context_.core.Refuse(why, from);
    return std::nullopt;
  };
  if (channel == nullptr) return refuse(Drop::kUnknownChannel);
  if (!spec().roams && from != peer()) return refuse(Drop::kWrongPeer);
  if (exchange_.AnswerAgain(frame, from)) return std::nullopt;
  auto read = Read(frame, *channel, from);
  if (const Drop* why = std::get_if<Drop>(&read)) return refuse(*why);
  auto* message = std::get_if<Message>(&read);
  if (message == nullptr) return std::nullopt;
  const wire::Type type = message->frame.type;
  if (phase_ == Phase::kClosing) {
    OnClosing(type, *channel);
    return std::nullopt;
  }
  if (channel == exchange_.channel()) {
    if (!exchange_.Proves(message->body, type, from)) return std::nullopt;
    Promote();  // sealed with the new keys: the peer has them, and what it sends arrives
    channel = &keys_.current()->channel;
  }
  context_.Heard(type);
  if (!OfSetup(type)) HeardOf(*message);
  return Handle(*channel, std::move(*message));
}

// What a message says of where the peer is, beside what it says.
void Session::HeardOf(Message& m) {
  traffic_.Heard(context_.now());
  if (m.from == peer()) return path_.SetDoubtful(false);
  const auto* number = m.frame.type == wire::Type::kKeepaliveAck ? std::get_if<wire::Keepalive>(&m.body) : nullptr;
  if (number != nullptr && path_.Answered(m.from, number->number))
    return NoteChange("peer is now at " + m.from.ToString());
  if (!m.newest) return;
  // An end that has just moved may hear of its peer from behind a NAT that lets no other answer in: it answers there,
  // and asks in place of every other answer.
  const bool answers = m.moved && m.frame.type == wire::Type::kKeepalive;
  if (!answers || path_.TurnToAsk()) m.asked = path_.HeardFrom(m.from, m.frame.datagram.size());
}

std::optional<wire::Body> Session::Handle(ControlChannel& channel, Message m) {
  using wire::Type;
  switch (m.frame.type) {
    case Type::kSetupReq:
    case Type::kRekeyReq:
      exchange_.OnRequest(m.frame, channel, std::get<wire::SetupReq>(m.body), m.plain.view(), m.from);
      break;
    case Type::kSetupRsp:
    case Type::kRekeyRsp:
      if (const auto why = exchange_.OnResponse(m.frame, std::get<wire::SetupRsp>(m.body), m.plain.view(), m.from);
          !why.empty())
        End(std::string(why));
      break;
    case Type::kProbe:
      exchange_.OnProbe(m.from, m.newest);
      break;
    case Type::kKeepalive:
      if (m.moved && m.asked) break;
      context_.Transmit(m.moved ? m.from : peer(),
                        context_.Seal(channel, Type::kKeepaliveAck, wire::Encode(std::get<wire::Keepalive>(m.body))));
      break;
    case Type::kKeepaliveAck:
      break;  // that it came is all it says
    case Type::kPathProbe:
      context_.Transmit(peer(), context_.Seal(channel, Type::kPathAck, wire::Encode(std::get<wire::PathSize>(m.body))));
      break;
    case Type::kPathAck:
      OnPathAck(std::get<wire::PathSize>(m.body));
      break;
    case Type::kRelease:
      OnRelease(channel, m.from);
      break;
    case Type::kRedirect:
    case Type::kUnreached:
      if (spec().type == CommunicateType::kClientToServer) return std::move(m.body);
      context_.core.Refuse(Drop::kWrongRole, m.from);
      break;
    default:
      context_.core.Refuse(Drop::kOutOfState, m.from);
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

bool Session::Tell(wire::Type type, Bytes plain) {
  if (proven()) context_.Transmit(peer(), context_.Seal(keys_.current()->channel, type, plain));
  Wipe(plain);
  return proven();
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
