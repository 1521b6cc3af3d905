// An IKE engine whose process is replaced: its ISAKMP SAs stand, and serve the next negotiations.
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

class EngineState : public IkePair {
 protected:
  // Another process with the same settings has the address of `node`.
  IkeNode& Replace(IkeNode& node, const ike::Settings& settings) {
    const SecretBytes saved = node.engine->Save();
    node.up = false;
    IkeNode& fresh = net.Add(node.address, settings);
    fresh.owner.flow = node.owner.flow;
    fresh.owner.protections = node.owner.protections;
    fresh.owner.lifetime = node.owner.lifetime;
    EXPECT_TRUE(fresh.engine->Restore(saved.view()));
    return fresh;
  }
  static std::string Shown(IkeNode& node) {
    std::string out;
    for (const ike::SaInfo& row : node.engine->sas())
      out += std::to_string(row.id) + row.peer + row.remote.ToString() + std::to_string(row.phase) +
             std::to_string(row.ready) + std::to_string(row.stay_alive) + row.remote_id + " " +
             std::to_string(row.left.count()) + "\n";
    return out;
  }
};

TEST_F(EngineState, TheSuccessorHasTheSameSasAndNegotiatesUnderThem) {
  Establish();
  for (int round = 0; round < 3; ++round) {
    const std::string before_a = Shown(*a), before_b = Shown(*b);
    a = &Replace(*a, a_settings);
    b = &Replace(*b, b_settings);
    EXPECT_EQ(Shown(*a), before_a);
    EXPECT_EQ(Shown(*b), before_b);
    const std::uint32_t phase1 = a->Phase1()->id;
    a->Wish(wish);
    ASSERT_TRUE(Both(1));
    ExpectMirrored(a->owner.installed.back(), b->owner.installed.back());
    EXPECT_EQ(a->Phase1()->id, phase1);
    EXPECT_EQ(a->Ready(), 1U);
  }
}

TEST_F(EngineState, LifetimesGoOn) {
  Establish();
  a = &Replace(*a, a_settings);
  b = &Replace(*b, b_settings);
  net.scheduler.RunFor(std::chrono::hours(25));
  EXPECT_TRUE(a->Said("established"));  // renewed in time
  EXPECT_EQ(a->owner.lost + b->owner.lost, 0);
}

TEST_F(EngineState, WhatIsUnderWayBeginsAgain) {
  Boot();
  a->Wish(wish);
  net.scheduler.RunFor(25ms);  // within main mode
  a = &Replace(*a, a_settings);
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.installed.empty(); }, 100s));
}

TEST_F(EngineState, WhatIsNotWholeIsRefused) {
  Establish();
  const SecretBytes saved = a->engine->Save();
  a->up = false;
  for (std::size_t size = 0; size < saved.size(); size += 5)
    EXPECT_FALSE(net.Add(kA, a_settings).engine->Restore(saved.view().first(size))) << size;
}

}  // namespace
}  // namespace sw::testing
