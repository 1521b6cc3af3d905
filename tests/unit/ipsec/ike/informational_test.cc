// What ends are told and what they tell: deletions, and whose they are.
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

class InformationalTest : public IkePair {
 protected:
  // b is one end of a template: a and c are two peers of it. Each fake counts its SPIs from the same number, so the two
  // have chosen the same ones.
  IkeNode& TwoPeersOfOneTemplate() {
    b_peer().remote_first = Ipv4(192, 0, 2, 0);
    b_peer().remote_last = Ipv4(198, 51, 100, 255);
    Boot();
    IkeNode& c = net.Add(kC, a_settings);
    a->Wish(wish);
    EXPECT_TRUE(net.scheduler.RunUntilTrue([&] { return b->owner.installed.size() == 1; }, 10s));
    net.scheduler.RunFor(30s);
    ipsec::Wish other = wish;
    other.local = kC;
    c.Wish(other);
    EXPECT_TRUE(net.scheduler.RunUntilTrue([&] { return b->owner.installed.size() == 2; }, 10s));
    EXPECT_EQ(a->owner.installed.at(0).in_esp->spi, c.owner.installed.at(0).in_esp->spi);
    return c;
  }
  static constexpr Ipv4 kC{192, 0, 2, 3};
};

TEST_F(InformationalTest, WithdrawnSasAreToldToTheOtherEnd) {
  Establish();
  a->engine->Withdraw("peer", kB, ipsec::SaProtocol::kEsp, a->owner.installed[0].in_esp->spi);
  net.scheduler.RunFor(1s);
  ASSERT_EQ(b->owner.deleted.size(), 1U);
  EXPECT_EQ(b->owner.deleted[0], b->owner.installed[0].in_esp->spi);
  EXPECT_EQ(a->engine->sas().size(), 1U);  // phase 1 stays
  EXPECT_EQ(b->engine->sas().size(), 1U);
}

TEST_F(InformationalTest, ResetEndsPhaseOneOnBothEnds) {
  Establish();
  EXPECT_FALSE(a->engine->Reset(99));
  EXPECT_TRUE(a->engine->Reset(a->Phase1()->id));
  net.scheduler.RunFor(1s);
  EXPECT_EQ(a->Phase1(), nullptr);
  EXPECT_EQ(b->Phase1(), nullptr);
  EXPECT_EQ(b->owner.deleted.size(), 0U);  // IPsec SAs stay
  a->Wish(wish);
  EXPECT_TRUE(Both(2));
}

TEST_F(InformationalTest, WhoLeavesTellsItsPeersAndKeepsNothing) {
  Establish();
  b->Wish(back);
  ASSERT_TRUE(Both(2));
  a->engine->Leave();
  net.scheduler.RunFor(1s);
  for (IkeNode* end : {a, b}) {
    EXPECT_EQ(end->owner.deleted.size(), 2U);
    EXPECT_TRUE(end->engine->sas().empty());
  }
  b->Wish(back);  // what goes on begins anew
  EXPECT_TRUE(Both(3));
}

TEST_F(InformationalTest, ResetOfAPhaseTwoRowEndsItsSas) {
  Establish();
  EXPECT_TRUE(a->engine->Reset(a->engine->sas()[1].id));
  net.scheduler.RunFor(1s);
  EXPECT_EQ(a->owner.deleted.size(), 1U);
  EXPECT_EQ(b->owner.deleted.size(), 1U);
  EXPECT_NE(a->Phase1(), nullptr);
}

TEST_F(InformationalTest, APeerOfATemplateEndsNoSasOfAnother) {
  IkeNode& c = TwoPeersOfOneTemplate();
  c.engine->Withdraw("peer", kB, ipsec::SaProtocol::kEsp, c.owner.installed[0].in_esp->spi);
  net.scheduler.RunFor(1s);
  EXPECT_EQ(b->owner.deleted, std::vector{b->owner.installed[1].in_esp->spi});
  c.engine->Withdraw("peer", kB, ipsec::SaProtocol::kEsp, c.owner.installed[0].in_esp->spi);
  net.scheduler.RunFor(1s);
  EXPECT_EQ(b->owner.deleted.size(), 1U);  // the SPI is still in use, but not with c
  a->engine->Withdraw("peer", kB, ipsec::SaProtocol::kEsp, a->owner.installed[0].in_esp->spi);
  net.scheduler.RunFor(1s);
  EXPECT_EQ(b->owner.deleted.back(), b->owner.installed[0].in_esp->spi);
}

TEST_F(InformationalTest, PeersOfATemplateBehindOneNatAreStrangersToEachOther) {
  const Ipv4 outer(198, 51, 100, 7);
  net.nat[kA] = net.nat[kC] = outer;
  a_peer().nat_traversal = b_peer().nat_traversal = true;
  IkeNode& c = TwoPeersOfOneTemplate();  // its first contact is not a's
  EXPECT_EQ(b->owner.lost, 0);
  EXPECT_TRUE(b->owner.deleted.empty());
  c.engine->Withdraw("peer", kB, ipsec::SaProtocol::kEsp, c.owner.installed[0].in_esp->spi);
  c.engine->Reset(std::nullopt);
  net.scheduler.RunFor(60s);
  EXPECT_EQ(b->owner.deleted, std::vector{b->owner.installed[1].in_esp->spi});
  EXPECT_EQ(b->Ready(), 1U);
  EXPECT_NE(a->Phase1(), nullptr);
  a->Wish(wish);
  EXPECT_TRUE(net.scheduler.RunUntilTrue([&] { return a->owner.installed.size() == 2; }, 10s));
}

}  // namespace
}  // namespace sw::testing
