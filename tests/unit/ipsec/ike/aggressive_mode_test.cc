// Aggressive mode between two engines: three messages, keys by name.
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

using AggressiveModeTest = IkePair;

TEST_F(AggressiveModeTest, AggressiveModeTakesThreeMessages) {
  a_peer().aggressive = true;
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  ExpectMirrored(a->owner.installed[0], b->owner.installed[0]);
  EXPECT_EQ(net.sent, 6U);
}

TEST_F(AggressiveModeTest, TheResponderFollowsTheInitiatorsMode) {
  b_peer().aggressive = true;  // counts only when it begins
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  EXPECT_FALSE(b->Phase1()->aggressive);
}

TEST_F(AggressiveModeTest, KeysByNameNeedAggressiveMode) {
  a_settings.local_name = "a.example";
  a_peer().aggressive = a_peer().name_id = true;
  a_peer().remote_name = "b.example";
  b_settings.local_name = "b.example";
  b_peer().name_id = true;
  b_peer().remote_first = b_peer().remote_last = Ipv4();
  b_peer().remote_name = "a.example";
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  EXPECT_EQ(b->Phase1()->remote_id, "a.example");
  EXPECT_EQ(a->Phase1()->remote_id, "b.example");
}

TEST_F(AggressiveModeTest, AnotherNameIsRefused) {
  a_settings.local_name = "mallory.example";
  a_peer().aggressive = a_peer().name_id = true;
  b_peer().remote_first = b_peer().remote_last = Ipv4();
  b_peer().remote_name = "a.example";
  Boot();
  a->Wish(wish);
  net.scheduler.RunFor(100s);
  EXPECT_EQ(b->engine->sas().size(), 0U);
  EXPECT_EQ(b->engine->counters().dh_computations, 0U);
  EXPECT_EQ(a->owner.failed.size(), 1U);
}

}  // namespace
}  // namespace sw::testing
