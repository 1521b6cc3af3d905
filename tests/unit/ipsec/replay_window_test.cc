#include "ipsec/replay_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "hal/base/random.h"

namespace sw::ipsec {
namespace {

constexpr std::uint32_t kWidth = ReplayWindow::kWidth;
constexpr std::uint32_t kMost = 0xffffffff;

TEST(ReplayWindow, TakesNumbersInOrderOnceEach) {
  ReplayWindow w;
  for (std::uint32_t n = 1; n <= 200; ++n) {
    EXPECT_EQ(w.Check(n), Drop::kNone);
    EXPECT_EQ(w.Update(n), Drop::kNone);
    EXPECT_EQ(w.Check(n), Drop::kReplayed);
    EXPECT_EQ(w.Update(n), Drop::kReplayed);
    EXPECT_EQ(w.highest(), n);
  }
}

TEST(ReplayWindow, NeverTakesNumberZero) {
  ReplayWindow w;
  EXPECT_EQ(w.Check(0), Drop::kReplayed);
  EXPECT_EQ(w.Update(0), Drop::kReplayed);
  EXPECT_EQ(w.Update(5000), Drop::kNone);
  EXPECT_EQ(w.Check(0), Drop::kReplayed);
}

TEST(ReplayWindow, CheckingChangesNothing) {
  ReplayWindow w;
  EXPECT_EQ(w.Check(500), Drop::kNone);
  EXPECT_EQ(w.highest(), 0U);
  EXPECT_EQ(w.Check(500), Drop::kNone);
  EXPECT_EQ(w.Check(1), Drop::kNone);
}

TEST(ReplayWindow, TheOldestNumberInsideIsTakenAndTheOneLeftOfItIsNot) {
  ReplayWindow w;
  ASSERT_EQ(w.Update(5000), Drop::kNone);
  EXPECT_EQ(w.Check(5000 - kWidth), Drop::kTooOld);
  EXPECT_EQ(w.Check(5000 - kWidth + 1), Drop::kNone);
  EXPECT_EQ(w.Update(5000 - kWidth + 1), Drop::kNone);
  EXPECT_EQ(w.Update(5000 - kWidth + 1), Drop::kReplayed);
  EXPECT_EQ(w.highest(), 5000U);
}

TEST(ReplayWindow, AtTheStartTheLeftEdgeIsNumberOne) {
  ReplayWindow w;
  ASSERT_EQ(w.Update(kWidth), Drop::kNone);
  EXPECT_EQ(w.Update(1), Drop::kNone);
  ASSERT_EQ(w.Update(kWidth + 2), Drop::kNone);
  EXPECT_EQ(w.Check(2), Drop::kTooOld);
  EXPECT_EQ(w.Check(3), Drop::kNone);
}

TEST(ReplayWindow, JumpsAroundItsOwnWidthForgetExactlyWhatLeaves) {
  for (std::uint32_t step : {kWidth - 1, kWidth, kWidth + 1}) {
    ReplayWindow w;
    ASSERT_EQ(w.Update(100), Drop::kNone);
    ASSERT_EQ(w.Update(100 + step), Drop::kNone);
    EXPECT_EQ(w.Check(100), step < kWidth ? Drop::kReplayed : Drop::kTooOld) << step;
    EXPECT_EQ(w.Check(101 + step - kWidth), step == kWidth - 1 ? Drop::kReplayed : Drop::kNone) << step;
    EXPECT_EQ(w.Check(100 + step), Drop::kReplayed) << step;
  }
}

TEST(ReplayWindow, TheLastNumberIsTakenAndNothingWrapsBehindIt) {
  ReplayWindow w;
  ASSERT_EQ(w.Update(1), Drop::kNone);
  ASSERT_EQ(w.Update(kMost), Drop::kNone);
  EXPECT_EQ(w.Update(kMost), Drop::kReplayed);
  EXPECT_EQ(w.Update(0), Drop::kReplayed);
  EXPECT_EQ(w.Check(1), Drop::kTooOld);
  EXPECT_EQ(w.Update(kMost - kWidth + 1), Drop::kNone);
  EXPECT_EQ(w.Update(kMost - kWidth), Drop::kTooOld);
}

TEST(ReplayWindow, AgreesWithASetOfEverythingSeenForAnyOrder) {
  ReplayWindow w;
  std::set<std::uint32_t> seen;
  SeededRandom random(3);
  std::uint32_t highest = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::uint32_t n = 1 + static_cast<std::uint32_t>(i) + random.U32() % (2 * kWidth);
    Drop expected = Drop::kNone;
    if (n + kWidth <= highest) {
      expected = Drop::kTooOld;
    } else if (seen.contains(n)) {
      expected = Drop::kReplayed;
    }
    ASSERT_EQ(w.Check(n), expected);
    ASSERT_EQ(w.Update(n), expected);
    if (expected == Drop::kNone) seen.insert(n);
    highest = std::max(highest, n);
  }
}

}  // namespace
}  // namespace sw::ipsec
