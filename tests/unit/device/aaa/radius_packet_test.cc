#include "device/aaa/radius_packet.h"

#include <gtest/gtest.h>

#include "tests/unit/device/radius_server.h"

namespace sw::device::radius {
namespace {

Bytes Hex(std::string_view hex) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

const SecretBytes kKey(std::string_view("xyzzy5461"));

TEST(RadiusPacket, HidesThePasswordAsTheExampleOfRfc2865Section71) {
  Authenticator random;
  std::ranges::copy(Hex("0f403f9473978057bd83d5cb98f4227a"), random.begin());
  const Bytes packet = Encode(PacketCode::kAccessRequest, 0, random, {Text(Type::kUserName, "nemo")},
                              SecretBytes(std::string_view("arctangent")), kKey);
  // The last attribute; the RFC's packet has no Message-Authenticator, so the rest differs.
  EXPECT_EQ(Bytes(packet.end() - 16, packet.end()), Hex("0dbe708d93d413ce3196e43f782a0aee"));
  EXPECT_EQ(Load16(packet.data() + 2), packet.size());
}

TEST(RadiusPacket, TakesTheAnswerOfTheExampleOfRfc2865Section71) {
  Bytes request = Hex("010000380f403f9473978057bd83d5cb98f4227a");
  const Bytes answer = Hex("0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103");
  const std::optional<Answer> opened = Decode(answer, request, kKey);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->code, PacketCode::kAccessAccept);
  EXPECT_EQ(opened->attributes.size(), 3U);
  EXPECT_FALSE(Decode(answer, request, SecretBytes(std::string_view("xyzzy5462"))));
  Bytes changed = answer;
  changed[0] = 3;
  EXPECT_FALSE(Decode(changed, request, kKey)) << "the code is covered by the digest";
  request[1] = 1;
  EXPECT_FALSE(Decode(answer, request, kKey)) << "another request's";
}

TEST(RadiusPacket, RefusesAnswersOfTheWrongKindAndShape) {
  const Bytes request = Encode(PacketCode::kAccessRequest, 9, {}, {}, {}, kKey);
  auto answer = [&](PacketCode code, const std::vector<Attribute>& attributes = {}) {
    return RadiusServer::Sign(code, request, attributes, "xyzzy5461");
  };
  EXPECT_TRUE(Decode(answer(PacketCode::kAccessReject), request, kKey));
  EXPECT_FALSE(Decode(answer(PacketCode::kAccountingResponse), request, kKey));
  EXPECT_FALSE(
      Decode(answer(PacketCode::kAccessAccept, {Octets(Type::kMessageAuthenticator, Bytes(16))}), request, kKey));
  const Bytes good = answer(PacketCode::kAccessAccept, {Text(Type::kReplyMessage, "hello")});
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(Decode(ByteView(good).first(length), request, kKey)) << length;
}

TEST(RadiusPacket, SaysWhetherAnAnswerIsProvedByAMessageAuthenticator) {
  const Bytes request = Encode(PacketCode::kAccessRequest, 9, {}, {}, {}, kKey);
  const auto proved = Decode(RadiusServer::Prove(PacketCode::kAccessAccept, request, {}, "xyzzy5461"), request, kKey);
  ASSERT_TRUE(proved);
  EXPECT_TRUE(proved->proved);
  const auto signed_only = Decode(RadiusServer::Sign(PacketCode::kAccessAccept, request, {}, "xyzzy5461"), request, kKey);
  ASSERT_TRUE(signed_only);
  EXPECT_FALSE(signed_only->proved);
}

TEST(RadiusPacket, ReadsLevelsOfThreeVendors) {
  auto vendor = [](std::uint32_t id, std::uint8_t type, std::uint32_t value) {
    Bytes out(10);
    Store32(out.data(), id);
    out[4] = type;
    out[5] = 6;
    Store32(out.data() + 6, value);
    return std::vector<Attribute>{Octets(Type::kVendorSpecific, out)};
  };
  EXPECT_EQ(LevelOf(vendor(43, 1, 3)), 3);
  EXPECT_EQ(LevelOf(vendor(25506, 29, 2)), 2);
  EXPECT_EQ(LevelOf(vendor(2011, 29, 1)), 1);
  EXPECT_EQ(LevelOf(vendor(43, 1, 15)), std::nullopt);
  EXPECT_EQ(LevelOf(vendor(9, 1, 3)), std::nullopt);
}

TEST(RadiusPacket, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(Encode(PacketCode::kAccessRequest, 0, {}, {}, SecretBytes(kMaxPassword + 1), kKey).empty());
  const std::vector<Attribute> many(10, Octets(Type::kClass, Bytes(253)));
  EXPECT_TRUE(Encode(PacketCode::kAccountingRequest, 0, {}, many, {}, kKey).empty());
}

TEST(RadiusPacket, ReadsWhatBelongsToAUser) {
  const auto route = [](std::string_view text) { return Text(Type::kFramedRoute, text); };
  const Ipv4 address = *Ipv4::Parse("10.0.0.11");
  EXPECT_EQ(FramedAddressOf({Number(Type::kFramedIpAddress, address.value)}), address);
  for (const std::uint32_t choice : {0xffffffffu, 0xfffffffeu})
    EXPECT_EQ(FramedAddressOf({Number(Type::kFramedIpAddress, choice)}), std::nullopt);
  EXPECT_EQ(FramedAddressOf({}), std::nullopt);
  const auto network = [](const char* text, std::uint8_t length) { return Prefix{*Ipv4::Parse(text), length}; };
  EXPECT_EQ(*FramedRoutesOf({route("10.1.1.77/24 10.0.0.11 1"), route("192.168.7.0 0.0.0.0"), route("172.16.0.0/12")}),
            (std::vector<Prefix>{network("10.1.1.0", 24), network("192.168.7.0", 24), network("172.16.0.0", 12)}));
  EXPECT_TRUE(FramedRoutesOf({})->empty());
  for (const char* bad : {"", "10.1.1.0/33", "10.1.1.0/", "10.1.1.0/-1", "fe80::/64", "10.1.1/24", "10.1.1.0/24x"})
    EXPECT_FALSE(FramedRoutesOf({route(bad)})) << bad;
}

}  // namespace
}  // namespace sw::device::radius
