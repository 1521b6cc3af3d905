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

// How many of the times lie in the half second that has most.
std::size_t Busiest(const std::vector<Time>& times) {
  std::size_t most = 0;
  for (const Time from : times) {
    const auto within = [&](Time t) { return from <= t && t < from + 500ms; };
    most = std::max(most, static_cast<std::size_t>(std::ranges::count_if(times, within)));
  }
  return most;
}

// Fifty clients notice at one time that their server is dead. It comes back later, and then needs some time to boot, in
// which the kernel already keeps for it what arrives.
struct FiftyReturn : ::testing::TestWithParam<std::chrono::milliseconds> {
  static constexpr unsigned kClients = 50;

  void SetUp() override {
    d.server_settings.address.length = 16;
    for (unsigned n = 2; n < 2 + kClients; ++n)
      d.Client(n, [](auto& s) { ClientRole(s).suite = 15; }).Start();
    d.Run(3s);
    d.net.Forget(*d.server);
    d.server = nullptr;
    d.net.tap = [this](Endpoint from, Endpoint to, Bytes& bytes) {
      if (to != d.server_settings.local) return true;
      if (bytes[5] == 1 && Load32(bytes.data()) == 0) asked[from].push_back(d.net.scheduler.now());
      if (booting) queue.emplace_back(from, bytes);
      return !booting;
    };
    for (std::uint16_t n = 0; n < 100; ++n) {
      for (auto& host : d.net.hosts())
        host->Send(d.net.pool.Copy(Ping(host->tunnel->settings().address.address, Domain::Private(1), n)));
      d.Run(100ms);
    }
  }
  void Boot() {
    booting = true;
    d.Run(GetParam());
    booting = false;
    back = d.net.scheduler.now();
    d.Server();
    for (const auto& [from, bytes] : queue) d.net.Inject(from, d.server_settings.local, bytes);
  }
  std::vector<Time> AskedSince(Time since) const {
    std::vector<Time> out;
    for (const auto& [client, times] : asked)
      std::ranges::copy_if(times, std::back_inserter(out), [&](Time t) { return since <= t; });
    return out;
  }

  Domain d;
  bool booting = false;
  Time back;
  std::vector<std::pair<Endpoint, Bytes>> queue;
  std::map<Endpoint, std::vector<Time>> asked;
};

TEST_P(FiftyReturn, AsksAreSpreadInTimeAndAllAreBackWithinTwoSeconds) {
  ASSERT_EQ(asked.size(), kClients);
  Boot();
  d.Run(2s);
  EXPECT_LE(Busiest(AskedSince(Time{})), kClients / 2);
  for (auto& host : d.net.hosts()) {
    EXPECT_TRUE(host.get() == d.server || host->Proven(Domain::Private(1))) << host->address.ToString();
  }
}

TEST_P(FiftyReturn, AServerThatDoesNotAnswerIsAskedInTheSameSpread) {
  d.Run(30s);
  for (const auto& [client, times] : asked) EXPECT_GE(times.size(), 20u) << client.ToString();
  EXPECT_LE(Busiest(AskedSince(Time{})), kClients / 2);
}

INSTANTIATE_TEST_SUITE_P(Boots, FiftyReturn, ::testing::Values(0ms, 1000ms));

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
