// Bodies of control messages from bytes: as a whole, every field within its range, or not at all.
#include <algorithm>

#include "dvpn/wire.h"
#include "hal/base/dvpn_ranges.h"

namespace sw::dvpn::wire {
namespace {

template <std::size_t N>
void Take(Reader& in, std::array<std::uint8_t, N>& out) {
  const ByteView bytes = in.Take(N);
  std::copy(bytes.begin(), bytes.end(), out.begin());
}

Bytes TakeBytes(Reader& in, std::size_t n) {
  const ByteView bytes = in.Take(n);
  return Bytes(bytes.begin(), bytes.end());
}

bool Printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

Endpoint TakeEndpoint(Reader& in) {
  const Ipv4 address(in.U32());
  return {address, in.U16()};
}

bool TakeSuites(Reader& in, SuiteList& suites) {
  suites.count = in.U8();
  Take(in, suites.numbers);
  if (suites.count == 0 || suites.count > kSuiteSlots) return false;
  for (std::size_t i = 0; i < kSuiteSlots; ++i)
    if ((suites.numbers[i] != 0) != (i < suites.count)) return false;
  return true;
}

bool TakeTerms(Reader& in, Terms& terms) {
  terms.session_suite = in.U8();
  terms.data_suite = in.U8();
  terms.keepalive = in.U16();
  terms.setup_interval = in.U16();
  terms.idle = in.U32();
  terms.sa_duration = in.U32();
  // What a peer issues is held to the same ranges as what an operator types.
  const auto within = [](const Range<int>& range, std::uint32_t v) {
    return v <= static_cast<std::uint32_t>(range.high) && range.Contains(static_cast<int>(v));
  };
  return terms.session_suite != 0 && terms.data_suite != 0 && within(kSessionKeepalive, terms.keepalive) &&
         within(kSessionSetup, terms.setup_interval) && within(kSessionIdle, terms.idle) &&
         within(kSaDuration, terms.sa_duration);
}

bool TakePublicValue(Reader& in, Bytes& out) {
  const std::size_t n = in.U16();
  if (n == 0 || n > kMaxPublicValue) return false;
  out = TakeBytes(in, n);
  return in.ok();
}
bool TakeShare(Reader& in, Bytes& out) {
  const std::size_t n = in.U8();
  out = TakeBytes(in, n);
  return in.ok() && (n == 0 || n == kShareBytes);
}
bool TakeDeviceId(Reader& in, std::string& out) {
  const std::size_t n = in.U8();
  if (n > kMaxDeviceId) return false;
  out = std::string(AsText(in.Take(n)));
  return in.ok() && Printable(out);
}
bool TakeAnswer(Reader& in, Answer& out) {
  out = static_cast<Answer>(in.U8());
  return in.ok() && !Phrase(out).empty();
}
bool TakeMethod(Reader& in, AuthMethod& out) {
  out = static_cast<AuthMethod>(in.U8());
  return out == AuthMethod::kNone || out == AuthMethod::kPap || out == AuthMethod::kChap;
}

bool Read(Reader& in, AlgReq& m) {
  Take(in, m.nonce);
  return TakeSuites(in, m.suites);
}
bool Read(Reader& in, AlgRsp& m) {
  Take(in, m.nonce);
  m.suite = in.U8();
  Take(in, m.cookie);
  return true;
}
bool TakeClaim(Reader& in, KexReq& m) {
  Take(in, m.nonce);
  if (!TakeSuites(in, m.suites)) return false;
  m.suite = in.U8();
  Take(in, m.cookie);
  return in.ok();
}
bool Read(Reader& in, KexReq& m) {
  if (!TakeClaim(in, m)) return false;
  m.authenticate_server = static_cast<ServerMethod>(in.U8());
  return !Name(m.authenticate_server).empty() && TakeShare(in, m.share) && TakePublicValue(in, m.public_value);
}
bool Read(Reader& in, AuthReq& m) {
  if (!TakeMethod(in, m.method) || m.method == AuthMethod::kNone) return false;
  const std::size_t name = in.U8();
  if (name == 0 || name > kMaxUserName) return false;
  m.user_name = std::string(AsText(in.Take(name)));
  const std::size_t proof = in.U8();
  m.proof = SecretBytes(in.Take(proof));
  return Printable(m.user_name) && (m.method == AuthMethod::kPap || proof == 16);
}
bool Read(Reader& in, AuthRsp& m) {
  return TakeAnswer(in, m.answer);
}
bool Read(Reader& in, RegReq& m) {
  const std::uint8_t type = in.U8();
  if (type < 1 || type > 4) return false;
  m.type = static_cast<RegisterType>(type);
  m.private_address = Ipv4(in.U32());
  m.local = TakeEndpoint(in);
  return TakeDeviceId(in, m.device_id);
}
bool Read(Reader& in, RegRsp& m) {
  if (!TakeAnswer(in, m.answer)) return false;
  if (m.answer != Answer::kAccepted) return true;
  m.dvpn_id = in.U16();
  m.control_id = in.U32();
  if (!TakeTerms(in, m.terms)) return false;
  m.server_private = Ipv4(in.U32());
  m.observed = TakeEndpoint(in);
  return m.dvpn_id != 0 && TakeDeviceId(in, m.device_id);
}
bool Read(Reader& in, Refuse& m) {
  Take(in, m.nonce);
  return TakeAnswer(in, m.answer) && m.answer != Answer::kAccepted;
}
bool Read(Reader& in, Abort& m) {
  return TakeAnswer(in, m.answer) && m.answer != Answer::kAccepted;
}
bool Read(Reader& in, SetupReq& m) {
  Take(in, m.nonce);
  m.spi = in.U32();
  return m.spi >= 256 && TakePublicValue(in, m.public_value);  // below 256 reserved, RFC 4303 section 2.1
}
bool Read(Reader& in, SetupRsp& m) {
  Take(in, m.initiator_nonce);
  Take(in, m.nonce);
  m.spi = in.U32();
  return m.spi >= 256 && TakePublicValue(in, m.public_value);
}
bool Read(Reader& in, Keepalive& m) {
  m.number = in.U32();
  return true;
}
bool Read(Reader& in, Redirect& m) {
  const std::uint8_t role = in.U8();
  m.active = role == 1;
  m.peer_private = Ipv4(in.U32());
  m.destination = Ipv4(in.U32());
  m.peer_public = TakeEndpoint(in);
  m.peer_local = TakeEndpoint(in);
  if (!TakeTerms(in, m.terms)) return false;
  m.secret = SecretBytes(in.Take(kSecretSize));
  return (role == 1 || role == 2) && TakeDeviceId(in, m.device_id);
}
bool Read(Reader& in, Release& m) {
  const std::uint8_t why = in.U8();
  m.stopping = why == 2;
  return why == 1 || why == 2;
}
bool Read(Reader& in, Unreached& m) {
  m.destination = Ipv4(in.U32());
  m.peer_private = Ipv4(in.U32());
  const std::uint8_t why = in.U8();
  m.registered = why == 2;
  return why == 1 || why == 2;
}
bool TakeNumber(Reader& in, std::uint8_t& number) {
  number = in.U8();
  return in.ok() && number <= 1;
}
bool Read(Reader& in, Part& m) {
  m.type = static_cast<Type>(in.U8());
  if ((m.type != Type::kSetupReq && m.type != Type::kRekeyReq) || !TakeNumber(in, m.number)) return false;
  m.message = in.U32();
  m.bytes = TakeBytes(in, in.left());
  return !m.bytes.empty();
}
bool Read(Reader& in, PathSize& m) {
  m.bytes = in.U16();
  return true;
}
bool Read(Reader&, Empty&) {
  return true;
}

template <typename M>
std::optional<Body> Whole(ByteView bytes) {
  Reader in(bytes);
  M message;
  if (!Read(in, message) || !in.done()) return std::nullopt;
  return Body(std::move(message));
}

std::optional<Body> WholeKexRsp(ByteView bytes) {
  Reader in(bytes);
  KexRsp m;
  Take(in, m.nonce);
  if (!TakeShare(in, m.share) || !TakePublicValue(in, m.public_value) || !in.ok()) return std::nullopt;
  m.clear = bytes.first(bytes.size() - in.left());
  m.sealed = bytes.last(in.left());
  return Body(std::move(m));
}

std::optional<Body> WholeKexPart(ByteView bytes, Type type) {
  Reader in(bytes);
  KexPart m;
  if (type == Type::kKexReqPart) {
    Take(in, m.claim);
    std::copy_n(m.claim.begin(), m.nonce.size(), m.nonce.begin());
  } else {
    Take(in, m.nonce);
  }
  const std::uint8_t numbers = in.U8();
  m.piece.number = numbers & 15;
  m.piece.count = static_cast<std::uint8_t>(2 + (numbers >> 4));
  const std::uint8_t most = type == Type::kKexReqPart ? 2 : kMaxPieces;
  if (m.piece.count > most || m.piece.number >= m.piece.count) return std::nullopt;
  Take(in, m.piece.whole);
  m.piece.bytes = TakeBytes(in, in.left());
  if (!in.done() || m.piece.bytes.empty()) return std::nullopt;
  return Body(std::move(m));
}

}  // namespace

std::optional<Body> DecodeBody(Type type, ByteView bytes) {
  switch (type) {
    case Type::kAlgReq:
      return Whole<AlgReq>(bytes);
    case Type::kAlgRsp:
      return Whole<AlgRsp>(bytes);
    case Type::kKexReq:
      return Whole<KexReq>(bytes);
    case Type::kKexRsp:
      return WholeKexRsp(bytes);
    case Type::kAuthReq:
      return Whole<AuthReq>(bytes);
    case Type::kAuthRsp:
      return Whole<AuthRsp>(bytes);
    case Type::kRegReq:
      return Whole<RegReq>(bytes);
    case Type::kRegRsp:
      return Whole<RegRsp>(bytes);
    case Type::kRefuse:
      return Whole<Refuse>(bytes);
    case Type::kAbort:
      return Whole<Abort>(bytes);
    case Type::kKexReqPart:
    case Type::kKexRspPart:
      return WholeKexPart(bytes, type);
    case Type::kSetupReq:
    case Type::kRekeyReq:
      return Whole<SetupReq>(bytes);
    case Type::kSetupRsp:
    case Type::kRekeyRsp:
      return Whole<SetupRsp>(bytes);
    case Type::kKeepalive:
    case Type::kKeepaliveAck:
      return Whole<Keepalive>(bytes);
    case Type::kRedirect:
      return Whole<Redirect>(bytes);
    case Type::kUnreached:
      return Whole<Unreached>(bytes);
    case Type::kRelease:
      return Whole<Release>(bytes);
    case Type::kPart:
      return Whole<Part>(bytes);
    case Type::kPathProbe:
    case Type::kPathAck:
      return Whole<PathSize>(bytes);
    case Type::kClear:  // an IPv4 packet, looked at like one that came by ESP
      return std::nullopt;
    case Type::kReleaseAck:
    case Type::kProbe:
      return Whole<Empty>(bytes);
  }
  return std::nullopt;
}

std::optional<KexReq> DecodeClaim(ByteView bytes) {
  Reader in(bytes);
  KexReq m;
  if (!TakeClaim(in, m) || !in.done()) return std::nullopt;
  return m;
}

std::optional<KexProof> DecodeKexProof(ByteView bytes) {
  Reader in(bytes);
  KexProof m;
  const std::size_t mac = in.U8();
  if (mac != 0 && mac != kMacBytes) return std::nullopt;
  m.mac = TakeBytes(in, mac);
  if (!TakeMethod(in, m.method)) return std::nullopt;
  m.chap_id = in.U8();
  const std::size_t challenge = in.U8();
  if ((challenge != 0) != (m.method == AuthMethod::kChap)) return std::nullopt;
  m.challenge = TakeBytes(in, challenge);
  if (in.ok() && in.left() != 0) {
    m.signature = TakeBytes(in, in.U16());
    m.certificate = TakeBytes(in, in.U16());
    if (m.signature.empty() || m.certificate.empty()) return std::nullopt;
  }
  if (!in.done()) return std::nullopt;
  return m;
}

}  // namespace sw::dvpn::wire
