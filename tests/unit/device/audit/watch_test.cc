// When the watch looks: each minute while it is wanted, soon after something has come, when it is asked.
#include "device/audit/watch.h"

#include <gtest/gtest.h>

#include "hal/base/virtual_scheduler.h"

namespace sw::device {
namespace {

struct Bench {
  VirtualScheduler scheduler;
  std::vector<AlgorithmLedger::Live> there;
  int looks = 0;
  AlgorithmWatch watch{scheduler, [this](Time) {
                         ++looks;
                         return there;
                       }};
};

TEST(AlgorithmWatch, LooksEachMinuteWhileItIsWanted) {
  Bench bench;
  bench.scheduler.RunFor(std::chrono::hours(1));
  EXPECT_EQ(bench.looks, 0);
  bench.watch.Follow(true);
  bench.watch.Follow(true);
  bench.scheduler.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(bench.looks, 10);
  bench.watch.Follow(false);
  bench.scheduler.RunFor(std::chrono::minutes(10));
  EXPECT_EQ(bench.looks, 11);
}

TEST(AlgorithmWatch, LooksSoonAndOnceForAllThatHasCome) {
  Bench bench;
  bench.there = {{{UseKind::kIke, "a", Ipv4(192, 0, 2, 2), hal::Cipher::kDesCbc}, 1, 0, {}}};
  for (int i = 0; i < 100; ++i) bench.watch.Soon();
  bench.scheduler.RunFor(std::chrono::seconds(5));
  EXPECT_EQ(bench.looks, 1);
  bench.there.clear();
  const auto all = bench.watch.Now();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_FALSE(all[0].live);
}

}  // namespace
}  // namespace sw::device
