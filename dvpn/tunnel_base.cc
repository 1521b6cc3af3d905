#include "dvpn/tunnel_base.h"

#include <utility>

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
  const auto decoded = wire::DecodeFrame(datagram);
  if (const Drop* why = std::get_if<Drop>(&decoded)) return core_.Refuse(*why, from);
  const wire::Frame& frame = std::get<wire::Frame>(decoded);
  if (core_.Wants(Topic::kControl))
    core_.Note(Topic::kControl, What::kNote, from.ToString(),
               "received " + std::string(wire::Name(frame.type)) + ", " + std::to_string(datagram.size()) + " bytes");
  Session* session = sessions_.OfChannel(frame.channel);
  if (session == nullptr) return OnRegistrationFrame(frame, from);
  const auto redirect = session->OnFrame(frame, from);
  sessions_.Settle(*session);
  if (redirect) OnRedirect(*redirect);
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
    ForwardInner(*header, std::move(packet));
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
  const auto header = f.next_header == ipsec::kNextHeaderIpv4 ? ParseInner(f.packet->data()) : std::nullopt;
  if (!header) return DropData(Drop::kBadInner);
  if (session->NoteReceived(f.sa, header->total_bytes)) sessions_.Settle(*session);
  f.packet->TrimBack(f.packet->size() - header->total_bytes);
  ReceiveInner(*session, *header, std::move(f.packet));
}

void TunnelBase::SendBy(Session& session, PacketPtr packet) {
  session.NoteSent(packet->size());
  core_.esp.Protect(core_.now, session.outbound(), std::move(packet), ipsec::kNextHeaderIpv4, Pack(session.peer()));
}

void TunnelBase::Deliver(PacketPtr packet) {
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
