// Whether the other end is there: DPD, keepalives and their timeout.
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

using LivenessTest = IkePair;

TEST_F(LivenessTest, DpdAsksOnlyWhenThereIsSomethingToSendAndTheOtherEndIsSilent) {
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

TEST_F(LivenessTest, ThreeUnansweredQuestionsLoseThePeer) {
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

TEST_F(LivenessTest, ProtectedTrafficEndsAQuestion) {
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

TEST_F(LivenessTest, DpdWithoutAnIsakmpSaBeginsOne) {
  a_peer().dpd = ike::DpdSettings{10, 5};
  Establish();
  a->engine->Reset(std::nullopt);
  net.scheduler.RunFor(11s);
  b->up = false;
  a->engine->Sending("peer", kB);
  EXPECT_TRUE(net.scheduler.RunUntilTrue([&] { return a->owner.lost != 0; }, 100s));
}

TEST_F(LivenessTest, SilenceFlagsTimeoutFirstAndDeletesNext) {
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

TEST_F(LivenessTest, KeepalivesClearTheTimeout) {
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

}  // namespace
}  // namespace sw::testing
