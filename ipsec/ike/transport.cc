#include "ipsec/ike/transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sw::ipsec::ike {
namespace {

using namespace std::chrono_literals;
// Our choices; the guide names none of them.
constexpr Duration kFirstRetransmit = 2s, kLongestRetransmit = 16s;
constexpr int kTries = 5;

Bytes Whole(const Header& header, ByteView body) {
  Bytes out;
  Writer writer(out);
  PutHeader(writer, header);
  writer.Put(body);
  return out;
}
std::uint32_t Length(std::size_t body) {
  return static_cast<std::uint32_t>(kHeaderBytes + body);
}

}  // namespace

void Transport::Send(Endpoint local, Endpoint remote, ByteView message) {
  Bytes bytes;
  bytes.reserve(message.size() + 4);
  if (local.port == kNatPort) bytes.resize(4);  // RFC 3948 section 2.2: the non-ESP marker
  bytes.insert(bytes.end(), message.begin(), message.end());
  ++report_.counters.out_packets;
  report_.counters.out_octets += bytes.size();
  services_.send(local, remote, std::move(bytes));
}

void Transport::Send(const IsakmpSa& sa, ByteView message) {
  if (report_.Wants(IkeTopic::kMessage))
    report_.Tell(IkeTopic::kMessage, sa,
                 fmt::format("send message: ICOOKIE: 0x{:016x} RCOOKIE: 0x{:016x}, {} bytes", sa.cookies.initiator,
                             sa.cookies.responder, message.size()));
  Send(sa.local, sa.remote, message);
}

void Transport::SendFirst(const IsakmpSa& sa, Outstanding& out, Bytes message, bool repeat) {
  out.message = std::move(message);
  out.sent = 1;
  out.next = repeat ? services_.now() + kFirstRetransmit : Time::Never();
  Send(sa, out.message);
}

bool Transport::Repeat(const IsakmpSa& sa, Outstanding& out) {
  if (out.sent >= kTries) return false;
  Send(sa, out.message);
  const Duration wait = std::min<Duration>(kFirstRetransmit * (1 << out.sent), kLongestRetransmit);
  ++out.sent;
  out.next = services_.now() + wait;
  return true;
}

Bytes Transport::Clear(const IsakmpSa& sa, const ChainWriter& chain) const {
  const Exchange exchange = sa.aggressive ? Exchange::kAggressive : Exchange::kMain;
  return Whole({sa.cookies, chain.first(), kVersion, exchange, 0, 0, Length(chain.bytes().size())}, chain.bytes());
}

Bytes Transport::Sealed(const IsakmpSa& sa, Exchange exchange, std::uint32_t id, PayloadType first, Bytes body,
                        Bytes& iv) const {
  EncryptBody(sa.keys, iv, body);
  return Whole({sa.cookies, first, kVersion, exchange, kEncrypted, id, Length(body.size())}, body);
}

std::optional<Opened> Transport::Open(const IsakmpSa& sa, ByteView message, const Header& header, Bytes& iv) const {
  std::optional<SecretBytes> plain = DecryptBody(sa.keys, iv, message.subspan(kHeaderBytes));
  if (!plain) return std::nullopt;
  Opened out{std::move(*plain), {}};
  Parsed<Payloads> payloads = ParsePayloads(header.first, out.plain.view(), true, settings_.check_next_payload);
  if (std::holds_alternative<Notification>(payloads)) return std::nullopt;
  out.payloads = std::move(std::get<Payloads>(payloads));
  return out;
}

}  // namespace sw::ipsec::ike
