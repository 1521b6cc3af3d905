// Our extension: sessions between clients outlive the server, change keys with each other, and say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using dvpn::What;
using ::testing::HasSubstr;

TEST(ServerAway, SessionsCarryOnAndRekeyForHoursWithoutLosingAPacket) {
  TwoClients d;
  d.role().policy.sa_duration = 180s;
  d.Direct();
  const auto spi = [&] {
    for (const auto& sa : d.one->tunnel->ipsec_sas(d.net.scheduler.now()))
      if (sa.peer_private == Domain::Private(3)) return sa.inbound_spi;
    return std::uint32_t{0};
  };
  d.server->up = false;
  std::set<std::uint32_t> spis{spi()};
  constexpr std::uint16_t kSeconds = 7200;
  for (std::uint16_t n = 0; n < kSeconds; ++n) {
    d.SendPing(*d.one, 2, 3, n);
    d.SendPing(*d.two, 3, 2, n);
    d.Run(1s);
    spis.insert(spi());
  }
  EXPECT_EQ(d.one->delivered.size(), kSeconds);
  EXPECT_EQ(d.two->delivered.size(), kSeconds);
  EXPECT_GE(spis.size(), std::size_t{kSeconds} / 180);  // the keys never lived longer than allowed
  EXPECT_FALSE(spis.contains(0));
  const auto session = d.one->Session(Domain::Private(3));
  ASSERT_TRUE(session && session->away_since);
  EXPECT_GT(d.net.scheduler.now() - *session->away_since, 7100s);
  EXPECT_NE(d.one->state(), MapState::kClientSuccess);
  EXPECT_TRUE(d.one->log.Says("the server is away, 1 session(s) with other clients go on without it"));
}

TEST(ServerAway, WithItsReturnTheSessionsStayAndNothingIsSaidToBeAwayAnyMore) {
  TwoClients d;
  d.role().policy.idle = 86400s;
  d.Direct();
  const Time built = d.one->Session(Domain::Private(3))->built;
  d.server->up = false;
  d.Run(600s);
  ASSERT_TRUE(d.one->Session(Domain::Private(3))->away_since);
  d.server->up = true;
  d.Run(400s);
  EXPECT_TRUE(d.one->Proven(Domain::Private(1)));
  ASSERT_TRUE(d.one->Proven(Domain::Private(3)));
  EXPECT_FALSE(d.one->Session(Domain::Private(3))->away_since);
  EXPECT_EQ(d.one->Session(Domain::Private(3))->built, built);
}

TEST(ServerAway, WhatWouldBeRelayedIsDroppedAndCounted) {
  TwoClients d;
  d.Up();
  d.server->up = false;
  d.Run(60s);
  d.SendPing(*d.one, 2, 3, 1);
  d.Run(1s);
  EXPECT_TRUE(d.two->delivered.empty());
  EXPECT_EQ(d.one->tunnel->counters().dropped, 1u);
}

// Between two symmetric ends the first probe of the passive end may be lost: it is sent again without the server.
TEST(ServerAway, AProbeThatIsLostIsSentAgain) {
  TwoClients d;
  d.Up();
  std::vector<Time> probes;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (Load32(b.data()) != 0) return true;
    if (b[5] == 25) {
      probes.push_back(d.net.scheduler.now());
      return probes.size() > 1;
    }
    // What goes to the passive end is heard only once it has opened its NAT by a probe that arrived.
    return !(from == d.one->address && to == d.two->address) || probes.size() > 1;
  };
  d.SendPing(*d.one, 2, 3, 1);
  d.Run(2s);
  ASSERT_GE(probes.size(), 2u);
  EXPECT_EQ(probes[1] - probes[0], 500ms);
  EXPECT_TRUE(d.one->Proven(Domain::Private(3)));
  EXPECT_TRUE(d.two->Proven(Domain::Private(2)));
}

}  // namespace
}  // namespace sw::testing
