#include "dvpn/tunnel_base.h"

#include <algorithm>
#include <utility>

#include "dvpn/fast_path.h"

namespace sw::dvpn {
namespace {

// An endpoint fits the context that ESP carries along, so no packet needs a note of its own.
std::uint64_t Pack(Endpoint e) {
  return (std::uint64_t{e.address.value} << 16) | e.port;
}
Endpoint Unpack(std::uint64_t v) {
  return {Ipv4(static_cast<std::uint32_t>(v >> 16)), static_cast<std::uint16_t>(v)};
}

}  // namespace

TunnelBase::TunnelBase(TunnelSettings settings, Services services)
    : settings_(std::move(settings)), core_(settings_, services), sessions_(core_, *this) {}

void TunnelBase::Enter(Time now, Output& out) {
  core_.now = now;
  core_.out = &out;
}

void TunnelBase::Leave() {
  Settle();
  Pump();
  core_.out = nullptr;
  if (core_.services.fast != nullptr) core_.services.fast->Stop(core_.Wants(Topic::kData));
}

void TunnelBase::Receive(Time now, std::vector<Datagram>& burst, Output& out) {
  Enter(now, out);
  for (Datagram& datagram : burst) {
    const ByteView bytes = std::as_const(*datagram.packet).data();
    if (bytes.size() < 4) {
      core_.Refuse(Drop::kTruncated, datagram.peer);
    } else if (Load32(bytes.data()) == 0) {
      OnControl(bytes, datagram.peer);
    } else {
      ++core_.counters.input;
      core_.esp.Unprotect(now, std::move(datagram.packet), Pack(datagram.peer));
    }
  }
  burst.clear();
  Leave();
}

void TunnelBase::OnControl(ByteView datagram, Endpoint from) {
  if (!core_.FaultOnArrival(datagram)) return OnMessage(datagram, from);
  core_.Count(Drop::kFault);
  if (core_.fault->kind == Fault::Kind::kDrop) return;
  Bytes spoilt(datagram.begin(), datagram.end());
  spoilt.back() ^= 0x40;
  OnMessage(spoilt, from);
}

void TunnelBase::OnMessage(ByteView datagram, Endpoint from) {
  const auto decoded = wire::DecodeFrame(datagram);
  if (const Drop* why = std::get_if<Drop>(&decoded)) {
    const auto version = *why == Drop::kBadVersion ? wire::OtherVersion(datagram) : std::nullopt;
    return version ? OnOtherVersion(*version, datagram, from) : core_.Refuse(*why, from);
  }
  const wire::Frame& frame = std::get<wire::Frame>(decoded);
  if (core_.Wants(Topic::kControl))
    core_.Note(Topic::kControl, What::kNote, from.ToString(),
               "received " + std::string(wire::Name(frame.type)) + ", " + std::to_string(datagram.size()) + " bytes");
  core_.Dump(from, datagram);
  Session* session = sessions_.OfChannel(frame.channel);
  if (session == nullptr) return OnRegistrationFrame(frame, from);
  if (frame.type == wire::Type::kClear) return OnClear(frame, *session, from);
  const auto told = session->OnFrame(frame, from);
  sessions_.Settle(*session);
  if (!told) return;
  if (const auto* redirect = std::get_if<wire::Redirect>(&*told)) OnRedirect(*redirect);
  if (const auto* unreached = std::get_if<wire::Unreached>(&*told)) OnUnreached(*unreached);
}

void TunnelBase::Forward(Time now, std::vector<PacketPtr>& burst, Output& out) {
  Enter(now, out);
  for (PacketPtr& packet : burst) {
    const auto header = ParseInner(packet->data());
    if (!header) {
      DropData(Drop::kBadInner);
      continue;
    }
    packet->TrimBack(packet->size() - header->total_bytes);
    if (ForEverybody(header->destination)) {
      ForwardToAll(*header, std::move(packet));
    } else {
      ForwardInner(*header, std::move(packet));
    }
  }
  burst.clear();
  Leave();
}

void TunnelBase::ReceiveOpened(Time now, std::vector<Opened>& burst, Output& out) {
  Enter(now, out);
  for (Opened& opened : burst) {
    if (Session* session = sessions_.OfSa(opened.sa)) {
      TakeInner(*session, std::move(opened.packet));
    } else {
      DropData(Drop::kNoSession);
    }
  }
  burst.clear();
  Leave();
}

void TunnelBase::OnTimer(Time now, Output& out) {
  Enter(now, out);
  while (const auto key = core_.timers.Pop(now)) {
    if (Core::OwnerOf(*key) == Owner::kSession) {
      sessions_.OnTimer(*key);
    } else {
      OnRegistrationTimer(*key);
    }
  }
  Leave();
}

// Relaying queues packets while finished ones are looked at, so this goes on until the engine has nothing left.
void TunnelBase::Pump() {
  for (;;) {
    core_.esp.Flush();
    core_.esp.Poll(finished_);
    if (finished_.empty()) return;
    for (ipsec::Finished& f : finished_) OnFinished(f);
    finished_.clear();
  }
}

void TunnelBase::OnFinished(ipsec::Finished& f) {
  if (f.direction == hal::Direction::kSeal) {
    if (f.drop != ipsec::Drop::kNone) {
      ++core_.counters.encryption_errors;
      ++core_.counters.output_errors;
      return;
    }
    ++core_.counters.output;
    core_.out->datagrams.push_back({Unpack(f.context), std::move(f.packet)});
    return;
  }
  Session* session = f.drop == ipsec::Drop::kNone ? sessions_.OfSa(f.sa) : nullptr;
  if (session == nullptr) {
    ++core_.counters.dropped;
    return;
  }
  if (f.next_header == ipsec::kNextHeaderNone) return;
  const Endpoint from = Unpack(f.context);
  if (session->NoteReceived(f.sa, f.packet->size(), from)) sessions_.Settle(*session);
  if (from != session->peer()) session->HeardFrom(from, f.packet->size());
  if (f.next_header != ipsec::kNextHeaderIpv4) return DropData(Drop::kBadInner);
  TakeInner(*session, std::move(f.packet));
}

void TunnelBase::TakeInner(Session& session, PacketPtr packet) {
  const auto header = ParseInner(packet->data());
  if (!header) return DropData(Drop::kBadInner);
  packet->TrimBack(packet->size() - header->total_bytes);
  ReceiveInner(session, *header, std::move(packet));
}

// ---------------------------------------------------------------------------------------------- out by a session

bool TunnelBase::ForEverybody(Ipv4 destination) const {
  return destination.multicast() || destination.value == 0xffffffff ||
         (settings_.address.length < 31 && destination == settings_.address.broadcast());
}

void TunnelBase::SendCopy(Session& session, const InnerHeader& header, const Packet& packet) {
  PacketPtr copy = core_.services.packets.Copy(packet.data());
  if (copy == nullptr) {
    ++core_.counters.output_errors;
    return;
  }
  SendBy(session, header, std::move(copy));
}

void TunnelBase::SendBy(Session& session, const InnerHeader& header, PacketPtr packet) {
  const bool clear = settings_.security_acl != 0 && InClear(std::as_const(*packet).data(), false);
  const bool syn = IsTcpSyn(header, std::as_const(*packet).data());
  if (session.SearchPath(syn ? settings_.mtu : packet->size())) sessions_.Settle(session);
  const std::size_t limit = session.inner_limit(clear);
  if (settings_.security_acl == 0 && !ForEverybody(header.destination)) session.Learn(header.destination);
  if (syn) ClampMss(header, packet->data(), limit == 0 ? settings_.mtu : std::min(limit, settings_.mtu));
  if (limit == 0 || packet->size() <= limit) return Emit(session, clear, std::move(packet));
  if (header.dont_fragment) return TooBig(session, header, std::as_const(*packet).data(), limit);
  for (PacketPtr& piece : Fragment(core_.services.packets, header, std::as_const(*packet).data(), limit))
    Emit(session, clear, std::move(piece));
}

void TunnelBase::Emit(Session& session, bool clear, PacketPtr packet) {
  if (session.NoteSent(packet->size())) core_.timers.Set(session.key(), session.Deadline());
  if (!clear) {
    core_.esp.Protect(core_.now, session.outbound(), std::move(packet), ipsec::kNextHeaderIpv4, Pack(session.peer()));
    return;
  }
  const Bytes header = wire::EncodeHeader(wire::Type::kClear, session.channel(), 0, packet->size());
  const ByteSpan front = packet->Prepend(header.size());
  if (front.empty()) {
    ++core_.counters.output_errors;
    return;
  }
  std::ranges::copy(header, front.begin());
  ++core_.counters.output;
  core_.out->datagrams.push_back({session.peer(), std::move(packet)});
}

// RFC 1191: the source learns what fits. The answer comes from the far end of the session, because no device takes a
// packet from its own address off a wire.
void TunnelBase::TooBig(Session& session, const InnerHeader& header, ByteView packet, std::size_t limit) {
  DropData(Drop::kTooBig);
  if (core_.now >= icmp_second_ + seconds(1)) {
    icmp_second_ = core_.now;
    icmp_sent_ = 0;
  }
  if (++icmp_sent_ > kIcmpPerSecond) return;
  PacketPtr answer = FragmentationNeeded(core_.services.packets, header, packet, session.spec().peer_private, limit);
  if (answer == nullptr) return;
  const auto back = core_.services.next_hops.Find(header.source);
  Session* way = back ? sessions_.Find(*back) : nullptr;
  if (way == nullptr || !way->proven()) return core_.out->delivered.push_back(std::move(answer));
  Emit(*way, false, std::move(answer));
}

// ---------------------------------------------------------------------------------------------- in clear

// A list is written for what this end sends; what it receives is held to it with both ends exchanged, as a security
// policy is (RFC 4301 section 5.2).
bool TunnelBase::InClear(ByteView packet, bool received) const {
  if (settings_.security_acl == 0 || !core_.services.permits) return false;
  auto facts = ipsec::AclPacket::Read(packet);
  if (!facts) return false;
  if (received) {
    std::swap(facts->source, facts->destination);
    std::swap(facts->source_port, facts->destination_port);
  }
  return core_.services.permits(settings_.security_acl, *facts);
}

// Nothing says who sent it: it proves nothing, moves no timer and is taken only where clear text is expected.
void TunnelBase::OnClear(const wire::Frame& frame, Session& session, Endpoint from) {
  ++core_.counters.input;
  if (!session.proven() || frame.channel != session.channel() || from != session.peer())
    return DropData(Drop::kNoSession);
  if (!InClear(frame.body, true)) return DropData(Drop::kNotInClear);
  PacketPtr packet = core_.services.packets.Copy(frame.body);
  if (packet == nullptr) return DropData(Drop::kBadInner);
  session.NoteClear(frame.body.size());
  TakeInner(session, std::move(packet));
}

void TunnelBase::Deliver(const InnerHeader& header, PacketPtr packet) {
  if (core_.services.fast != nullptr && !ForEverybody(header.destination))
    core_.services.fast->LearnOwn(header.destination);
  core_.out->delivered.push_back(std::move(packet));
}

void TunnelBase::DropData(Drop why) {
  core_.Count(why);
  ++core_.counters.dropped;
}

void TunnelBase::TraceData(Ipv4 peer, std::string_view way, const InnerHeader& header, ByteView packet) {
  if (!core_.Wants(Topic::kData)) return;
  core_.Note(Topic::kData, What::kNote, peer.ToString(), Describe(header, packet) + ", " + std::string(way));
}

std::vector<SessionInfo> TunnelBase::sessions() const {
  std::vector<SessionInfo> out;
  for (const Session* session : sessions_.all()) out.push_back(session->info());
  return out;
}

std::vector<IpsecSaInfo> TunnelBase::ipsec_sas(Time now) const {
  std::vector<IpsecSaInfo> out;
  for (const Session* session : sessions_.all()) session->AppendSas(now, out);
  return out;
}

}  // namespace sw::dvpn
