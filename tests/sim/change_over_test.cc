// Ten thousand change-overs from the server's relay to a direct session, while one control message in twenty is lost
// and datagrams overtake each other: every numbered data packet arrives, once.
#include <gtest/gtest.h>

#include <bitset>

#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif
constexpr unsigned kFirst = 2, kClients = kSanitized ? 46 : 142;
constexpr std::size_t kPairs = kSanitized ? 1000 : 10000;  // of kClients * (kClients - 1) / 2
constexpr unsigned kWave = 100;                            // pairs that begin at once
constexpr unsigned kRounds = 30, kLast = 250;              // packets of each direction; more while a pair is not direct

struct Way {
  std::bitset<kLast> arrived;
  unsigned sent = 0, twice = 0;
};

TEST(ChangeOver, TenThousandRedirectsWithReorderingAndLossOnControlPacketsLoseNoData) {
  Domain d(3);
  d.role().policy.session_suite = d.role().policy.data_suite = 15;
  d.role().policy.idle = 86400s;
  d.Server().log.keep = false;
  std::vector<FakeHost*> clients;
  std::map<std::pair<Ipv4, Ipv4>, Way> ways;
  for (unsigned n = kFirst; n < kFirst + kClients; ++n) {
    dvpn::TunnelSettings settings = d.ClientSettings(n);
    ClientRole(settings).suite = 15;
    FakeHost& host = d.net.Add(settings);
    host.log.keep = false;
    host.on_delivered = [&ways](ByteView packet) {
      Way& way = ways[{Ipv4(Load32(packet.data() + 12)), Ipv4(Load32(packet.data() + 16))}];
      const std::uint16_t number = Load16(packet.data() + 26);
      ASSERT_LT(number, kLast);
      way.twice += way.arrived[number];
      way.arrived[number] = true;
    };
    clients.push_back(&host);
    host.Start();
  }
  d.Run(5s);
  for (FakeHost* client : clients) ASSERT_TRUE(client->Proven(Domain::Private(1)));

  SeededRandom dice(11);
  std::uint64_t control = 0, lost = 0;
  d.net.reorder = 200;
  d.net.tap = [&](Endpoint, Endpoint, Bytes& b) {
    if (Load32(b.data()) != 0) return true;
    ++control;
    const bool lose = dice.U32() % 100 < 5;
    lost += lose;
    return !lose;
  };
  std::vector<std::pair<unsigned, unsigned>> pairs;
  for (unsigned a = 0; a < kClients; ++a)
    for (unsigned b = a + 1; b < kClients && pairs.size() < kPairs; ++b) pairs.emplace_back(a, b);
  ASSERT_EQ(pairs.size(), kPairs);
  // Mixed, so that what one client sends at once, and is then overtaken by, stays within a replay window.
  for (std::size_t i = pairs.size() - 1; i > 0; --i) std::swap(pairs[i], pairs[dice.U32() % (i + 1)]);

  const auto send = [&](unsigned from, unsigned to, std::uint16_t number) {
    const Ipv4 source = Domain::Private(from + kFirst), destination = Domain::Private(to + kFirst);
    ++ways[{source, destination}].sent;
    clients[from]->Send(d.net.pool.Copy(Ping(source, destination, number)));
  };
  const auto direct = [&](const std::pair<unsigned, unsigned>& pair) {
    return clients[pair.first]->Proven(Domain::Private(pair.second + kFirst)) &&
           clients[pair.second]->Proven(Domain::Private(pair.first + kFirst));
  };
  std::size_t changed = 0;
  for (std::size_t wave = 0; wave < pairs.size(); wave += kWave) {
    std::vector<std::pair<unsigned, unsigned>> talking(
        pairs.begin() + static_cast<std::ptrdiff_t>(wave),
        pairs.begin() + static_cast<std::ptrdiff_t>(std::min(wave + kWave, pairs.size())));
    for (std::uint16_t number = 0; number < kLast && !talking.empty(); ++number) {
      for (const auto& [a, b] : talking) {
        send(a, b, number);
        send(b, a, number);
      }
      d.Run(50ms);
      if (number >= kRounds) changed += std::erase_if(talking, direct);
    }
  }
  d.Run(200ms);

  std::uint64_t sent = 0, missing = 0, twice = 0;
  for (const auto& [ends, way] : ways) {
    sent += way.sent;
    missing += way.sent - way.arrived.count();
    twice += way.twice;
  }
  EXPECT_GE(sent, kPairs * 2 * kRounds);
  EXPECT_EQ(missing, 0u);
  if (missing != 0) {
    std::map<std::string, std::uint64_t> drops;
    for (const auto& host : d.net.hosts())
      for (const auto& drop : host->tunnel->drop_counters()) drops[drop.reason] += drop.count;
    for (const auto& [reason, count] : drops)
      if (count != 0) std::printf("dropped: %s: %llu\n", reason.c_str(), static_cast<unsigned long long>(count));
  }
  EXPECT_EQ(twice, 0u);
  EXPECT_EQ(changed, kPairs);
  EXPECT_GE(d.server->tunnel->counters().redirects, 2 * kPairs);  // one to each end, and again what was lost
  EXPECT_GT(lost * 100, control * 4);
  std::printf("%zu change-overs, %llu redirects, %llu of %llu control messages lost, %llu data packets, %llu missing\n",
              kPairs, static_cast<unsigned long long>(d.server->tunnel->counters().redirects),
              static_cast<unsigned long long>(lost), static_cast<unsigned long long>(control),
              static_cast<unsigned long long>(sent), static_cast<unsigned long long>(missing));
}

}  // namespace
}  // namespace sw::testing
