#include "dvpn/session.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace sw::dvpn {
namespace {

ControlChannel TakeBase(SessionIndex& index, const hal::Suite& suite, const SessionSpec& spec) {
  ChannelKeys keys = DeriveBase(suite, spec.base);
  // The same pair again: go on counting where the last session stopped, so that its messages stay replays.
  if (const auto known = index.remembered.find(spec.peer_private);
      known != index.remembered.end() && known->second.channel.id() == keys.id) {
    ControlChannel channel = std::move(known->second.channel);
    index.remembered.erase(known);
    return channel;
  }
  return ControlChannel(suite, std::move(keys), spec.local_private < spec.peer_private);
}

// A keepalive that is not answered is sent again within its interval, so that on a path that loses one datagram in ten
// a session does not die of it (our choice).
constexpr int kKeepaliveSends = 3;
constexpr seconds kKeepaliveRepeat{1};

bool IsServerSession(CommunicateType type) {
  return type != CommunicateType::kClientToClient;
}

}  // namespace

Session::Session(Core& core, SessionIndex& index, std::uint64_t key, SessionSpec spec)
    : core_(core),
      index_(index),
      key_(key),
      spec_(std::move(spec)),
      suite_(*ControlSuite(spec_.terms.session_suite)),
      base_(TakeBase(index, suite_, spec_)),
      // Without an integrity check a data packet says nothing about who sent it.
      data_proves_(hal::FindSuite(spec_.terms.data_suite)->integrity != hal::Integrity::kNone),
      peer_(spec_.candidates.front()),
      created_(core.now),
      last_received_(core.now),
      last_sent_(core.now),
      last_data_(core.now) {
  index_.by_channel.insert_or_assign(base_.id(), this);
}

Session::~Session() {
  HideAll();
  DropPending();
  Discard(current_);
  Discard(retiring_);
  const auto mine = index_.by_channel.find(base_.id());
  if (mine != index_.by_channel.end() && mine->second == this) index_.by_channel.erase(mine);
  core_.timers.Erase(key_);
  if (IsServerSession(spec_.type)) return;  // its base dies with its map
  const auto before = index_.remembered.find(spec_.peer_private);
  if (before == index_.remembered.end()) {
    index_.remembered.emplace(spec_.peer_private, SessionIndex::Remembered{key_, std::move(base_)});
    index_.remembered_order.push_back(spec_.peer_private);
  } else if (before->second.session < key_) {
    before->second = {key_, std::move(base_)};
  }
  while (index_.remembered_order.size() > kMaxRemembered) {
    index_.remembered.erase(index_.remembered_order.front());
    index_.remembered_order.pop_front();
  }
}

// ---------------------------------------------------------------------------------------------- messages

ControlChannel* Session::FindChannel(std::uint64_t id) {
  if (base_.id() == id) return &base_;
  if (current_ && current_->channel.id() == id) return &current_->channel;
  if (pending_ && pending_->keys && pending_->keys->channel.id() == id) return &pending_->keys->channel;
  if (retiring_ && retiring_->channel.id() == id) return &retiring_->channel;
  return nullptr;
}

std::optional<wire::Redirect> Session::OnFrame(const wire::Frame& frame, Endpoint from) {
  using wire::Type;
  ControlChannel* channel = FindChannel(frame.channel);
  const auto refuse = [&](Drop why) {
    core_.Refuse(why, from);
    return std::nullopt;
  };
  if (channel == nullptr) return refuse(Drop::kUnknownChannel);
  if (!spec_.roams && from != peer_) return refuse(Drop::kWrongPeer);
  if (pending_ && !pending_->active && std::ranges::equal(pending_->datagram, frame.datagram)) {
    core_.Count(Drop::kDuplicate);
    Transmit(from, pending_->answer);
    return std::nullopt;
  }
  const bool setup = frame.type == Type::kSetupReq || frame.type == Type::kSetupRsp || frame.type == Type::kProbe;
  if (setup != (channel == &base_)) return refuse(Drop::kOutOfState);
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
    if (frame.type == Type::kReleaseAck) phase_ = Phase::kGone;
    if (frame.type == Type::kRelease) Transmit(from, channel->Seal(Type::kReleaseAck, {}, {}, core_.services.random));
    return std::nullopt;
  }
  if (pending_ && pending_->keys && channel == &pending_->keys->channel) {
    Promote();  // sealed with the new keys: the peer has them, and what it sends arrives
    channel = &current_->channel;
  }
  heard_type_ = static_cast<std::uint8_t>(frame.type);
  heard_type_at_ = core_.now;
  if (channel != &base_) {
    last_received_ = core_.now;
    unanswered_ = 0;
    SetDoubtful(false);
    if (spec_.roams && opened.newest && current_ && channel == &current_->channel && peer_ != from) Follow(from);
  }

  switch (frame.type) {
    case Type::kSetupReq:
    case Type::kRekeyReq:
      OnRequest(frame, *channel, std::get<wire::SetupReq>(*body), opened.plain.view(), from);
      break;
    case Type::kSetupRsp:
    case Type::kRekeyRsp:
      OnResponse(frame, std::get<wire::SetupRsp>(*body), opened.plain.view(), from);
      break;
    case Type::kProbe:
      // The peer's NAT may have given it another port than the server saw: answer where the probe came from.
      if (pending_ && pending_->active && !pending_->keys && opened.newest) {
        if (std::ranges::find(spec_.candidates, from) == spec_.candidates.end()) {
          if (spec_.candidates.size() > 2) spec_.candidates.pop_back();
          spec_.candidates.push_back(from);
        }
        Transmit(from, pending_->datagram);
      }
      break;
    case Type::kKeepalive:
      Transmit(from, channel->Seal(Type::kKeepaliveAck, {}, wire::Encode(std::get<wire::Keepalive>(*body)),
                                   core_.services.random));
      break;
    case Type::kKeepaliveAck:
      break;  // that it came is all it says
    case Type::kPathProbe:
      Transmit(from,
               channel->Seal(Type::kPathAck, {}, wire::Encode(std::get<wire::PathSize>(*body)), core_.services.random));
      break;
    case Type::kPathAck: {
      const std::size_t size = std::get<wire::PathSize>(*body).bytes + kUdpOverhead;
      const bool another = path_ != nullptr && path_->Arrived(core_.now, size);
      if (another) ShowCurrent();
      if (another && path_->found() != 0)
        NoteChange(fmt::format("the path carries packets of {} bytes, {} inside the tunnel", path_->found(),
                               inner_limit(false)));
      break;
    }
    case Type::kRelease:
      if (IsServerSession(spec_.type)) return refuse(Drop::kOutOfState);  // goes with its map only
      Transmit(from, channel->Seal(Type::kReleaseAck, {}, {}, core_.services.random));
      phase_ = Phase::kClosing;  // packets that the release overtook still arrive
      HideAll();
      reason_ = "released by the peer";
      releases_ = kReleaseSends;
      next_release_ = core_.now + kReleaseInterval * kReleaseSends;
      break;
    case Type::kRedirect:
      if (spec_.type != CommunicateType::kClientToServer) return refuse(Drop::kWrongRole);
      return std::get<wire::Redirect>(std::move(*body));
    default:
      return refuse(Drop::kOutOfState);
  }
  return std::nullopt;
}

bool Session::SendRedirect(const wire::Redirect& redirect) {
  if (!current_) return false;
  Bytes plain = wire::Encode(redirect);
  Transmit(peer_, current_->channel.Seal(wire::Type::kRedirect, {}, plain, core_.services.random));
  Wipe(plain);
  return true;
}

void Session::Transmit(Endpoint to, ByteView datagram, bool dont_fragment) {
  if (datagram.size() >= wire::kHeaderBytes) {
    sent_type_ = datagram[5];
    sent_type_at_ = core_.now;
  }
  core_.Send(to, datagram, dont_fragment);
}

// ---------------------------------------------------------------------------------------------- where the peer is

// Worth a line in the log, unlike what is said of a session otherwise.
void Session::NoteChange(std::string text) {
  const SessionInfo changed = info();
  core_.Note(Topic::kSession, What::kNote, PeerName(), std::move(text), nullptr, &changed);
}

void Session::Follow(Endpoint peer) {
  peer_ = peer;
  path_.reset();  // another path
  ShowCurrent();
  NoteChange("peer is now at " + peer.ToString());
}

void Session::Rehome(Endpoint local) {
  spec_.local_public = local;
  path_.reset();
  ShowCurrent();
  if (!current_ || phase_ != Phase::kLive) return;
  SetDoubtful(true);
  Transmit(peer_, current_->channel.Seal(wire::Type::kKeepalive, {}, wire::Encode(wire::Keepalive{++keepalives_}),
                                         core_.services.random));
}

void Session::Ask(Endpoint from) {
  if (!spec_.roams || !current_ || phase_ != Phase::kLive || core_.now < asked_) return;
  asked_ = core_.now + kAskInterval;
  Transmit(from, current_->channel.Seal(wire::Type::kKeepalive, {}, wire::Encode(wire::Keepalive{++keepalives_}),
                                        core_.services.random));
}

// ---------------------------------------------------------------------------------------------- what the path carries

std::size_t Session::inner_limit(bool clear) const {
  if (path_ == nullptr || path_->found() == 0) return 0;
  const std::size_t datagram = path_->found() - kUdpOverhead;
  return clear ? datagram - wire::kHeaderBytes : ipsec::InnerMtu(spec_.terms.data_suite, datagram);
}

bool Session::SearchPath(std::size_t bytes) {
  if (path_ != nullptr || !current_) return false;
  const int suite = spec_.terms.data_suite;
  if (bytes <= ipsec::InnerMtu(suite, kPathBase - kUdpOverhead)) return false;
  std::size_t wanted = kPathBase;
  while (wanted < kPathLargest && ipsec::InnerMtu(suite, wanted - kUdpOverhead) < core_.settings.mtu) ++wanted;
  path_ = std::make_unique<PathMtu>(core_.now, wanted);
  ShowCurrent();
  ProbePath();
  return true;
}

void Session::ProbePath() {
  for (const std::size_t size : path_->Due(core_.now)) {
    const std::size_t datagram = size - kUdpOverhead;
    const Bytes plain = wire::Encode(wire::PathSize{static_cast<std::uint16_t>(datagram)});
    const std::size_t bare = wire::kHeaderBytes + 2 + hal::SealedBytes(suite_, plain.size());
    if (datagram < bare) continue;
    Transmit(
        peer_,
        current_->channel.Seal(wire::Type::kPathProbe, wire::PathFiller(datagram - bare), plain, core_.services.random),
        true);
  }
}

// ---------------------------------------------------------------------------------------------- time

void Session::SendKeepalive() {
  ++unanswered_;
  last_keepalive_ = last_sent_ = core_.now;
  Transmit(peer_, current_->channel.Seal(wire::Type::kKeepalive, {}, wire::Encode(wire::Keepalive{++keepalives_}),
                                         core_.services.random));
}

// Quiet in either direction asks for a keepalive: the peer judges our life by what it hears, we by what we hear.
Time Session::KeepaliveDue() const {
  if (!initiator_) return last_received_ + keepalive() * (kKeepaliveMisses + 1);
  if (unanswered_ == 0) return std::min(last_received_, last_sent_) + keepalive();
  const bool again = unanswered_ % kKeepaliveSends != 0;
  return last_keepalive_ +
         (again ? Duration(kKeepaliveRepeat) : keepalive() - kKeepaliveRepeat * (kKeepaliveSends - 1));
}

void Session::OnTimer() {
  Absorb();
  const Time now = core_.now;
  if (phase_ == Phase::kClosing && now >= next_release_) {
    if (releases_ >= kReleaseSends) {
      phase_ = Phase::kGone;
    } else {
      SendRelease();
    }
  }
  if (phase_ != Phase::kLive) return;
  if (retiring_ && now >= retire_at_) Discard(retiring_);
  if (pending_ && pending_->active && now >= pending_->next_send) {
    const bool request = !pending_->keys;
    if (pending_->sends >= (request ? kSetupSends : kProofSends)) {
      if (current_) return End("rekeying failed");
      return End(request ? "no answer to the setup requests" : "the path of the session could not be proven");
    }
    request ? SendRequest() : SendProof();
  }
  if (pending_ && !pending_->active && now >= pending_->expires) DropPending();
  if (!current_) {
    if (pending_) return;
    if (now >= created_ + kPassiveWait) return End("the peer did not open the session");
    if (now >= next_probe_) SendProbe();
    return;
  }
  if (now >= current_->expires) return End("the SA lifetime is over");
  if (now >= KeepaliveDue()) {
    if (!initiator_ || unanswered_ >= kKeepaliveMisses * kKeepaliveSends) return End("the peer does not answer");
    SendKeepalive();
  }
  if (!IsServerSession(spec_.type) && now >= last_data_ + std::chrono::seconds(spec_.terms.idle)) return Close("idle");
  if (now >= rekey_at_ && !pending_) Request(wire::Type::kRekeyReq);
  if (path_ != nullptr && now >= path_->deadline()) ProbePath();
}

Time Session::Deadline() const {
  if (phase_ == Phase::kClosing) return next_release_;
  if (phase_ == Phase::kGone) return Time::Never();
  Time next = Time::Never();
  if (retiring_) next = std::min(next, retire_at_);
  if (pending_) next = std::min(next, pending_->active ? pending_->next_send : pending_->expires);
  if (!current_) return pending_ ? next : std::min({next, created_ + kPassiveWait, next_probe_});
  next = std::min({next, current_->expires, KeepaliveDue()});
  if (!IsServerSession(spec_.type)) next = std::min(next, last_data_ + std::chrono::seconds(spec_.terms.idle));
  if (!pending_) next = std::min(next, rekey_at_);
  if (path_ != nullptr) next = std::min(next, path_->deadline());
  return next;
}

void Session::End(std::string why) {
  phase_ = Phase::kGone;
  reason_ = std::move(why);
  HideAll();
}

void Session::Close(std::string why) {
  if (phase_ != Phase::kLive) return;
  End(std::move(why));
  if (!current_ || IsServerSession(spec_.type)) return;
  phase_ = Phase::kClosing;
  SendRelease();
}

void Session::SendRelease() {
  ++releases_;
  next_release_ = core_.now + kReleaseInterval;
  Transmit(peer_,
           current_->channel.Seal(wire::Type::kRelease, {}, wire::Encode(wire::Release{}), core_.services.random));
}

// ---------------------------------------------------------------------------------------------- data

void Session::NoteSent(std::size_t bytes) {
  ++sent_packets_;
  sent_bytes_ += bytes;
  last_sent_ = last_data_ = core_.now;
}

void Session::NoteClear(std::size_t bytes) {
  ++received_packets_;
  received_bytes_ += bytes;
}

bool Session::NoteReceived(ipsec::SaId sa, std::size_t bytes) {
  ++received_packets_;
  received_bytes_ += bytes;
  last_data_ = core_.now;
  if (!data_proves_) return false;
  const bool proof = pending_ && pending_->active && pending_->keys && sa == pending_->keys->inbound;
  if (proof) Promote();  // the peer sends by the new SA only after it heard from us
  if (!current_ || sa != current_->inbound) return false;
  last_received_ = core_.now;
  unanswered_ = 0;
  SetDoubtful(false);
  return proof;
}

}  // namespace sw::dvpn
