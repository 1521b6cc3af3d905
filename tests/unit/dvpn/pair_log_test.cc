// What a server remembers of two clients between whom it relays.
#include "dvpn/pair_log.h"

#include <gtest/gtest.h>

#include "dvpn/constants.h"

namespace sw::dvpn {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 kA(10, 0, 0, 2), kB(10, 0, 0, 3);

TEST(PairLog, CountsWhatIsRelayedBothWaysAndBeginsAnewAfterAPause) {
  PairLog log;
  EXPECT_FALSE(log.Find(kA, kB));
  log.Told(kA, kB);  // of nothing that was relayed
  EXPECT_FALSE(log.Find(kA, kB));
  log.Relayed(Time{1s}, kA, kB);
  log.Told(kA, kB);
  log.Relayed(Time{2s}, kB, kA);
  PairInfo pair = *log.Find(kB, kA);
  EXPECT_EQ(pair.relayed, 2u);
  EXPECT_EQ(pair.told, 1u);
  EXPECT_EQ(pair.since, Time{1s});
  EXPECT_EQ(pair.last, Time{2s});
  log.Relayed(Time{2s} + kPairQuiet, kA, kB);
  pair = *log.Find(kA, kB);
  EXPECT_EQ(pair.relayed, 3u);
  EXPECT_EQ(pair.told, 0u);
  EXPECT_EQ(pair.since, Time{2s} + kPairQuiet);
}

TEST(PairLog, ForgetsWhoIsQuietAndHoldsNoMoreThanItMay) {
  PairLog log;
  log.Relayed(Time{0s}, kA, kB);
  log.Relayed(Time{100s}, kA, kB);
  log.Relayed(Time{kPairMemory}, kA, Ipv4(1));
  EXPECT_TRUE(log.Find(kA, kB)) << "it spoke 500 s ago";
  log.Relayed(Time{100s + kPairMemory}, kA, Ipv4(2));
  EXPECT_FALSE(log.Find(kA, kB));
  EXPECT_EQ(log.size(), 2u);
  for (std::uint32_t n = 0; n < kMaxRedirectPairs + 10; ++n) log.Relayed(Time{800s}, kA, Ipv4(n + 3));
  EXPECT_LE(log.size(), kMaxRedirectPairs);
  EXPECT_FALSE(log.Find(kA, Ipv4(1))) << "the oldest goes first";
  EXPECT_TRUE(log.Find(kA, Ipv4(kMaxRedirectPairs + 12)));
}

}  // namespace
}  // namespace sw::dvpn
