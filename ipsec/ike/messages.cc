// Messages out and in: headers, the marker of port 4500, encryption, retransmission, and telling the operator.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {

Bytes CopyOf(ByteView view) {
  return {view.begin(), view.end()};
}

ByteView BehindHash(const Opened& opened) {
  const Payloads& p = opened.payloads;
  const ByteView first = p.front().whole, last = p.back().whole;
  const std::uint8_t* begin = first.data() + first.size();
  return {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
}

bool HashIs(const Opened& opened, const SecretBytes& expected) {
  return !opened.payloads.empty() && opened.payloads.front().type == PayloadType::kHash &&
         hal::EqualConstantTime(opened.payloads.front().body, expected.view());
}

Bytes HashedBody(const ChainWriter& rest, const SecretBytes& hash) {
  Bytes body;
  Writer out(body);
  out.U8(static_cast<std::uint8_t>(rest.first()));
  out.U8(0);
  out.U16(static_cast<std::uint16_t>(4 + hash.size()));
  out.Put(hash.view());
  out.Put(rest.bytes());
  return body;
}

std::uint32_t NotifiedLife(ByteView attributes, std::uint16_t type_attribute, LifeType kind) {
  // As a transform that has nothing but these attributes.
  Bytes transform{1, 1, 0, 0};
  transform.insert(transform.end(), attributes.begin(), attributes.end());
  Bytes body;
  Writer out(body);
  out.U32(kDoiIpsec);
  out.U32(kSituationIdentityOnly);
  out.U32(static_cast<std::uint32_t>(12 + transform.size()));
  out.U32(0x01010001);  // proposal 1, ISAKMP, no SPI, one transform
  out.U32(static_cast<std::uint32_t>(4 + transform.size()));
  out.Put(transform);
  const Parsed<SaOffer> parsed = ParseSa(body);
  const auto* offer = std::get_if<SaOffer>(&parsed);
  return offer == nullptr ? 0 : (*offer)[0].transforms[0].Life(type_attribute, kind).value_or(0);
}

void Engine::Impl::TransmitTo(Endpoint local, Endpoint remote, ByteView message) {
  Bytes bytes;
  bytes.reserve(message.size() + 4);
  if (local.port == kNatPort) bytes.resize(4);  // RFC 3948 section 2.2: the non-ESP marker
  bytes.insert(bytes.end(), message.begin(), message.end());
  ++counters.out_packets;
  counters.out_octets += bytes.size();
  services.send(local, remote, std::move(bytes));
}

void Engine::Impl::Transmit(const Phase1Sa& sa, ByteView message) {
  if (services.wants && services.wants(Topic::kMessage))
    Tell(Topic::kMessage, sa,
         fmt::format("send message: ICOOKIE: 0x{:016x} RCOOKIE: 0x{:016x}, {} bytes", sa.inputs.cookies.initiator,
                     sa.inputs.cookies.responder, message.size()));
  TransmitTo(sa.local, sa.remote, message);
}

void Engine::Impl::SendFirst(Phase1Sa& sa, Outstanding& out, Bytes message, bool repeat) {
  out.message = std::move(message);
  out.sent = 1;
  out.next = repeat ? now() + kFirstRetransmit : Time::Never();
  Transmit(sa, out.message);
}

bool Engine::Impl::Repeat(Phase1Sa& sa, Outstanding& out) {
  if (out.sent >= kTries) return false;
  Transmit(sa, out.message);
  const Duration wait = std::min<Duration>(kFirstRetransmit * (1 << out.sent), kLongestRetransmit);
  ++out.sent;
  out.next = now() + wait;
  return true;
}

Bytes Engine::Impl::Clear(const Phase1Sa& sa, const ChainWriter& chain) const {
  Bytes out;
  Writer writer(out);
  Header header{sa.inputs.cookies,
                chain.first(),
                kVersion,
                sa.aggressive ? Exchange::kAggressive : Exchange::kMain,
                0,
                0,
                static_cast<std::uint32_t>(kHeaderBytes + chain.bytes().size())};
  PutHeader(writer, header);
  writer.Put(chain.bytes());
  return out;
}

Bytes Engine::Impl::Sealed(const Phase1Sa& sa, Exchange exchange, std::uint32_t id, PayloadType first, Bytes body,
                           Bytes& iv) const {
  EncryptBody(sa.keys, iv, body);
  Bytes out;
  Writer writer(out);
  Header header{sa.inputs.cookies,
                first,
                kVersion,
                exchange,
                kEncrypted,
                id,
                static_cast<std::uint32_t>(kHeaderBytes + body.size())};
  PutHeader(writer, header);
  writer.Put(body);
  return out;
}

std::optional<Opened> Engine::Impl::Open(const Phase1Sa& sa, ByteView message, const Header& header, Bytes& iv) const {
  std::optional<SecretBytes> plain = DecryptBody(sa.keys, iv, message.subspan(kHeaderBytes));
  if (!plain) return std::nullopt;
  Opened out{std::move(*plain), {}};
  Parsed<Payloads> payloads = ParsePayloads(header.first, out.plain.view(), true, settings.check_next_payload);
  if (std::holds_alternative<Notification>(payloads)) return std::nullopt;
  out.payloads = std::move(std::get<Payloads>(payloads));
  return out;
}

void Engine::Impl::Tell(Topic topic, const Phase1Sa& sa, const std::string& text, What what) {
  Tell(topic, sa.local.address, sa.remote.address, sa.peer, text, what);
}

void Engine::Impl::Tell(Topic topic, Ipv4 local, Ipv4 remote, const std::string& peer, const std::string& text,
                        What what) {
  if (!services.notify) return;
  if (what == What::kNote && (!services.wants || !services.wants(topic))) return;
  services.notify({topic, what, local, remote, peer, text});
}

void Engine::Impl::CountDrop(Notification why) {
  ++counters.in_drops;
  switch (why) {
    case Notification::kAuthenticationFailed:
    case Notification::kInvalidHashInformation:
      ++counters.auth_fails;
      break;
    case Notification::kInvalidCookie:
      ++counters.invalid_cookie;
      break;
    case Notification::kNoProposalChosen:
      ++counters.no_proposal;
      break;
    case Notification::kAttributesNotSupported:
      ++counters.attribute_not_supported;
      break;
    case Notification::kInvalidExchangeType:
    case Notification::kUnsupportedExchangeType:
      ++counters.unsupported_exchange;
      break;
    case Notification::kInvalidIdInformation:
      ++counters.invalid_id;
      break;
    case Notification::kInvalidProtocolId:
      ++counters.invalid_protocol;
      break;
    case Notification::kCertTypeUnsupported:
    case Notification::kInvalidCertEncoding:
      ++counters.certificate_type_unsupported;
      break;
    case Notification::kInvalidCertificate:
    case Notification::kInvalidCertAuthority:
      ++counters.invalid_certificate;
      break;
    case Notification::kInvalidSignature:
      ++counters.invalid_signature;
      break;
    case Notification::kCertificateUnavailable:
      ++counters.certificate_unavailable;
      break;
    default:
      break;
  }
}

void Engine::Impl::Drop(Phase1Sa& sa, Notification why) {
  CountDrop(why);
  sa.trouble = std::string(Name(why));
  sa.failure = FailureOf(why);
  Tell(Topic::kError, sa,
       fmt::format("drop message from {} due to notification type {}", sa.remote.address.ToString(), Name(why)));
  if (!sa.ready()) TellFailed(sa, FailureOf(why), std::string(Name(why)));
}

}  // namespace sw::ipsec::ike
