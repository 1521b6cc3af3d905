// The server's end, said and unsaid: who is told, how soon it is noticed, how soon clients are back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;

TEST(ServerStop, TellsEveryClientAndTheyReachEachOtherAndComeBackWithinTwoSeconds) {
  TwoClients d;
  d.Direct();
  d.server->Stop();
  d.Run(50ms);
  EXPECT_NE(d.one->state(), MapState::kClientSuccess);
  EXPECT_NE(d.two->state(), MapState::kClientSuccess);
  d.server->up = false;
  for (std::uint16_t n = 0; n < 44; ++n) {
    d.SendPing(*d.one, 2, 3, n);
    d.Run(1s);
  }
  EXPECT_EQ(d.two->delivered.size(), 44u);
  d.server->up = true;
  d.Run(2s);
  EXPECT_TRUE(d.one->Proven(Domain::Private(1)));
  EXPECT_TRUE(d.two->Proven(Domain::Private(1)));
}

// What kill -9 leaves: a server that knows nobody.
TEST(ServerKilled, IsNoticedOnDemandWhereTrafficFlowsAndTheClientIsBackWithinFiveSeconds) {
  Domain d;
  FakeHost& client = d.Registered(2);
  d.Run(3s);
  d.net.Forget(*d.server);
  d.server = nullptr;
  d.Server();
  Time back = Time::Never();
  const Time killed = d.net.scheduler.now();
  for (std::uint16_t n = 0; n < 60 && back == Time::Never(); ++n) {
    client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), n)));
    d.Run(100ms);
    if (d.server->Proven(Domain::Private(2))) back = d.net.scheduler.now();
  }
  EXPECT_LE(back - killed, 5s);
}

TEST(ServerKilled, ASilentClientAsksOnlyWhenItsKeepaliveIsDue) {
  Domain d;
  FakeHost& client = d.Registered(2);
  d.Run(1s);
  d.server->up = false;
  d.Run(9s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
}

// Nothing comes back but answers to what is asked, and of ten datagrams one is lost.
TEST(ServerKilled, TrafficOneWayOverALossyPathIsNoDeath) {
  Domain d(3);
  FakeHost& client = d.Registered(2);
  d.net.loss = 100;
  for (std::uint16_t n = 0; n < 6000; ++n) {
    client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), n)));
    d.Run(100ms);
  }
  EXPECT_EQ(client.log.Count(dvpn::What::kMapRemoved), 0u);
}

}  // namespace
}  // namespace sw::testing
