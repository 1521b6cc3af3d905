// Which policy takes what a peer asks for.
#include "tests/unit/ipsec/gateways.h"

namespace sw::ipsec {
namespace {

using PolicyTableTest = GatewayTest;

TEST_F(PolicyTableTest, AgreesOnTheSmallerLifetimeAndRefusesWiderFlows) {
  Protect({200, 500});
  Offer offer{"peer", b.address(), a.address(), {}, Isakmp().proposals, hal::DhGroup::kNone, {200, 5000}};
  offer.flow.local = {Ipv4(10, 1, 2, 0), Ipv4(10, 1, 2, 255)};
  offer.flow.remote = {Ipv4(10, 1, 1, 0), Ipv4(10, 1, 1, 255)};
  const auto accepted = b.gateway.Judge(offer);
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(accepted->lifetime, (Lifetime{200, 1000}));
  offer.flow.remote.last = Ipv4(10, 1, 9, 255);
  EXPECT_FALSE(b.gateway.Judge(offer).ok());
  offer.flow.remote.last = Ipv4(10, 1, 1, 7);
  EXPECT_TRUE(b.gateway.Judge(offer).ok());
  offer.pfs = hal::DhGroup::kModp1024;
  EXPECT_FALSE(b.gateway.Judge(offer).ok());
}

}  // namespace
}  // namespace sw::ipsec
