// What happens to SAs that stand: successors, collisions, a peer that starts afresh, bounds.
#include "ipsec/ike/message_ids.h"
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

using ExchangesTest = IkePair;

TEST_F(ExchangesTest, AnIsakmpSaHasASuccessorBeforeItEnds) {
  a_settings.proposals[0].seconds = 600;
  Establish();
  for (int n = 0; n < 20; ++n) {
    net.scheduler.RunFor(100s);
    ASSERT_GE(a->Ready(), 1U) << n;
    ASSERT_GE(b->Ready(), 1U) << n;
    ASSERT_LE(a->Ready(), 2U) << n;
  }
  EXPECT_GE(a->engine->counters().initiated, 4U);
  EXPECT_EQ(b->engine->counters().initiated, 0U);  // the initiator was always first
  EXPECT_EQ(a->owner.installed.size(), 1U);        // phase 2 stays as it is
  EXPECT_EQ(a->owner.lost + b->owner.lost, 0);
  a->Wish(wish);  // and the newest serves
  ASSERT_TRUE(Both(2));
}

TEST_F(ExchangesTest, TheResponderLeavesRenewingToTheInitiator) {
  a_settings.proposals[0].seconds = 600;
  Establish();
  a->up = false;
  const auto before = net.sent;
  net.scheduler.RunFor(605s);
  EXPECT_EQ(b->Ready(), 1U);  // a little longer than its time, should the initiator's clock be slower
  net.scheduler.RunFor(6s);
  EXPECT_EQ(b->Ready(), 0U);
  EXPECT_EQ(net.sent, before);
  EXPECT_EQ(b->owner.lost, 0);
}

TEST_F(ExchangesTest, BehindANatPhaseOneIsRenewedThroughTheMapping) {
  a_settings.proposals[0].seconds = 600;
  a_peer().nat_traversal = b_peer().nat_traversal = true;
  net.nat[kA] = Ipv4(198, 51, 100, 7);
  b_peer().remote_first = b_peer().remote_last = Ipv4(198, 51, 100, 7);
  Establish();
  const std::uint16_t port = *b->owner.installed[0].nat_port;
  for (int n = 0; n < 10; ++n) {
    net.scheduler.RunFor(200s);
    ASSERT_GE(a->Ready(), 1U);
    ASSERT_GE(b->Ready(), 1U);
  }
  EXPECT_EQ(b->Phase1()->remote.port, port);
  EXPECT_TRUE(a->Phase1()->nat_local);
  // Now the end outside asks for SAs.
  b->Wish([&] {
    ipsec::Wish w = back;
    w.remote = Ipv4(198, 51, 100, 7);
    return w;
  }());
  ASSERT_TRUE(Both(2));
  EXPECT_EQ(*a->owner.installed[1].nat_port, ike::kNatPort);
  EXPECT_EQ(b->engine->counters().initiated, 0U);
}

TEST_F(ExchangesTest, AReplacedSaIsFlaggedAndDeletedOnBothEnds) {
  a_settings.proposals[0].seconds = 600;
  Establish();
  const std::uint32_t first = a->Phase1()->id;
  bool replaced = false;
  ASSERT_TRUE(net.scheduler.RunUntilTrue(
      [&] {
        for (const auto& row : a->engine->sas()) replaced |= row.id == first && row.replaced;
        return replaced;
      },
      600s));
  net.scheduler.RunFor(40s);
  EXPECT_EQ(a->Ready(), 1U);
  EXPECT_EQ(b->Ready(), 1U);
  EXPECT_NE(a->Phase1()->id, first);
}

TEST_F(ExchangesTest, APeerThatStartsAfreshReplacesWhatWas) {
  Establish();
  IkeNode& again = net.Add(kA, a_settings);  // the same address, nothing remembered
  a->up = false;
  again.Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return b->owner.installed.size() == 2; }, 10s));
  EXPECT_EQ(b->owner.lost, 1);
  EXPECT_EQ(b->Ready(), 1U);
}

TEST_F(ExchangesTest, RekeyingIsNoFreshStart) {
  a_settings.proposals[0].seconds = 600;
  Establish();
  net.scheduler.RunFor(1200s);
  EXPECT_EQ(b->owner.lost, 0);
}

TEST_F(ExchangesTest, AnSaThatIsNotAnsweredEndsSoThatTheNextWishBeginsAnew) {
  Establish();
  b->up = false;
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.failed.empty(); }, 100s));
  EXPECT_EQ(a->Phase1(), nullptr);
}

TEST_F(ExchangesTest, BothEndsMayBeginAtOnce) {
  Boot();
  a->Wish(wish);
  b->Wish(back);
  ASSERT_TRUE(Both(2));
  net.scheduler.RunFor(200s);
  EXPECT_GE(a->Ready(), 1U);
  EXPECT_GE(b->Ready(), 1U);
  a->Wish(wish);
  EXPECT_TRUE(Both(3));
}

TEST_F(ExchangesTest, APeerThatIsNoLongerConfiguredLosesItsSas) {
  Establish();
  ike::Settings none = a_settings;
  none.peers.clear();
  a->engine->Configure(none);
  net.scheduler.RunFor(1s);
  EXPECT_TRUE(a->engine->sas().empty());
  EXPECT_EQ(b->Phase1(), nullptr);
}

TEST_F(ExchangesTest, NothingIsLeftBehindByAThousandNegotiations) {
  Boot();
  wish.lifetime.seconds = a->owner.lifetime.seconds = b->owner.lifetime.seconds = 60;
  for (std::size_t n = 1; n <= 1000; ++n) {
    a->Wish(wish);
    ASSERT_TRUE(Both(n));
    net.scheduler.RunFor(10s);
    ASSERT_LE(a->engine->sas().size(), 12U);
  }
}

TEST_F(ExchangesTest, AnIsakmpSaThatHasTakenAllExchangesItMayGivesWayToANewOne) {
  Establish();
  const std::uint32_t first = b->Phase1()->id;
  const auto ask = [&](IkeNode& from, Ipv4 to, std::size_t count) {  // each is an exchange that the other end takes
    for (std::size_t n = 0; n < count; ++n) {
      from.engine->Withdraw("peer", to, ipsec::SaProtocol::kEsp, 1);
      if (n % 64 == 0) net.scheduler.RunFor(100ms);
    }
    net.scheduler.RunFor(1s);
  };
  ask(*a, kB, ike::MessageIds::kMost - 10);
  ASSERT_NE(b->Phase1(), nullptr);
  EXPECT_EQ(b->Phase1()->id, first);
  ask(*a, kB, 10);
  EXPECT_TRUE(b->Said("it has taken as many exchanges as an SA may"));
  EXPECT_EQ(b->Ready(), 0U);
  EXPECT_EQ(a->Ready(), 0U);  // which is told
  a->Wish(wish);
  ASSERT_TRUE(Both(2));
  // The initiator makes the new one before the old one is used up.
  EXPECT_EQ(a->engine->counters().initiated, 2U);
  ask(*b, kA, ike::MessageIds::kRenew);
  net.scheduler.RunFor(15s);
  EXPECT_EQ(a->engine->counters().initiated, 3U);
  EXPECT_FALSE(a->Said("it has taken as many exchanges as an SA may"));
  EXPECT_EQ(a->owner.lost + b->owner.lost, 0);
}

TEST_F(ExchangesTest, APeerHasABoundedNumberOfIpsecSasAndTheOldestGiveWay) {
  Establish();
  a->owner.any_flow = b->owner.any_flow = true;
  constexpr std::size_t kMore = 5;
  for (std::size_t n = 1; n < ike::kMaxChildren + kMore; ++n) {
    ipsec::Wish other = wish;
    other.flow.protocol = 17;
    other.flow.remote_port = static_cast<std::uint16_t>(n);
    a->Wish(other);
    ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return b->owner.installed.size() == n + 1; }, 1s));
  }
  net.scheduler.RunFor(1s);
  for (IkeNode* end : {a, b}) {
    EXPECT_EQ(std::ranges::count(end->engine->sas(), 2, &ike::SaInfo::phase), std::ptrdiff_t{ike::kMaxChildren});
    ASSERT_EQ(end->owner.deleted.size(), kMore);
    for (std::size_t n = 0; n < kMore; ++n) EXPECT_EQ(end->owner.deleted[n], end->owner.installed[n].in_esp->spi);
  }
}

}  // namespace
}  // namespace sw::testing
