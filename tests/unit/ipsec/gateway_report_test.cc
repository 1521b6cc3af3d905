// What the gateway tells while somebody wants to know: packets both ways, SAs, lookups; never keys.
#include <gmock/gmock.h>

#include "tests/unit/ipsec/gateways.h"

namespace sw::ipsec {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint8_t kKeyByte = 0x5b;

// The same keys on both ends, SPI 1000 from the first to the second and 2000 back.
Policy Manual(unsigned n, const Protection& protection) {
  Policy policy;
  policy.mode = PolicyMode::kManual;
  policy.proposals = {protection};
  policy.remote = Ipv4(192, 0, 2, 3 - n);
  const auto keys = [&](SaProtocol protocol, bool inbound) {
    SaKeys out{(inbound == (n == 2) ? 1000U : 2000U) + (protocol == SaProtocol::kAh ? 500U : 0U),
               SecretBytes(KeyBytes(protection, protocol))};
    std::ranges::fill(out.keys.span(), kKeyByte);
    return out;
  };
  if (protection.esp) {
    policy.in_esp = keys(SaProtocol::kEsp, true);
    policy.out_esp = keys(SaProtocol::kEsp, false);
  }
  if (protection.ah) {
    policy.in_ah = keys(SaProtocol::kAh, true);
    policy.out_ah = keys(SaProtocol::kAh, false);
  }
  return policy;
}

constexpr EspAlgorithms kDesMd5{hal::Cipher::kDesCbc, hal::Integrity::kHmacMd5};

class GatewayTelling : public GatewayTest {
 protected:
  void ByHand(const Protection& protection) {
    a.Protect(Manual(1, protection));
    b.Protect(Manual(2, protection));
  }
  void Want(GatewayTopic topic) { a.wanted = b.wanted = {topic}; }
  Bytes Wire() {
    auto [sent, clear] = a.Out(a.Datagram(100));
    if (sent.sent.size() != 1) return {};
    const ByteView bytes = sent.sent[0].packet->data();
    return {bytes.begin(), bytes.end()};
  }
  void Feed(const Bytes& wire) {
    std::vector<PacketPtr> burst;
    burst.push_back(b.packets.Copy(wire));
    GatewayOutput out;
    b.gateway.Receive(burst, out);
  }
};

TEST_F(GatewayTelling, NothingUnlessItIsWanted) {
  Protect({100, 0});
  (void)Carries();
  EXPECT_TRUE(Carries());
  Wait(std::chrono::seconds(200));
  EXPECT_THAT(a.events, IsEmpty());
  EXPECT_THAT(b.events, IsEmpty());
}

TEST_F(GatewayTelling, PacketsThroughATunnelBothWays) {
  ByHand({.ah = {}, .esp = kDesMd5});
  Want(GatewayTopic::kPacket);
  ASSERT_TRUE(Carries());
  EXPECT_EQ(a.Told(),
            "---- Send IPSec packet ----\n"
            "  Tunnel mode. Adding outer IP header succeed!\n"
            "  Src:192.0.2.1 Dst:192.0.2.2 SPI:1000 (0x3e8)\n"
            "  New ESP(RFC2406) Enc Alg:DES Auth Alg:HMAC-MD5-96\n"
            "  Authentication finished! New ESP(RFC2406)\n"
            "  Encryption finished! New ESP(RFC2406) SN:1\n"
            "  Now send it to IP output process ...\n");
  EXPECT_EQ(b.Told(),
            "---- Receive IPSec(ESP) packet ----\n"
            "  Src:192.0.2.1 Dst:192.0.2.2 SPI:1000 (0x3e8)\n"
            "  New ESP(RFC2406) Enc Alg:DES Auth Alg:HMAC-MD5-96\n"
            "  Replay Checking Enabled! SN:1\n"
            "  ESP new input: Authentication succeed!\n"
            "  Decryption succeed!\n"
            "  Tunnel mode. Org Src :10.1.1.1 Org Dst:10.1.2.1\n"
            "  Now send it to IP input process\n");
}

TEST_F(GatewayTelling, AhAroundEspIsToldOneAfterTheOther) {
  ByHand({.ah = hal::Integrity::kHmacSha1, .esp = EspAlgorithms{hal::Cipher::kAesCbc, hal::Integrity::kNone}});
  Want(GatewayTopic::kPacket);
  ASSERT_TRUE(Carries());
  EXPECT_EQ(a.Told(),
            "---- Send IPSec packet ----\n"
            "  Tunnel mode. Adding outer IP header succeed!\n"
            "  Src:192.0.2.1 Dst:192.0.2.2 SPI:1000 (0x3e8)\n"
            "  New ESP(RFC2406) Enc Alg:AES-128\n"
            "  Encryption finished! New ESP(RFC2406) SN:1\n"
            "---- Send IPSec packet ----\n"
            "  Tunnel mode. Adding outer IP header succeed!\n"
            "  Src:192.0.2.1 Dst:192.0.2.2 SPI:1500 (0x5dc)\n"
            "  New AH(RFC2402) Auth Alg:HMAC-SHA1-96\n"
            "  Authentication finished! New AH(RFC2402) SN:1\n"
            "  Now send it to IP output process ...\n");
  EXPECT_EQ(b.Told(),
            "---- Receive IPSec(AH) packet ----\n"
            "  Src:192.0.2.1 Dst:192.0.2.2 SPI:1500 (0x5dc)\n"
            "  New AH(RFC2402) Auth Alg:HMAC-SHA1-96\n"
            "  Replay Checking Enabled! SN:1\n"
            "  AH new input: Authentication succeed!\n"
            "---- Receive IPSec(ESP) packet ----\n"
            "  Src:192.0.2.1 Dst:192.0.2.2 SPI:1000 (0x3e8)\n"
            "  New ESP(RFC2406) Enc Alg:AES-128\n"
            "  Replay Checking Enabled! SN:1\n"
            "  Decryption succeed!\n"
            "  Tunnel mode. Org Src :10.1.1.1 Org Dst:10.1.2.1\n"
            "  Now send it to IP input process\n");
}

TEST_F(GatewayTelling, TransportModeIsForTheEndsThemselves) {
  ByHand({.ah = {}, .esp = kDesMd5, .transport = true});
  Want(GatewayTopic::kPacket);
  EXPECT_FALSE(Carries());  // between networks
  EXPECT_EQ(a.Told(),
            "---- Send IPSec packet ----\n"
            "  Src:10.1.1.1 Dst:10.1.2.1\n"
            "  New ESP(RFC2406) Enc Alg:DES Auth Alg:HMAC-MD5-96\n"
            "  Dropped: wrong SA\n");
}

TEST_F(GatewayTelling, WhyAPacketIsDropped) {
  ByHand({.ah = {}, .esp = kDesMd5});
  const Bytes wire = Wire();
  ASSERT_FALSE(wire.empty());
  Want(GatewayTopic::kPacket);

  Bytes forged = wire;
  forged.back() ^= 1;
  Feed(forged);
  EXPECT_THAT(b.Told(), HasSubstr("  Dropped: authentication is failed (integrity check failed)\n"));
  Feed(wire);
  EXPECT_THAT(b.Told(), HasSubstr("  Now send it to IP input process\n"));
  Feed(wire);
  EXPECT_THAT(b.Told(), AllOf(HasSubstr("  Replay Checking Enabled! SN:1\n"),
                              HasSubstr("  Dropped: replay packet (sequence number seen before)\n")));
  Bytes unknown = wire;
  unknown[20] ^= 0x10;
  Feed(unknown);
  EXPECT_THAT(b.Told(), AllOf(HasSubstr("SPI:268436456 (0x100003e8)\n"), HasSubstr("  Dropped: can't find SA\n")));
  Feed(Bytes(10));
  EXPECT_EQ(b.Told(), "---- Receive IPSec(ESP) packet ----\n  Dropped: wrong length\n");
  (void)a.Out(a.Datagram(1460, true));
  EXPECT_THAT(a.Told(), HasSubstr("  Dropped: too long packet\n"));
}

TEST_F(GatewayTelling, PacketsCanBePickedByPolicyOrSa) {
  ByHand({.ah = {}, .esp = kDesMd5});
  Want(GatewayTopic::kPacket);
  ASSERT_TRUE(Carries());
  ASSERT_FALSE(a.events.empty());
  for (const GatewayEvent& event : a.events) {
    EXPECT_TRUE((PacketFilter{.policy = "p"}.Takes(event)));
    EXPECT_TRUE((PacketFilter{.policy = "p", .number = 10}.Takes(event)));
    EXPECT_FALSE((PacketFilter{.policy = "p", .number = 11}.Takes(event)));
    EXPECT_FALSE((PacketFilter{.policy = "q"}.Takes(event)));
    EXPECT_TRUE((PacketFilter{.destination = b.address(), .spi = 1000}.Takes(event)));
    EXPECT_FALSE((PacketFilter{.destination = b.address(), .spi = 2000}.Takes(event)));
    EXPECT_FALSE((PacketFilter{.destination = a.address(), .spi = 1000}.Takes(event)));
    EXPECT_FALSE((PacketFilter{.destination = b.address(), .protocol = SaProtocol::kAh, .spi = 1000}.Takes(event)));
  }
  for (const GatewayEvent& event : b.events)
    EXPECT_TRUE((PacketFilter{.destination = b.address(), .spi = 1000}.Takes(event)));
}

TEST_F(GatewayTelling, SasAddedReplacedExpiredRemoved) {
  Want(GatewayTopic::kSa);
  Protect({200, 0});
  (void)Carries();
  EXPECT_THAT(a.Told(), HasSubstr("connection 1 is added for policy p 10, negotiated: ESP SPI "));
  EXPECT_TRUE(Carries());
  Wait(std::chrono::seconds(161));
  EXPECT_THAT(a.Told(), AllOf(HasSubstr("connection 1 is old and to be renewed\n"),
                              HasSubstr("connection 1 is replaced by 2 and ends in 30 s\n"),
                              HasSubstr("connection 2 is added for policy p 10, negotiated: ")));
  Wait(std::chrono::seconds(30));
  EXPECT_THAT(a.Told(), HasSubstr("connection 1 is removed, expired: ESP SPI "));
  (void)a.gateway.Reset({});
  EXPECT_THAT(a.Told(), HasSubstr("connection 2 is removed, reset: ESP SPI "));
  b.gateway.PeerLost("peer", a.address());
  EXPECT_THAT(b.Told(), HasSubstr(" is removed, the peer is lost: ESP SPI "));
}

TEST_F(GatewayTelling, LookupsThatLeadNowhere) {
  Want(GatewayTopic::kMisc);
  agreement.silent = true;
  Protect();
  (void)Carries();
  EXPECT_EQ(a.Told(),
            "GigabitEthernet0/0: 10.1.1.1 > 10.1.2.1, protocol 17: policy p 10 has no SAs for it, it is dropped\n");
  (void)a.Out(a.Datagram(10, false, Ipv4(203, 0, 113, 1).value));
  EXPECT_EQ(a.Told(),
            "GigabitEthernet0/0: 10.1.1.1 > 203.0.113.1, protocol 17: no policy permits it, it is sent unprotected\n");
  std::vector<PacketPtr> burst;
  burst.push_back(a.Datagram(10));
  b.gateway.Inbound(1, burst);
  EXPECT_TRUE(burst.empty());
  EXPECT_EQ(
      b.Told(),
      "GigabitEthernet0/0: 10.1.1.1 > 10.1.2.1, protocol 17: policy p 10 wants it protected, it came unprotected and "
      "is dropped\n");

  Offer offer{"stranger", b.address(), a.address(), {}, Isakmp().proposals, hal::DhGroup::kNone, {}};
  EXPECT_EQ(b.gateway.Judge(offer).why(), "no policy has this peer");
  offer.peer = "peer";
  EXPECT_EQ(b.gateway.Judge(offer).why(),
            "policy p 10: its list does not hold the flow 0.0.0.0/0.0.0.0 - 0.0.0.0/0.0.0.0");
  offer.flow.local = {Ipv4(10, 1, 2, 0), Ipv4(10, 1, 2, 255)};
  offer.flow.remote = {Ipv4(10, 1, 1, 0), Ipv4(10, 1, 1, 255)};
  offer.proposals = {{.ah = {}, .esp = kDesMd5}};
  EXPECT_EQ(b.gateway.Judge(offer).why(), "policy p 10: no proposal in common");
  offer.pfs = hal::DhGroup::kModp1024;
  EXPECT_EQ(b.gateway.Judge(offer).why(), "policy p 10: perfect forward secrecy differs");
  EXPECT_THAT(b.Told(), HasSubstr("an offer of peer peer is refused: policy p 10: no proposal in common\n"));
}

TEST_F(GatewayTelling, NoKeysInAnyOfIt) {
  a.wanted = b.wanted = {GatewayTopic::kSa, GatewayTopic::kPacket, GatewayTopic::kMisc};
  ByHand({.ah = hal::Integrity::kHmacSha1, .esp = kDesMd5});
  ASSERT_TRUE(Carries());
  (void)a.gateway.Reset({});
  const std::string told = a.Told() + b.Told();
  EXPECT_THAT(told, HasSubstr("set by hand: ESP SPI 2000 (0x7d0) 192.0.2.2 > 192.0.2.1, AH SPI 2500"));
  EXPECT_THAT(told, AllOf(Not(HasSubstr("5b5b")), Not(HasSubstr("[["))));  // as figures, as bytes
}

}  // namespace
}  // namespace sw::ipsec
