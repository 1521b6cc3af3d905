// The failure summary of the reference, section 2.12: a test a row, named as the row reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using dvpn::SessionState;
using dvpn::What;
using ::testing::HasSubstr;

// Row 1. The step is lost, in the direction it travels, whenever it is sent.
class AnyStepOfRegistration : public ::testing::TestWithParam<int> {};

TEST_P(AnyStepOfRegistration, ThatFailsAbortsToTheInitialStateThenRetriesThenStaysDumbThenBeginsAgain) {
  Domain d;
  d.role().policy.authentication = dvpn::AuthMethod::kChap;
  d.Server().authenticator.users = {{"u", "p"}};
  FakeHost& client = d.Client(2, [](auto& s) {
    ClientRole(s).user_name = "u";
    ClientRole(s).password = SecretBytes("p");
    ClientRole(s).register_interval = 5s;
    ClientRole(s).register_retry = 2;
    ClientRole(s).register_dumb = 100s;
  });
  const int step = GetParam();
  bool lost = true;
  std::vector<Time> attempts;  // the first message of each
  Bytes last;
  d.net.tap = [&](Endpoint from, Endpoint, Bytes& b) {
    if (from == client.address && b[5] == 1 && b[4] == 2 && b != last) {
      attempts.push_back(d.net.scheduler.now());
      last = b;
    }
    return !lost || b[5] != step;
  };
  client.Start();
  d.Run(21s);  // an attempt lasts 20 s
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_TRUE(client.tunnel->sessions().empty());
  EXPECT_THAT(client.tunnel->maps()[0].last_error, HasSubstr(step == 8 ? "no such registration" : "no answer"));
  EXPECT_EQ(client.log.Count(What::kMapBuilt), 0u);
  d.Run(300s);
  // Three attempts an interval apart, the dumb time, and it begins again.
  ASSERT_GE(attempts.size(), 4u);
  // A server whose step 8 is lost forgets the map that nobody opens, and tells the client at its next repetition.
  const Duration lasts = 20s, least = step == 8 ? 15s : lasts;
  EXPECT_THAT(attempts[1] - attempts[0], ::testing::AllOf(::testing::Ge(least + 5s), ::testing::Le(lasts + 5s)));
  EXPECT_THAT(attempts[2] - attempts[1], ::testing::AllOf(::testing::Ge(least + 5s), ::testing::Le(lasts + 5s)));
  EXPECT_THAT(attempts[3] - attempts[2], ::testing::AllOf(::testing::Ge(least + 100s), ::testing::Le(lasts + 100s)));
  lost = false;
  d.net.scheduler.RunUntilTrue([&] { return client.Proven(Domain::Private(1)); }, 200s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  d.Run(40s);
  EXPECT_EQ(d.server->tunnel->maps().size(), 1u);  // whatever the server had begun is gone or was finished
}
INSTANTIATE_TEST_SUITE_P(Steps, AnyStepOfRegistration, ::testing::Range(1, 9));

TEST(Failure, NoSetupAnswerWithinTheSetupIntervalSendsTheRequestAgain) {
  TwoClients d;
  d.role().policy.setup_interval = 7s;
  d.Up();
  std::vector<Time> sent;
  d.net.tap = [&](Endpoint from, Endpoint, Bytes& b) {
    if (Load32(b.data()) == 0 && b[5] == 25) return false;  // a probe would be answered with the request, too
    if (Load32(b.data()) != 0 || from != d.one->address || b[5] != 16) return true;
    sent.push_back(d.net.scheduler.now());
    return false;
  };
  d.SendPing(*d.one, 2, 3, 1);
  d.Run(12s);
  ASSERT_GE(sent.size(), 5u);  // three quick repetitions, then the interval
  EXPECT_EQ(sent[4] - sent[3], 7s);
  EXPECT_EQ(d.one->Session(Domain::Private(3))->state, SessionState::kSetupReq);
  d.net.tap = {};
  d.Run(8s);
  EXPECT_TRUE(d.one->Proven(Domain::Private(3)));
}

TEST(Failure, ADeadClientClientSessionIsRemovedAndTheServerRelaysAgain) {
  TwoClients d;
  d.Direct();
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes&) {  // no way between the clients any more
    return from == d.server->address || to == d.server->address;
  };
  d.Run(60s);
  EXPECT_FALSE(d.one->Proven(Domain::Private(3)));
  EXPECT_FALSE(d.two->Proven(Domain::Private(2)));
  EXPECT_EQ(d.one->log.Count(What::kSessionRemoved), 1u);
  const auto relayed = d.server->tunnel->counters().relayed;
  d.SendPing(*d.one, 2, 3, 9);
  d.SendPing(*d.two, 3, 2, 9);
  d.Run(100ms);
  EXPECT_EQ(d.two->delivered.size(), 1u);
  EXPECT_EQ(d.one->delivered.size(), 1u);
  EXPECT_EQ(d.server->tunnel->counters().relayed, relayed + 2);
}

TEST(Failure, ADeadClientServerSessionDeregistersAndRegistersAgain) {
  Domain d;
  FakeHost& client = d.Registered(2);
  bool cut = true;
  d.net.tap = [&](Endpoint, Endpoint, Bytes&) { return !cut; };
  ASSERT_TRUE(d.net.scheduler.RunUntilTrue([&] { return client.log.Count(What::kMapRemoved) == 1; }, 60s));
  EXPECT_NE(client.state(), MapState::kClientSuccess);
  EXPECT_FALSE(client.Session(Domain::Private(1)));
  d.Run(20s);
  EXPECT_TRUE(d.server->tunnel->maps().empty());  // the server saw the same, from its end
  cut = false;
  d.Run(40s);
  EXPECT_TRUE(client.Proven(Domain::Private(1)));
  EXPECT_EQ(client.log.Count(What::kMapBuilt), 2u);
}

TEST(Failure, AMapLostOnTheClientTakesAllItsSessionsAndReturnsToTheInitialState) {
  TwoClients d;
  d.Direct();
  d.one->Call([&](Time now, dvpn::Output& out) {
    d.one->tunnel->Stop(now, out);
    EXPECT_EQ(d.one->state(), MapState::kClientInit);
    EXPECT_TRUE(d.one->tunnel->sessions().empty());
  });
  d.Run(1s);
  EXPECT_FALSE(d.two->Session(Domain::Private(2)));  // the peers were told
  EXPECT_EQ(d.server->tunnel->maps().size(), 1u);
}

TEST(Failure, PacketsInAndOutAndDroppedAreCounted) {
  Domain d;
  FakeHost& client = d.Registered(2);
  const dvpn::Counters before = client.tunnel->counters();
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Ipv4(203, 0, 113, 1), 1)));  // no route
  EXPECT_EQ(client.tunnel->counters().dropped, before.dropped + 1);
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 1)));
  d.Run(50ms);
  EXPECT_EQ(client.tunnel->counters().output, before.output + 1);
  EXPECT_EQ(d.server->tunnel->counters().input, 1u);
  // A packet that arrives spoilt.
  Bytes spoilt;
  d.net.tap = [&](Endpoint, Endpoint, Bytes& b) {
    if (Load32(b.data()) != 0) b.back() ^= 1;
    return true;
  };
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 2)));
  d.Run(50ms);
  EXPECT_EQ(d.server->tunnel->counters().dropped, 1u);
  EXPECT_EQ(d.server->Dropped("esp: integrity check failed"), 1u);
  client.tunnel->ResetStatistics();
  EXPECT_EQ(client.tunnel->counters().output, 0u);
}

// An engine whose answers can be spoilt.
class FaultyDevice final : public hal::CryptoDevice {
 public:
  explicit FaultyDevice(hal::CryptoDevice& device) : device_(device) {}
  bool faulty = false;
  const hal::Capabilities& capabilities() const override { return device_.capabilities(); }
  hal::Health health() const override { return device_.health(); }
  Status Validate(const hal::SaSpec& spec) const override { return device_.Validate(spec); }
  Result<hal::SaHandle> AddSa(const hal::SaSpec& spec) override { return device_.AddSa(spec); }
  Status RemoveSa(hal::SaHandle sa) override { return device_.RemoveSa(sa); }
  std::size_t Submit(std::span<const hal::CryptoOp> burst) override { return device_.Submit(burst); }
  std::size_t Complete(std::span<hal::CryptoOp> done) override {
    const std::size_t n = device_.Complete(done);
    if (faulty)
      for (hal::CryptoOp& op : done.first(n)) op.verdict = hal::Verdict::kFault;
    return n;
  }

 private:
  hal::CryptoDevice& device_;
};

TEST(Failure, WhatTheCryptoEngineCannotSealIsAnErrorOfOutputAndEncryption) {
  const auto software = hal::SoftwareDevice::Create();
  ASSERT_TRUE(software.ok());
  FaultyDevice engine(**software);
  hal::SharedDevice shared(engine);
  Domain d;
  d.net.crypto = &shared;
  FakeHost& client = d.Registered(2);
  engine.faulty = true;
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 1)));
  EXPECT_EQ(client.tunnel->counters().encryption_errors, 1u);
  EXPECT_EQ(client.tunnel->counters().output_errors, 1u);
  EXPECT_EQ(client.tunnel->counters().output, 0u);
  engine.faulty = false;
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 2)));
  EXPECT_EQ(client.tunnel->counters().encryption_errors, 1u);
  EXPECT_EQ(client.tunnel->counters().output, 1u);
}

TEST(Failure, MapsAndSessionsUpAndDownAreEventsThatCarryWhatTheyAreAbout) {
  Domain d;
  FakeHost& client = d.Registered(2);
  int maps = 0, sessions = 0;
  for (FakeHost* host : {&client, d.server}) {
    EXPECT_EQ(host->log.Count(What::kMapBuilt), 1u);
    EXPECT_EQ(host->log.Count(What::kSessionBuilt), 1u);
  }
  client.Stop();
  d.Run(1s);
  for (FakeHost* host : {&client, d.server}) {
    EXPECT_EQ(host->log.Count(What::kMapRemoved), 1u);
    EXPECT_EQ(host->log.Count(What::kSessionRemoved), 1u);
    for (const auto& [t, e] : host->log.events) {
      maps += e.what == What::kMapBuilt || e.what == What::kMapRemoved;
      sessions += e.what == What::kSessionBuilt || e.what == What::kSessionRemoved;
    }
  }
  EXPECT_EQ(maps, 4);
  EXPECT_EQ(sessions, 4);
}

}  // namespace
}  // namespace sw::testing
