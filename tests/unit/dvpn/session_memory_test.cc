// What is remembered of sessions that are gone: their setup channel goes on counting, so that no counter is used twice
// under one key and no old message is new again.
#include <map>

#include "dvpn/session_index.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::RememberedChannels;

dvpn::ControlChannel::Counters Sent(std::uint32_t n) {
  dvpn::ControlChannel::Counters out;
  out.sent = n;
  return out;
}

TEST(SessionMemory, CountersOfAPairNeverRestartUnderOneKeyHoweverOftenItIsReopened) {
  constexpr std::uint32_t kReopenings = 10000;
  for (const std::size_t most : {std::size_t{4096}, dvpn::kMaxRemembered}) {
    RememberedChannels memory(most);
    memory.Keep(Ipv4(10, 0, 0, 3), 0, 77, Sent(0));
    for (std::uint32_t n = 0; n < kReopenings; ++n) {
      const auto before = memory.Take(Ipv4(10, 0, 0, 3), 77);
      ASSERT_TRUE(before) << "reopening " << n;
      ASSERT_EQ(before->sent, n);
      memory.Keep(Ipv4(10, 0, 0, 3), n + 1, 77, Sent(n + 1));
    }
    EXPECT_EQ(memory.size(), 1u);
  }
}

TEST(SessionMemory, ThePeerKeptLongestAgoGoesFirstAndNoOther) {
  RememberedChannels memory(3);
  for (std::uint32_t n = 1; n <= 3; ++n) memory.Keep(Ipv4(n), n, n, Sent(n));
  memory.Keep(Ipv4(1), 4, 1, Sent(10));  // used again: the youngest now
  memory.Keep(Ipv4(4), 5, 4, Sent(4));
  EXPECT_EQ(memory.size(), 3u);
  EXPECT_FALSE(memory.Take(Ipv4(2), 2));
  EXPECT_EQ(memory.Take(Ipv4(1), 1)->sent, 10u);
  EXPECT_TRUE(memory.Take(Ipv4(3), 3));
  EXPECT_TRUE(memory.Take(Ipv4(4), 4));
}

TEST(SessionMemory, AnotherSecretOfThePairAndAnEarlierSessionChangeNothing) {
  RememberedChannels memory(3);
  memory.Keep(Ipv4(1), 9, 77, Sent(5));
  EXPECT_FALSE(memory.Take(Ipv4(1), 78));
  memory.Keep(Ipv4(1), 8, 77, Sent(2));  // ended later, but was the earlier one
  EXPECT_EQ(memory.Take(Ipv4(1), 77)->sent, 5u);
}

// The same on the wire: 4,200 sessions of one pair, one after the other, by redirects with one secret.
TEST(SessionMemory, NoCounterOfASetupChannelIsSeenTwiceInFourThousandReopenings) {
  TwoClients p;
  p.Direct();
  for (auto& host : p.net.hosts()) {
    host->log.keep = false;
    host->on_delivered = [](ByteView) {};
  }
  std::map<std::pair<std::uint64_t, std::uint32_t>, Bytes> seen;  // by channel and counter, what the first client sent
  std::size_t twice = 0;
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from != p.one->address || to != p.two->address || Load32(b.data()) != 0) return true;
    if (b[5] != 16 && b[5] != 17) return true;
    const auto [first, fresh] = seen.try_emplace({Load64(&b[8]), Load32(&b[16])}, b);
    if (!fresh && first->second != b) ++twice;  // a message that is sent again is the same one
    return true;
  };
  for (std::uint16_t n = 0; n < 4200; ++n) {
    p.one->Call([&](Time now, dvpn::Output& out) {
      ASSERT_TRUE(p.one->tunnel->ResetSession(now, Domain::Private(3), out).ok()) << n;
    });
    p.Run(1s);
    p.SendPing(*p.one, 2, 3, n);
    p.Run(100ms);
    ASSERT_TRUE(p.one->Proven(Domain::Private(3))) << n;
  }
  EXPECT_GE(seen.size(), 4200u);
  EXPECT_EQ(twice, 0u);
}

}  // namespace
}  // namespace sw::testing
