#include "dvpn/wire.h"

#include <algorithm>

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
    {Type::kAbort, "ABORT"},
    {Type::kKexReqPart, "KEX-REQ-PART"},
    {Type::kKexRspPart, "KEX-RSP-PART"},
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
    {Type::kPart, "PART"},
    {Type::kUnreached, "UNREACHED"},
    {Type::kClear, "CLEAR"},
};

}  // namespace

std::string_view Name(Type type) {
  for (const TypeName& t : kTypeNames)
    if (t.type == type) return t.name;
  return {};
}

int StepOf(Type type) {
  if (type == Type::kKexReqPart) return StepOf(Type::kKexReq);
  if (type == Type::kKexRspPart) return StepOf(Type::kKexRsp);
  return type <= Type::kRegRsp ? static_cast<int>(type) : 0;
}

std::string_view Phrase(Answer answer) {
  static constexpr std::string_view kPhrases[] = {
      "accepted",
      "no common algorithm suite",
      "the server has no pre-shared key",
      "the server is busy",
      "client authentication failed",
      "private address is outside the tunnel network",
      "private address belongs to another client",
      "the message does not parse",
      "the cookie is wrong or expired",
      "the message does not verify",
      "no such registration",
      "server authentication failed: the pre-shared keys differ",
      "the policy is below the minimum of the client",
      "the policy names a suite that the client does not have",
      "the private address of the server is not the one expected",
      "client authentication is asked for, but the client has no user",
      "the CHAP challenge is not that of this exchange",
      "the client gave up",
      "fault injected",
      "too many attempts failed, the next one has to wait",
      "the user has as many private addresses as it may",
      "the server has no certificate",
      "server authentication failed: the certificate of the server is not accepted",
  };
  const auto n = static_cast<std::size_t>(answer);
  return n < std::size(kPhrases) ? kPhrases[n] : std::string_view();
}

bool SuiteList::Has(int number) const {
  return std::find(numbers.begin(), numbers.begin() + count, number) != numbers.begin() + count;
}

std::variant<Frame, Drop> DecodeFrame(ByteView datagram, std::size_t longest) {
  if (datagram.size() < kHeaderBytes) return Drop::kTruncated;
  Reader in(datagram);
  in.U32();  // the marker; the caller looked at it
  Frame frame;
  frame.datagram = datagram;
  if (in.U8() != kVersion) return Drop::kBadVersion;
  frame.type = static_cast<Type>(in.U8());
  if (Name(frame.type).empty()) return Drop::kBadType;
  const std::size_t most = frame.type == Type::kClear ? 0xffff : longest;
  if (in.U16() != datagram.size() || datagram.size() > most) return Drop::kBadLength;
  frame.channel = in.U64();
  frame.counter = in.U32();
  frame.body = datagram.subspan(kHeaderBytes);
  return frame;
}

std::optional<std::uint8_t> OtherVersion(ByteView datagram) {
  if (datagram.size() < kHeaderBytes || Load16(datagram.data() + 6) != datagram.size()) return std::nullopt;
  return datagram[4];
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
Bytes EncodeFrame(Type type, std::uint64_t channel, std::uint32_t counter, ByteView body, std::uint8_t version) {
  Bytes out = EncodeHeader(type, channel, counter, body.size());
  out[4] = version;
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
