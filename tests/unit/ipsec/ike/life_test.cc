// What happens to SAs that stand: successors, deletion, DPD, keepalives, a peer that starts afresh.
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

class Life : public IkePair {
 protected:
  void Establish() {
    Boot();
    a->Wish(wish);
    ASSERT_TRUE(Both(1));
  }
};

TEST_F(Life, AnIsakmpSaHasASuccessorBeforeItEnds) {
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

TEST_F(Life, TheResponderLeavesRenewingToTheInitiator) {
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

TEST_F(Life, BehindANatPhaseOneIsRenewedThroughTheMapping) {
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

TEST_F(Life, AReplacedSaIsFlaggedAndDeletedOnBothEnds) {
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

TEST_F(Life, WithdrawnSasAreToldToTheOtherEnd) {
  Establish();
  a->engine->Withdraw("peer", kB, ipsec::SaProtocol::kEsp, a->owner.installed[0].in_esp->spi);
  net.scheduler.RunFor(1s);
  ASSERT_EQ(b->owner.deleted.size(), 1U);
  EXPECT_EQ(b->owner.deleted[0], b->owner.installed[0].in_esp->spi);
  EXPECT_EQ(a->engine->sas().size(), 1U);  // phase 1 stays
  EXPECT_EQ(b->engine->sas().size(), 1U);
}

TEST_F(Life, ResetEndsPhaseOneOnBothEnds) {
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

TEST_F(Life, ResetOfAPhaseTwoRowEndsItsSas) {
  Establish();
  EXPECT_TRUE(a->engine->Reset(a->engine->sas()[1].id));
  net.scheduler.RunFor(1s);
  EXPECT_EQ(a->owner.deleted.size(), 1U);
  EXPECT_EQ(b->owner.deleted.size(), 1U);
  EXPECT_NE(a->Phase1(), nullptr);
}

TEST_F(Life, DpdAsksOnlyWhenThereIsSomethingToSendAndTheOtherEndIsSilent) {
  a_peer().dpd = ike::DpdSettings{10, 5};
  Establish();
  const auto before = net.sent;
  net.scheduler.RunFor(300s);
  EXPECT_EQ(net.sent, before);  // on demand: no traffic, no question
  a->engine->Sending("peer", kB);
  net.scheduler.RunFor(1s);
  EXPECT_EQ(net.sent, before + 2);  // question and answer
  a->engine->Sending("peer", kB);   // proof of life is fresh
  net.scheduler.RunFor(1s);
  EXPECT_EQ(net.sent, before + 2);
  net.scheduler.RunFor(20s);
  a->engine->Heard("peer", kB);
  a->engine->Sending("peer", kB);
  EXPECT_EQ(net.sent, before + 2);  // protected traffic is proof, too
  EXPECT_EQ(a->owner.lost, 0);
}

TEST_F(Life, ThreeUnansweredQuestionsLoseThePeer) {
  a_peer().dpd = ike::DpdSettings{10, 5};
  Establish();
  b->up = false;
  net.scheduler.RunFor(11s);
  const auto before = net.sent;
  const Time from = net.scheduler.now();
  a->engine->Sending("peer", kB);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return a->owner.lost != 0; }, 60s));
  EXPECT_EQ(net.sent, before + 3);
  EXPECT_EQ(net.scheduler.now() - from, 15s);
  EXPECT_TRUE(a->engine->sas().empty());
  // It comes back when a packet asks for it.
  b->up = true;
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return a->owner.installed.size() == 2; }, 10s));
}

TEST_F(Life, ProtectedTrafficEndsAQuestion) {
  a_peer().dpd = ike::DpdSettings{10, 5};
  Establish();
  b->up = false;
  net.scheduler.RunFor(11s);
  a->engine->Sending("peer", kB);
  net.scheduler.RunFor(12s);
  a->engine->Heard("peer", kB);
  net.scheduler.RunFor(60s);
  EXPECT_EQ(a->owner.lost, 0);
}

TEST_F(Life, DpdWithoutAnIsakmpSaBeginsOne) {
  a_peer().dpd = ike::DpdSettings{10, 5};
  Establish();
  a->engine->Reset(std::nullopt);
  net.scheduler.RunFor(11s);
  b->up = false;
  a->engine->Sending("peer", kB);
  EXPECT_TRUE(net.scheduler.RunUntilTrue([&] { return a->owner.lost != 0; }, 100s));
}

TEST_F(Life, SilenceFlagsTimeoutFirstAndDeletesNext) {
  b_settings.keepalive_timeout = 60;
  Establish();
  net.scheduler.RunFor(59s);
  EXPECT_FALSE(b->Phase1()->timeout);
  net.scheduler.RunFor(2s);
  ASSERT_NE(b->Phase1(), nullptr);
  EXPECT_TRUE(b->Phase1()->timeout);
  EXPECT_EQ(b->owner.lost, 0);
  net.scheduler.RunFor(60s);
  EXPECT_EQ(b->Phase1(), nullptr);
  EXPECT_EQ(b->owner.lost, 1);
}

TEST_F(Life, KeepalivesClearTheTimeout) {
  a_settings.keepalive_interval = 20;
  b_settings.keepalive_timeout = 60;
  Establish();
  net.scheduler.RunFor(30s);
  net.tap = [](Endpoint, Endpoint, Bytes&) { return false; };
  net.scheduler.RunFor(60s);
  EXPECT_TRUE(b->Phase1()->timeout);
  net.tap = nullptr;
  net.scheduler.RunFor(21s);
  EXPECT_FALSE(b->Phase1()->timeout);
  net.scheduler.RunFor(3600s);
  EXPECT_NE(b->Phase1(), nullptr);
  EXPECT_EQ(b->owner.lost, 0);
}

TEST_F(Life, APeerThatStartsAfreshReplacesWhatWas) {
  Establish();
  IkeNode& again = net.Add(kA, a_settings);  // the same address, nothing remembered
  a->up = false;
  again.Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return b->owner.installed.size() == 2; }, 10s));
  EXPECT_EQ(b->owner.lost, 1);
  EXPECT_EQ(b->Ready(), 1U);
}

TEST_F(Life, RekeyingIsNoFreshStart) {
  a_settings.proposals[0].seconds = 600;
  Establish();
  net.scheduler.RunFor(1200s);
  EXPECT_EQ(b->owner.lost, 0);
}

TEST_F(Life, AnSaThatIsNotAnsweredEndsSoThatTheNextWishBeginsAnew) {
  Establish();
  b->up = false;
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.failed.empty(); }, 100s));
  EXPECT_EQ(a->Phase1(), nullptr);
}

TEST_F(Life, BothEndsMayBeginAtOnce) {
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

TEST_F(Life, APeerThatIsNoLongerConfiguredLosesItsSas) {
  Establish();
  ike::Settings none = a_settings;
  none.peers.clear();
  a->engine->Configure(none);
  net.scheduler.RunFor(1s);
  EXPECT_TRUE(a->engine->sas().empty());
  EXPECT_EQ(b->Phase1(), nullptr);
}

TEST_F(Life, NothingIsLeftBehindByAThousandNegotiations) {
  Boot();
  wish.lifetime.seconds = a->owner.lifetime.seconds = b->owner.lifetime.seconds = 60;
  for (std::size_t n = 1; n <= 1000; ++n) {
    a->Wish(wish);
    ASSERT_TRUE(Both(n));
    net.scheduler.RunFor(10s);
    ASSERT_LE(a->engine->sas().size(), 12U);
  }
}

}  // namespace
}  // namespace sw::testing
