// Packets at the ports of a gateway, and what it believes of others.
#include "tests/unit/ipsec/gateways.h"

namespace sw::ipsec {
namespace {

TEST_F(GatewayTest, DropsWhileNegotiatingAndCarriesAfterwards) {
  Protect();
  EXPECT_FALSE(Carries());  // it asked
  EXPECT_EQ(agreement.asked, 1);
  EXPECT_TRUE(Carries());
  EXPECT_TRUE(Carries());
  EXPECT_EQ(agreement.asked, 1);
  EXPECT_EQ(agreement.sending, 2);
}

TEST_F(GatewayTest, SendsUnprotectedWhatNoPolicyPermits) {
  Protect();
  auto [out, clear] = a.Out(a.Datagram(10, false, Ipv4(203, 0, 113, 1).value));
  EXPECT_EQ(clear, 1U);
  EXPECT_EQ(agreement.asked, 0);
}

TEST_F(GatewayTest, BelievesIcmpAboutItsOwnSasOnly) {
  Protect();
  (void)Carries();
  auto [sealed, clear] = a.Out(a.Datagram(100));
  Bytes quoted(sealed.sent[0].packet->data().begin(), sealed.sent[0].packet->data().begin() + 28);
  a.gateway.PathMtu(quoted, 1300);
  EXPECT_EQ(a.gateway.bundles()[0].path_mtu, 1300U);
  a.gateway.PathMtu(quoted, 68);
  EXPECT_EQ(a.gateway.bundles()[0].path_mtu, 1300U);
  quoted[23] ^= 1;  // the SPI
  a.gateway.PathMtu(quoted, 1000);
  EXPECT_EQ(a.gateway.bundles()[0].path_mtu, 1300U);
}

}  // namespace
}  // namespace sw::ipsec
