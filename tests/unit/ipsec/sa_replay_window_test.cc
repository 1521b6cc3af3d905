#include "ipsec/sa_replay_window.h"
#include "ipsec/shared_sa.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "hal/base/random.h"

namespace sw::ipsec {
namespace {

constexpr std::uint32_t kWidth = SaReplayWindow::kWidth;
constexpr std::uint32_t kMost = 0xffffffff;

TEST(SaReplayWindow, TakesNumbersInOrderOnceEach) {
  SaReplayWindow w;
  for (std::uint32_t n = 1; n <= 200; ++n) {
    EXPECT_EQ(w.Check(n), Drop::kNone);
    EXPECT_EQ(w.Update(n), Drop::kNone);
    EXPECT_EQ(w.Check(n), Drop::kReplayed);
    EXPECT_EQ(w.Update(n), Drop::kReplayed);
    EXPECT_EQ(w.highest(), n);
  }
}

TEST(SaReplayWindow, NeverTakesNumberZero) {
  SaReplayWindow w;
  EXPECT_EQ(w.Check(0), Drop::kReplayed);
  EXPECT_EQ(w.Update(0), Drop::kReplayed);
  EXPECT_EQ(w.Update(5000), Drop::kNone);
  EXPECT_EQ(w.Check(0), Drop::kReplayed);
}

TEST(SaReplayWindow, CheckingChangesNothing) {
  SaReplayWindow w;
  EXPECT_EQ(w.Check(500), Drop::kNone);
  EXPECT_EQ(w.highest(), 0U);
  EXPECT_EQ(w.Check(500), Drop::kNone);
  EXPECT_EQ(w.Check(1), Drop::kNone);
}

TEST(SaReplayWindow, TheOldestNumberInsideIsTakenAndTheOneLeftOfItIsNot) {
  SaReplayWindow w;
  ASSERT_EQ(w.Update(5000), Drop::kNone);
  EXPECT_EQ(w.Check(5000 - kWidth), Drop::kTooOld);
  EXPECT_EQ(w.Check(5000 - kWidth + 1), Drop::kNone);
  EXPECT_EQ(w.Update(5000 - kWidth + 1), Drop::kNone);
  EXPECT_EQ(w.Update(5000 - kWidth + 1), Drop::kReplayed);
  EXPECT_EQ(w.highest(), 5000U);
}

TEST(SaReplayWindow, AtTheStartTheLeftEdgeIsNumberOne) {
  SaReplayWindow w;
  ASSERT_EQ(w.Update(kWidth), Drop::kNone);
  EXPECT_EQ(w.Update(1), Drop::kNone);
  ASSERT_EQ(w.Update(kWidth + 2), Drop::kNone);
  EXPECT_EQ(w.Check(2), Drop::kTooOld);
  EXPECT_EQ(w.Check(3), Drop::kNone);
}

TEST(SaReplayWindow, JumpsAroundItsOwnWidthForgetExactlyWhatLeaves) {
  for (std::uint32_t step : {kWidth - 1, kWidth, kWidth + 1}) {
    SaReplayWindow w;
    ASSERT_EQ(w.Update(100), Drop::kNone);
    ASSERT_EQ(w.Update(100 + step), Drop::kNone);
    EXPECT_EQ(w.Check(100), step < kWidth ? Drop::kReplayed : Drop::kTooOld) << step;
    EXPECT_EQ(w.Check(101 + step - kWidth), step == kWidth - 1 ? Drop::kReplayed : Drop::kNone) << step;
    EXPECT_EQ(w.Check(100 + step), Drop::kReplayed) << step;
  }
}

TEST(SaReplayWindow, TheLastNumberIsTakenAndNothingWrapsBehindIt) {
  SaReplayWindow w;
  ASSERT_EQ(w.Update(1), Drop::kNone);
  ASSERT_EQ(w.Update(kMost), Drop::kNone);
  EXPECT_EQ(w.Update(kMost), Drop::kReplayed);
  EXPECT_EQ(w.Update(0), Drop::kReplayed);
  EXPECT_EQ(w.Check(1), Drop::kTooOld);
  EXPECT_EQ(w.Update(kMost - kWidth + 1), Drop::kNone);
  EXPECT_EQ(w.Update(kMost - kWidth), Drop::kTooOld);
}

TEST(SaReplayWindow, AgreesWithASetOfEverythingSeenForAnyOrder) {
  SaReplayWindow w;
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

// Every number is offered by every thread, in bursts that overtake one another; each is taken exactly once.
TEST(SaReplayWindow, SeveralThreadsTakeEachNumberOnce) {
  constexpr std::uint32_t kLast = 20000, kThreads = 3;
  SaReplayWindow w;
  std::atomic<std::uint32_t> taken = 0;
  std::array<std::atomic<std::uint32_t>, kThreads> at{};  // nobody runs ahead by more than the window holds
  std::vector<std::jthread> threads;
  for (std::uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint32_t n = 1; n <= kLast; ++n) {
        for (const auto& other : at)
          while (n > other.load() + kWidth / 2) std::this_thread::yield();
        taken += w.Update(n) == Drop::kNone ? 1 : 0;
        at[t].store(n);
      }
      at[t].store(kLast);
    });
  }
  threads.clear();
  EXPECT_EQ(taken, kLast);
  EXPECT_EQ(w.highest(), kLast);
}

TEST(SequenceNumbers, SeveralThreadsTakeDifferentRows) {
  SequenceNumbers numbers(0);
  std::array<std::vector<std::uint32_t>, 3> rows;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : rows)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) mine.push_back(numbers.Take(7));
      });
  }
  std::set<std::uint32_t> all;
  for (const auto& mine : rows) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 3000U);
  EXPECT_EQ(*all.begin(), 1U);
  EXPECT_EQ(*all.rbegin(), 2999U * 7 + 1);
  EXPECT_EQ(numbers.last(), 21000U);
}

TEST(SequenceNumbers, ARowThatDoesNotFitIsNotTakenAndNothingWrapsAfterIt) {
  SequenceNumbers numbers(0xffffffff - 10);
  EXPECT_EQ(numbers.Take(8), 0xffffffff - 9);
  EXPECT_EQ(numbers.Take(8), 0U);
  EXPECT_EQ(numbers.Take(1), 0U);
  EXPECT_EQ(numbers.last(), 0xffffffffU);
}

}  // namespace
}  // namespace sw::ipsec
