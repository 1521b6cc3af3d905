// Packets on their way through the SAs of a gateway.
#include "tests/unit/ipsec/gateways.h"

namespace sw::ipsec {
namespace {

using FlightsTest = GatewayTest;

TEST_F(FlightsTest, TellsThePathMtuToWhoForbidsFragments) {
  Protect();
  (void)Carries();
  auto [out, clear] = a.Out(a.Datagram(1460, true));
  ASSERT_EQ(out.sent.size(), 1U);
  const auto error = hal::ParseIpv4(out.sent[0].packet->data());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->protocol, hal::kProtocolIcmp);
  EXPECT_EQ(error->destination, Ipv4(10, 1, 1, 1));
  const std::uint16_t mtu = Load16(&out.sent[0].packet->data()[26]);
  EXPECT_EQ(mtu, 1438);  // AES and SHA1: 20 + 8 + 16 + 1440 + 12 = 1496
  auto [fits, none] = a.Out(a.Datagram(mtu - 20U, true));
  ASSERT_EQ(fits.sent.size(), 1U);
  EXPECT_LE(fits.sent[0].packet->size(), 1500U);
}

TEST_F(FlightsTest, RefusesReplaysAndForgeries) {
  Protect();
  (void)Carries();
  auto [sealed, clear] = a.Out(a.Datagram(100));
  const Bytes wire(sealed.sent[0].packet->data().begin(), sealed.sent[0].packet->data().end());
  for (std::size_t i = 28; i < wire.size(); ++i) {
    Bytes forged = wire;
    forged[i] ^= 0x40;
    std::vector<PacketPtr> burst;
    burst.push_back(b.packets.Copy(forged));
    GatewayOutput out;
    b.gateway.Receive(burst, out);
    EXPECT_TRUE(out.delivered.empty()) << i;
  }
  for (const std::size_t expected : {std::size_t{1}, std::size_t{0}}) {
    std::vector<PacketPtr> burst;
    burst.push_back(b.packets.Copy(wire));
    GatewayOutput out;
    b.gateway.Receive(burst, out);
    EXPECT_EQ(out.delivered.size(), expected);
  }
  EXPECT_EQ(b.gateway.statistics().causes[static_cast<std::size_t>(Cause::kReplay)], 1U);
}

}  // namespace
}  // namespace sw::ipsec
