#include "dvpn/wire.h"

#include <algorithm>

#include "dvpn/limits.h"

namespace sw::dvpn::wire {
namespace {

struct TypeName {
  Type type;
  std::string_view name;
};
constexpr TypeName kTypeNames[] = {
    {Type::kAlgReq, "ALG-REQ"},
    {Type::kAlgRsp, "ALG-RSP"},
    {Type::kKexReq, "KEX-REQ"},
    {Type::kKexRsp, "KEX-RSP"},
    {Type::kAuthReq, "AUTH-REQ"},
    {Type::kAuthRsp, "AUTH-RSP"},
    {Type::kRegReq, "REG-REQ"},
    {Type::kRegRsp, "REG-RSP"},
    {Type::kRefuse, "REFUSE"},
    {Type::kSetupReq, "SETUP-REQ"},
    {Type::kSetupRsp, "SETUP-RSP"},
    {Type::kKeepalive, "KEEPALIVE"},
    {Type::kKeepaliveAck, "KEEPALIVE-ACK"},
    {Type::kRekeyReq, "REKEY-REQ"},
    {Type::kRekeyRsp, "REKEY-RSP"},
    {Type::kRedirect, "REDIRECT"},
    {Type::kRelease, "RELEASE"},
    {Type::kReleaseAck, "RELEASE-ACK"},
    {Type::kProbe, "PROBE"},
    {Type::kPathProbe, "PATH-PROBE"},
    {Type::kPathAck, "PATH-ACK"},
    {Type::kClear, "CLEAR"},
};

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

void Put(Writer& out, Endpoint e) {
  out.U32(e.address.value);
  out.U16(e.port);
}
Endpoint TakeEndpoint(Reader& in) {
  const Ipv4 address(in.U32());
  return {address, in.U16()};
}

void Put8(Writer& out, std::string_view text) {
  out.U8(static_cast<std::uint8_t>(text.size()));
  out.Put(AsBytes(text));
}
void Put16(Writer& out, ByteView bytes) {
  out.U16(static_cast<std::uint16_t>(bytes.size()));
  out.Put(bytes);
}

void Put(Writer& out, const SuiteList& suites) {
  out.U8(suites.count);
  out.Put(suites.numbers);
}
bool TakeSuites(Reader& in, SuiteList& suites) {
  suites.count = in.U8();
  Take(in, suites.numbers);
  if (suites.count == 0 || suites.count > kSuiteSlots) return false;
  for (std::size_t i = 0; i < kSuiteSlots; ++i)
    if ((suites.numbers[i] != 0) != (i < suites.count)) return false;
  return true;
}

void Put(Writer& out, const Terms& terms) {
  out.U8(terms.session_suite);
  out.U8(terms.data_suite);
  out.U16(terms.keepalive);
  out.U16(terms.setup_interval);
  out.U32(terms.idle);
  out.U32(terms.sa_duration);
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
bool Read(Reader& in, KexReq& m) {
  Take(in, m.nonce);
  if (!TakeSuites(in, m.suites)) return false;
  m.suite = in.U8();
  Take(in, m.cookie);
  const std::uint8_t wish = in.U8();  // MIB ClAuthenServerType: none(1), preShareKey(2)
  m.authenticate_server = wish == 2;
  return (wish == 1 || wish == 2) && TakePublicValue(in, m.public_value);
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
  if (!TakePublicValue(in, m.public_value) || !in.ok()) return std::nullopt;
  m.clear = bytes.first(bytes.size() - in.left());
  m.sealed = bytes.last(in.left());
  return Body(std::move(m));
}

}  // namespace

std::string_view Name(Type type) {
  for (const TypeName& t : kTypeNames)
    if (t.type == type) return t.name;
  return {};
}

std::string_view Phrase(Answer answer) {
  switch (answer) {
    case Answer::kAccepted:
      return "accepted";
    case Answer::kNoCommonSuite:
      return "no common algorithm suite";
    case Answer::kNoPreSharedKey:
      return "the server has no pre-shared key";
    case Answer::kBusy:
      return "the server is busy";
    case Answer::kBadCredentials:
      return "client authentication failed";
    case Answer::kOutsideNetwork:
      return "private address is outside the tunnel network";
    case Answer::kAddressTaken:
      return "private address is already registered";
  }
  return {};
}

bool SuiteList::Has(int number) const {
  return std::find(numbers.begin(), numbers.begin() + count, number) != numbers.begin() + count;
}

std::variant<Frame, Drop> DecodeFrame(ByteView datagram) {
  if (datagram.size() < kHeaderBytes) return Drop::kTruncated;
  Reader in(datagram);
  in.U32();  // the marker; the caller looked at it
  Frame frame;
  frame.datagram = datagram;
  if (in.U8() != kVersion) return Drop::kBadVersion;
  frame.type = static_cast<Type>(in.U8());
  if (Name(frame.type).empty()) return Drop::kBadType;
  const std::size_t most = frame.type == Type::kClear ? 0xffff : kMaxDatagram;
  if (in.U16() != datagram.size() || datagram.size() > most) return Drop::kBadLength;
  frame.channel = in.U64();
  frame.counter = in.U32();
  frame.body = datagram.subspan(kHeaderBytes);
  return frame;
}

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
    case Type::kRelease:
      return Whole<Release>(bytes);
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
  if (!in.done()) return std::nullopt;
  return m;
}

Bytes Encode(const AlgReq& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  Put(w, m.suites);
  return out;
}
Bytes Encode(const AlgRsp& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  w.U8(m.suite);
  w.Put(m.cookie);
  return out;
}
Bytes Encode(const KexReq& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  Put(w, m.suites);
  w.U8(m.suite);
  w.Put(m.cookie);
  w.U8(m.authenticate_server ? 2 : 1);
  Put16(w, m.public_value);
  return out;
}
Bytes Encode(const KexRsp& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  Put16(w, m.public_value);
  return out;
}
Bytes Encode(const KexProof& m) {
  Bytes out;
  Writer w(out);
  Put8(w, AsText(m.mac));
  w.U8(static_cast<std::uint8_t>(m.method));
  w.U8(m.chap_id);
  Put8(w, AsText(m.challenge));
  return out;
}
Bytes Encode(const AuthReq& m) {
  Bytes out;
  out.reserve(3 + m.user_name.size() + m.proof.size());  // one buffer, so that one wipe gets every copy
  Writer w(out);
  w.U8(static_cast<std::uint8_t>(m.method));
  Put8(w, m.user_name);
  Put8(w, AsText(m.proof.view()));
  return out;
}
Bytes Encode(const AuthRsp& m) {
  return {static_cast<std::uint8_t>(m.answer)};
}
Bytes Encode(const RegReq& m) {
  Bytes out;
  Writer w(out);
  w.U8(static_cast<std::uint8_t>(m.type));
  w.U32(m.private_address.value);
  Put(w, m.local);
  Put8(w, m.device_id);
  return out;
}
Bytes Encode(const RegRsp& m) {
  Bytes out;
  Writer w(out);
  w.U8(static_cast<std::uint8_t>(m.answer));
  if (m.answer != Answer::kAccepted) return out;
  w.U16(m.dvpn_id);
  w.U32(m.control_id);
  Put(w, m.terms);
  w.U32(m.server_private.value);
  Put(w, m.observed);
  Put8(w, m.device_id);
  return out;
}
Bytes Encode(const Refuse& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  w.U8(static_cast<std::uint8_t>(m.answer));
  return out;
}
Bytes Encode(const SetupReq& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.nonce);
  w.U32(m.spi);
  Put16(w, m.public_value);
  return out;
}
Bytes Encode(const SetupRsp& m) {
  Bytes out;
  Writer w(out);
  w.Put(m.initiator_nonce);
  w.Put(m.nonce);
  w.U32(m.spi);
  Put16(w, m.public_value);
  return out;
}
Bytes Encode(const Keepalive& m) {
  Bytes out;
  Writer(out).U32(m.number);
  return out;
}
Bytes Encode(const Redirect& m) {
  Bytes out;
  out.reserve(128);
  Writer w(out);
  w.U8(m.active ? 1 : 2);
  w.U32(m.peer_private.value);
  w.U32(m.destination.value);
  Put(w, m.peer_public);
  Put(w, m.peer_local);
  Put(w, m.terms);
  w.Put(m.secret.view());
  Put8(w, m.device_id);
  return out;
}
Bytes Encode(const Release& m) {
  return {static_cast<std::uint8_t>(m.stopping ? 2 : 1)};
}
Bytes Encode(const PathSize& m) {
  Bytes out;
  Writer(out).U16(m.bytes);
  return out;
}
Bytes Encode(const Terms& m) {
  Bytes out;
  Writer w(out);
  Put(w, m);
  return out;
}

Bytes PathFiller(std::size_t filler) {
  Bytes out(2 + filler);
  Store16(out.data(), static_cast<std::uint16_t>(filler));
  return out;
}
std::optional<std::size_t> PathFillerBytes(ByteView body) {
  if (body.size() < 2 || body.size() < std::size_t{2} + Load16(body.data())) return std::nullopt;
  return std::size_t{2} + Load16(body.data());
}

Bytes EncodeHeader(Type type, std::uint64_t channel, std::uint32_t counter, std::size_t body_bytes) {
  Bytes out;
  out.reserve(kHeaderBytes + body_bytes);
  Writer w(out);
  w.U32(0);
  w.U8(kVersion);
  w.U8(static_cast<std::uint8_t>(type));
  w.U16(static_cast<std::uint16_t>(kHeaderBytes + body_bytes));
  w.U64(channel);
  w.U32(counter);
  return out;
}
Bytes EncodeFrame(Type type, std::uint64_t channel, std::uint32_t counter, ByteView body) {
  Bytes out = EncodeHeader(type, channel, counter, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::string WireDeviceId(std::string_view name) {
  std::string out(name.substr(0, kMaxDeviceId));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return out;
}

}  // namespace sw::dvpn::wire
