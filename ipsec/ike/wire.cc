#include "ipsec/ike/wire.h"

#include <algorithm>

namespace sw::ipsec::ike {
namespace {

constexpr std::size_t kGenericBytes = 4;
constexpr std::size_t kMaxSpiBytes = 16;
constexpr std::uint16_t kBasic = 0x8000;  // RFC 2408 section 3.3: the value is in the attribute's own two bytes

// One payload with its generic header off the front of `in`.
struct Link {
  PayloadType next;
  ByteView body, whole;
};
std::optional<Link> TakePayload(ByteView& in) {
  if (in.size() < kGenericBytes) return std::nullopt;
  const std::size_t length = Load16(in.data() + 2);
  if (in[1] != 0 || length < kGenericBytes || length > in.size()) return std::nullopt;
  const Link link{static_cast<PayloadType>(in[0]), in.subspan(kGenericBytes, length - kGenericBytes), in.first(length)};
  in = in.subspan(length);
  return link;
}

bool Known(PayloadType type) {
  const auto n = static_cast<std::uint8_t>(type);
  // Private types (128 and up: earlier drafts of NAT traversal) are carried along; nobody asks for them.
  return (n >= 1 && n <= 13) || n == 20 || n == 21 || n >= 128;
}

std::optional<std::vector<Attribute>> ParseAttributes(ByteView bytes) {
  std::vector<Attribute> out;
  Reader in(bytes);
  while (in.left() != 0) {
    const std::uint16_t type = in.U16();
    const std::uint16_t second = in.U16();
    if (!in.ok()) return std::nullopt;
    if ((type & kBasic) != 0) {
      out.push_back({static_cast<std::uint16_t>(type & ~kBasic), second});
      continue;
    }
    std::uint64_t value = 0;
    for (const std::uint8_t b : in.Take(second)) value = std::min<std::uint64_t>((value << 8) | b, 0xffffffff);
    if (!in.ok()) return std::nullopt;
    out.push_back({type, static_cast<std::uint32_t>(value)});
  }
  return out;
}

void PutAttributes(Writer& out, const std::vector<Attribute>& attributes) {
  for (const Attribute& a : attributes) {
    if (a.value <= 0xffff) {
      out.U16(static_cast<std::uint16_t>(a.type | kBasic));
      out.U16(static_cast<std::uint16_t>(a.value));
    } else {
      out.U16(a.type);
      out.U16(4);
      out.U32(a.value);
    }
  }
}

void PutPayload(Writer& out, PayloadType next, ByteView body) {
  out.U8(static_cast<std::uint8_t>(next));
  out.U8(0);
  out.U16(static_cast<std::uint16_t>(kGenericBytes + body.size()));
  out.Put(body);
}

Parsed<ProposalOffer> ParseProposal(ByteView body) {
  Reader in(body);
  ProposalOffer proposal;
  proposal.number = in.U8();
  proposal.protocol = static_cast<Protocol>(in.U8());
  const std::size_t spi_bytes = in.U8();
  const std::size_t count = in.U8();
  const ByteView spi = in.Take(spi_bytes);
  if (!in.ok() || spi_bytes > kMaxSpiBytes || count == 0) return Notification::kBadProposalSyntax;
  proposal.spi.assign(spi.begin(), spi.end());
  ByteView rest = body.last(in.left());
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<Link> link = TakePayload(rest);
    if (!link || link->body.size() < 4) return Notification::kBadProposalSyntax;
    const PayloadType expected = i + 1 < count ? PayloadType::kTransform : PayloadType::kNone;
    auto attributes = ParseAttributes(link->body.subspan(4));
    if (link->next != expected || !attributes) return Notification::kBadProposalSyntax;
    proposal.transforms.push_back({link->body[0], link->body[1], std::move(*attributes)});
  }
  if (!rest.empty()) return Notification::kBadProposalSyntax;
  return proposal;
}

}  // namespace

Parsed<Header> ParseHeader(ByteView datagram) {
  if (datagram.size() < kHeaderBytes) return Notification::kPayloadMalformed;
  if (datagram.size() > kMaxMessageBytes) return Notification::kUnequalPayloadLengths;
  Reader in(datagram);
  Header h;
  h.cookies.initiator = in.U64();
  h.cookies.responder = in.U64();
  h.first = static_cast<PayloadType>(in.U8());
  h.version = in.U8();
  h.exchange = static_cast<Exchange>(in.U8());
  h.flags = in.U8();
  h.message_id = in.U32();
  h.length = in.U32();
  if (h.cookies.initiator == 0) return Notification::kInvalidCookie;
  if (h.version >> 4 != kVersion >> 4) return Notification::kInvalidMajorVersion;
  if (h.version > kVersion) return Notification::kInvalidMinorVersion;
  if (h.length != datagram.size()) return Notification::kUnequalPayloadLengths;
  return h;
}

void PutHeader(Writer& out, const Header& h) {
  out.U64(h.cookies.initiator);
  out.U64(h.cookies.responder);
  out.U8(static_cast<std::uint8_t>(h.first));
  out.U8(h.version);
  out.U8(static_cast<std::uint8_t>(h.exchange));
  out.U8(h.flags);
  out.U32(h.message_id);
  out.U32(h.length);
}

Parsed<Payloads> ParsePayloads(PayloadType first, ByteView bytes, bool padded, bool check_last) {
  Payloads out;
  ByteView rest = bytes;
  for (PayloadType type = first; type != PayloadType::kNone;) {
    if (rest.empty() && !out.empty() && !check_last) break;
    const std::optional<Link> link = TakePayload(rest);
    if (!link || out.size() == kMaxPayloads) return Notification::kPayloadMalformed;
    if (!Known(type)) return Notification::kInvalidPayloadType;
    out.push_back({type, link->body, link->whole});
    type = link->next;
  }
  if (out.empty() || (!padded && !rest.empty())) return Notification::kPayloadMalformed;
  return out;
}

const Payload* Find(const Payloads& payloads, PayloadType type) {
  const auto it = std::find_if(payloads.begin(), payloads.end(), [type](const Payload& p) { return p.type == type; });
  return it == payloads.end() ? nullptr : &*it;
}

void ChainWriter::Add(PayloadType type, ByteView body) {
  if (bytes_.empty()) {
    first_ = type;
  } else {
    bytes_[last_] = static_cast<std::uint8_t>(type);
  }
  last_ = bytes_.size();
  Writer out(bytes_);
  PutPayload(out, PayloadType::kNone, body);
}

std::optional<std::uint32_t> TransformOffer::Find(std::uint16_t type) const {
  const auto it =
      std::find_if(attributes.begin(), attributes.end(), [type](const Attribute& a) { return a.type == type; });
  return it == attributes.end() ? std::nullopt : std::optional(it->value);
}

std::optional<std::uint32_t> TransformOffer::Life(std::uint16_t type_attribute, LifeType kind) const {
  for (std::size_t i = 0; i + 1 < attributes.size(); ++i) {
    if (attributes[i] == Attribute{type_attribute, kind} && attributes[i + 1].type == type_attribute + 1) {
      return attributes[i + 1].value;
    }
  }
  return std::nullopt;
}

Parsed<SaOffer> ParseSa(ByteView body) {
  Reader in(body);
  if (in.U32() != kDoiIpsec) return Notification::kDoiNotSupported;
  if (in.U32() != kSituationIdentityOnly) return Notification::kSituationNotSupported;
  ByteView rest = body.last(in.left());
  SaOffer offer;
  for (PayloadType type = PayloadType::kProposal; type != PayloadType::kNone;) {
    const std::optional<Link> link = TakePayload(rest);
    if (type != PayloadType::kProposal || !link) return Notification::kBadProposalSyntax;
    Parsed<ProposalOffer> proposal = ParseProposal(link->body);
    if (const auto* fault = std::get_if<Notification>(&proposal)) return *fault;
    offer.push_back(std::move(std::get<ProposalOffer>(proposal)));
    type = link->next;
  }
  if (!rest.empty()) return Notification::kBadProposalSyntax;
  return offer;
}

Bytes SaBody(const SaOffer& offer) {
  Bytes bytes;
  Writer out(bytes);
  out.U32(kDoiIpsec);
  out.U32(kSituationIdentityOnly);
  for (std::size_t i = 0; i < offer.size(); ++i) {
    const ProposalOffer& p = offer[i];
    Bytes proposal;
    Writer inner(proposal);
    inner.U8(p.number);
    inner.U8(static_cast<std::uint8_t>(p.protocol));
    inner.U8(static_cast<std::uint8_t>(p.spi.size()));
    inner.U8(static_cast<std::uint8_t>(p.transforms.size()));
    inner.Put(p.spi);
    for (std::size_t t = 0; t < p.transforms.size(); ++t) {
      Bytes transform{p.transforms[t].number, p.transforms[t].id, 0, 0};
      Writer attributes(transform);
      PutAttributes(attributes, p.transforms[t].attributes);
      PutPayload(inner, t + 1 < p.transforms.size() ? PayloadType::kTransform : PayloadType::kNone, transform);
    }
    PutPayload(out, i + 1 < offer.size() ? PayloadType::kProposal : PayloadType::kNone, proposal);
  }
  return bytes;
}

Identity Identity::Address(Ipv4 address) {
  Identity id;
  id.data.resize(4);
  Store32(id.data.data(), address.value);
  return id;
}

Identity Identity::Name(std::string_view name) {
  Identity id;
  id.kind = IdKind::kFqdn;
  id.data.assign(name.begin(), name.end());
  return id;
}

Identity Identity::Subnet(const Prefix& network, std::uint8_t protocol, std::uint16_t port) {
  Identity id = Address(network.network());
  if (network.length != 32) {
    id.kind = IdKind::kIpv4Subnet;
    id.data.resize(8);
    Store32(id.data.data() + 4, network.mask().value);
  }
  id.protocol = protocol;
  id.port = port;
  return id;
}

std::optional<Prefix> Identity::prefix() const {
  if (kind == IdKind::kIpv4 && data.size() == 4) return Prefix{Ipv4(Load32(data.data())), 32};
  if (kind != IdKind::kIpv4Subnet || data.size() != 8) return std::nullopt;
  const std::optional<std::uint8_t> length = MaskLength(Ipv4(Load32(data.data() + 4)));
  if (!length) return std::nullopt;
  return Prefix{Ipv4(Load32(data.data())), *length}.AsNetwork();
}

std::string Identity::ToString() const {
  if (const std::optional<Prefix> p = prefix()) return p->length == 32 ? p->address.ToString() : p->ToString();
  std::string text;
  for (const std::uint8_t b : data) text += b > 0x20 && b < 0x7f ? static_cast<char>(b) : '.';
  return text;
}

Parsed<Identity> ParseIdentity(ByteView body) {
  Reader in(body);
  Identity id;
  id.kind = static_cast<IdKind>(in.U8());
  id.protocol = in.U8();
  id.port = in.U16();
  if (!in.ok() || in.left() == 0) return Notification::kInvalidIdInformation;
  const ByteView data = in.Take(in.left());
  id.data.assign(data.begin(), data.end());
  switch (id.kind) {
    case IdKind::kIpv4:
      if (data.size() == 4) return id;
      break;
    case IdKind::kIpv4Subnet:
    case IdKind::kIpv4Range:
      if (data.size() == 8) return id;
      break;
    case IdKind::kFqdn:
    case IdKind::kUserFqdn:
    case IdKind::kDn:
    case IdKind::kKeyId:
      return id;
  }
  return Notification::kInvalidIdInformation;
}

Bytes IdentityBody(const Identity& id) {
  Bytes bytes;
  Writer out(bytes);
  out.U8(static_cast<std::uint8_t>(id.kind));
  out.U8(id.protocol);
  out.U16(id.port);
  out.Put(id.data);
  return bytes;
}

Parsed<Notify> ParseNotify(ByteView body) {
  Reader in(body);
  const std::uint32_t doi = in.U32();
  Notify notify;
  notify.protocol = static_cast<Protocol>(in.U8());
  const std::size_t spi_bytes = in.U8();
  notify.type = static_cast<Notification>(in.U16());
  const ByteView spi = in.Take(spi_bytes);
  if (!in.ok() || spi_bytes > kMaxSpiBytes) return Notification::kPayloadMalformed;
  if (doi > kDoiIpsec) return Notification::kDoiNotSupported;  // 0: some send notifies of ISAKMP itself so
  notify.spi.assign(spi.begin(), spi.end());
  const ByteView data = in.Take(in.left());
  notify.data.assign(data.begin(), data.end());
  return notify;
}

Bytes NotifyBody(const Notify& notify) {
  Bytes bytes;
  Writer out(bytes);
  out.U32(kDoiIpsec);
  out.U8(static_cast<std::uint8_t>(notify.protocol));
  out.U8(static_cast<std::uint8_t>(notify.spi.size()));
  out.U16(static_cast<std::uint16_t>(notify.type));
  out.Put(notify.spi);
  out.Put(notify.data);
  return bytes;
}

Parsed<Delete> ParseDelete(ByteView body) {
  Reader in(body);
  const std::uint32_t doi = in.U32();
  Delete deleted;
  deleted.protocol = static_cast<Protocol>(in.U8());
  const std::size_t spi_bytes = in.U8();
  const std::size_t count = in.U16();
  if (!in.ok() || doi > kDoiIpsec) return Notification::kDoiNotSupported;
  const std::size_t expected = deleted.protocol == Protocol::kIsakmp ? 2 * kCookieBytes : 4;
  if (spi_bytes != expected || in.left() != spi_bytes * count) return Notification::kPayloadMalformed;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView spi = in.Take(spi_bytes);
    deleted.spis.emplace_back(spi.begin(), spi.end());
  }
  return deleted;
}

Bytes DeleteBody(const Delete& deleted) {
  Bytes bytes;
  Writer out(bytes);
  out.U32(kDoiIpsec);
  out.U8(static_cast<std::uint8_t>(deleted.protocol));
  out.U8(static_cast<std::uint8_t>(deleted.protocol == Protocol::kIsakmp ? 2 * kCookieBytes : 4));
  out.U16(static_cast<std::uint16_t>(deleted.spis.size()));
  for (const Bytes& spi : deleted.spis) out.Put(spi);
  return bytes;
}

Bytes CookieBytes(const Cookies& cookies) {
  Bytes out;
  Writer writer(out);
  writer.U64(cookies.initiator);
  writer.U64(cookies.responder);
  return out;
}

}  // namespace sw::ipsec::ike
