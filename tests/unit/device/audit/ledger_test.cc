// The ledger of algorithms: what counts as use, what is forgotten, what it tells of what is gone.
#include "device/audit/ledger.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

constexpr Time At(int seconds) {
  return {std::chrono::seconds(seconds)};
}
AlgorithmLedger::Live Pair(std::uint64_t id, std::uint64_t packets, const std::string& peer = "other") {
  return {{UseKind::kIpsec, peer, Ipv4(192, 0, 2, 2), hal::Cipher::kDesCbc, hal::Integrity::kHmacMd5}, id, packets, {}};
}

TEST(AlgorithmLedger, CountsTrafficAsUse) {
  AlgorithmLedger ledger;
  ledger.Look(At(10), {Pair(1, 0)});
  ASSERT_EQ(ledger.entries().size(), 1U);
  EXPECT_TRUE(ledger.entries()[0].live);
  EXPECT_EQ(ledger.entries()[0].last, Time{});  // never
  ledger.Look(At(70), {Pair(1, 5)});
  EXPECT_EQ(ledger.entries()[0].last, At(70));
  ledger.Look(At(130), {Pair(1, 5)});
  EXPECT_EQ(ledger.entries()[0].last, At(70));
}

TEST(AlgorithmLedger, CountsTheNegotiationAsUse) {
  AlgorithmLedger ledger;
  AlgorithmLedger::Live sa = Pair(7, 0);
  sa.use.kind = UseKind::kIke;
  sa.since = At(42);
  ledger.Look(At(70), {sa});
  EXPECT_EQ(ledger.entries()[0].last, At(42));
}

// A new pair of SAs counts its packets from the start; the use is one.
TEST(AlgorithmLedger, KnowsSasOfOneUseApart) {
  AlgorithmLedger ledger;
  ledger.Look(At(10), {Pair(1, 100)});
  ledger.Look(At(20), {Pair(1, 100), Pair(2, 3)});
  ASSERT_EQ(ledger.entries().size(), 1U);
  EXPECT_EQ(ledger.entries()[0].last, At(20));
  ledger.Look(At(30), {Pair(2, 3)});
  EXPECT_EQ(ledger.entries()[0].last, At(20));
}

TEST(AlgorithmLedger, KeepsWhatIsGone) {
  AlgorithmLedger ledger;
  ledger.Look(At(10), {Pair(1, 1, "a"), Pair(2, 1, "b")});
  ledger.Look(At(20), {Pair(2, 2, "b")});
  const auto all = ledger.entries();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_FALSE(all[0].live);
  EXPECT_EQ(all[0].last, At(10));
  EXPECT_TRUE(all[1].live);
  ledger.Clear();
  EXPECT_TRUE(ledger.entries().empty());
}

TEST(AlgorithmLedger, ForgetsWhatWasUsedLongestAgo) {
  AlgorithmLedger ledger;
  ledger.Look(At(1), {Pair(1, 1, "oldest")});
  ledger.Look(At(2), {Pair(2, 1, "old")});
  std::vector<AlgorithmLedger::Live> many;
  for (std::size_t i = 0; i + 1 < AlgorithmLedger::kMost; ++i) many.push_back(Pair(i + 10, 1, "p" + std::to_string(i)));
  ledger.Look(At(3), many);
  const auto all = ledger.entries();
  ASSERT_EQ(all.size(), AlgorithmLedger::kMost);
  EXPECT_EQ(all.front().use.peer, "old");
}

}  // namespace
}  // namespace sw::device
