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
