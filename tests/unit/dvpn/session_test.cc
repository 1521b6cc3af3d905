// Sessions between clients: redirect, proof before the switch-over, keepalive, ends that restart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dvpn/session_pair.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using dvpn::RegisterType;
using dvpn::SessionState;
using dvpn::What;
using ::testing::HasSubstr;

TEST(Session, TheFirstPacketIsRelayedAndAnsweredWithRedirectsToBothEnds) {
  Pair p;
  p.Up();
  p.SendPing(*p.one, 2, 3, 1);
  p.Run(25ms);
  ASSERT_EQ(p.two->delivered.size(), 1u);
  EXPECT_TRUE(Traced(*p.one, "sent, relayed by the server"));
  EXPECT_TRUE(Traced(*p.server, "icmp echo request, sequence 1, relayed by the server"));
  EXPECT_TRUE(Traced(*p.two, "received, relayed by the server"));
  EXPECT_EQ(p.two->delivered[0][8], 63);  // one hop
  EXPECT_EQ(p.server->tunnel->counters().redirects, 2u);
  EXPECT_EQ(p.server->tunnel->counters().relayed, 1u);
  EXPECT_TRUE(p.one->log.Says("redirect received, 10.0.0.3 at 198.18.0.3:9876, active side"));
  EXPECT_TRUE(p.two->log.Says("redirect received, 10.0.0.2 at 198.18.0.2:9876, passive side"));
}

TEST(Session, LaterPacketsGoDirect) {
  Pair p;
  p.Direct();
  const auto relayed = p.server->tunnel->counters().relayed;
  p.SendPing(*p.one, 2, 3, 2);
  p.SendPing(*p.two, 3, 2, 3);
  p.Run(50ms);
  EXPECT_TRUE(Traced(*p.one, "sequence 2, sent direct"));
  EXPECT_TRUE(Traced(*p.two, "sequence 2, received direct"));
  EXPECT_TRUE(Traced(*p.one, "sequence 3, received direct"));
  EXPECT_EQ(p.server->tunnel->counters().relayed, relayed);
  EXPECT_TRUE(p.one->Session(Domain::Private(3))->initiator);
  EXPECT_FALSE(p.two->Session(Domain::Private(2))->initiator);
  EXPECT_EQ(p.one->Session(Domain::Private(3))->state, SessionState::kSetupSuccess);
}

TEST(Session, TrafficStaysWithTheServerUntilThePathIsProven) {
  Pair p;
  p.Up();
  // The setup answer arrives, but no keepalive between the clients does.
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    return !(from.address != p.server->address.address && to.address != p.server->address.address &&
             Load32(b.data()) == 0 && b[5] == 18);
  };
  p.SendPing(*p.one, 2, 3, 1);
  p.Run(1s);
  EXPECT_FALSE(p.one->Proven(Domain::Private(3)));
  EXPECT_FALSE(p.two->Proven(Domain::Private(2)));
  p.SendPing(*p.one, 2, 3, 2);
  p.SendPing(*p.two, 3, 2, 3);
  p.Run(100ms);
  EXPECT_EQ(p.two->delivered.size(), 2u);
  EXPECT_EQ(p.one->delivered.size(), 1u);
  p.Run(120s);  // given up: the session goes, the relay stays
  EXPECT_FALSE(p.one->Session(Domain::Private(3)));
  p.SendPing(*p.one, 2, 3, 4);
  p.Run(100ms);
  EXPECT_EQ(p.two->delivered.size(), 3u);
}

TEST(Session, NoPacketIsLostInTheChangeOverInEitherDirection) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Pair p(seed);
    p.Up();
    // Control messages suffer, data does not: what is missing at the end was lost by the engines.
    SeededRandom dice(seed);
    p.net.reorder = 200;
    p.net.tap = [&](Endpoint, Endpoint, Bytes& b) { return Load32(b.data()) != 0 || dice.U32() % 100 >= 20; };
    for (std::uint16_t n = 0; n < 1000; ++n) {
      p.SendPing(*p.one, 2, 3, n);
      p.SendPing(*p.two, 3, 2, n);
      p.Run(5ms);
    }
    p.Run(200ms);
    EXPECT_TRUE(p.one->Proven(Domain::Private(3))) << seed;
    EXPECT_EQ(p.two->delivered.size(), 1000u) << seed;
    EXPECT_EQ(p.one->delivered.size(), 1000u) << seed;
  }
}

TEST(Session, LostRedirectsAreRepeatedWhileTrafficIsRelayedAtMostOnceASecond) {
  Pair p;
  p.Up();
  const Endpoint one = p.one->address;
  int dropped = 0;
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    const bool setup = from.address != p.server->address.address && to.address != p.server->address.address;
    if (setup && Load32(b.data()) == 0) ++dropped;
    return !(setup && Load32(b.data()) == 0);
  };
  for (std::uint16_t n = 0; n < 50; ++n) {
    p.SendPing(*p.one, 2, 3, n);
    p.Run(100ms);
  }
  EXPECT_LE(p.server->tunnel->counters().redirects, 12u);
  EXPECT_GE(p.server->tunnel->counters().redirects, 8u);
  EXPECT_GT(p.server->Dropped("control: redirect withheld, sent less than a second ago"), 30u);
  EXPECT_EQ(p.two->delivered.size(), 50u);
  EXPECT_GT(dropped, 5);  // a redirect that comes again makes the setup request go out again
  EXPECT_EQ(p.one->address, one);
}

struct Types {
  RegisterType source, destination;
  bool redirect;
};
class RegisterTypes : public ::testing::TestWithParam<Types> {};

TEST_P(RegisterTypes, DecideWhetherARedirectIsSent) {
  Pair p(1, GetParam().source, GetParam().destination);
  p.Up();
  p.SendPing(*p.one, 2, 3, 1);
  p.Run(500ms);
  EXPECT_EQ(p.server->tunnel->counters().redirects > 0, GetParam().redirect);
  EXPECT_EQ(p.one->Proven(Domain::Private(3)), GetParam().redirect);
  EXPECT_EQ(p.two->delivered.size(), 1u);
}
INSTANTIATE_TEST_SUITE_P(All, RegisterTypes,
                         ::testing::Values(Types{RegisterType::kNormal, RegisterType::kNormal, true},
                                           Types{RegisterType::kUndistributed, RegisterType::kNormal, true},
                                           Types{RegisterType::kForward, RegisterType::kNormal, false},
                                           Types{RegisterType::kUndistributedAndForward, RegisterType::kNormal, false},
                                           Types{RegisterType::kNormal, RegisterType::kUndistributed, false},
                                           Types{RegisterType::kNormal, RegisterType::kForward, true},
                                           Types{RegisterType::kNormal, RegisterType::kUndistributedAndForward,
                                                 false}));

TEST(Session, AForwardClientSendsByTheServerEvenWhereADirectSessionReachesIt) {
  Pair p(1, RegisterType::kNormal, RegisterType::kForward);
  p.Direct();
  p.SendPing(*p.one, 2, 3, 5);
  p.SendPing(*p.two, 3, 2, 6);
  p.Run(100ms);
  EXPECT_TRUE(Traced(*p.one, "sequence 5, sent direct"));
  EXPECT_TRUE(Traced(*p.two, "sequence 6, sent, relayed by the server"));
}

TEST(Session, BothEndsBeginningAtOnceLeaveExactlyOneActiveSide) {
  Pair p;
  p.Up();
  // Each hears only the redirect that makes it active: the passive notice and the probes are lost.
  int redirects = 0;
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (Load32(b.data()) != 0) return true;
    if (b[5] == 25) return false;
    if (from == p.server->address && b[5] == 22) {
      ++redirects;
      return redirects == 1 ? to != p.two->address : redirects == 3 ? to != p.one->address : true;
    }
    return p.net.scheduler.now() > Time{} && !(b[5] == 16 && redirects < 3);  // setup waits for the second pair
  };
  p.SendPing(*p.one, 2, 3, 1);
  p.Run(1100ms);
  p.SendPing(*p.two, 3, 2, 2);
  p.Run(12s);
  ASSERT_TRUE(p.one->Proven(Domain::Private(3)));
  ASSERT_TRUE(p.two->Proven(Domain::Private(2)));
  EXPECT_NE(p.one->Session(Domain::Private(3))->initiator, p.two->Session(Domain::Private(2))->initiator);
}

TEST(Session, KeepaliveKeepsAQuietClientServerSessionAlive) {
  Domain d;
  FakeHost& client = d.Registered(2);
  d.Run(3000s);
  EXPECT_TRUE(client.Proven(Domain::Private(1)));
  EXPECT_EQ(client.log.Count(What::kMapBuilt), 1u);
}

TEST(Session, OneWayTrafficDoesNotStarveTheSilentDirection) {
  Domain d;
  FakeHost& client = d.Registered(2);
  for (int i = 0; i < 300; ++i) {
    client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 1)));
    d.Run(1s);
  }
  for (int i = 0; i < 300; ++i) {
    d.server->Send(d.net.pool.Copy(Ping(Domain::Private(1), Domain::Private(2), 1)));
    d.Run(1s);
  }
  EXPECT_EQ(client.log.Count(What::kSessionRemoved), 0u);
  EXPECT_EQ(d.server->log.Count(What::kSessionRemoved), 0u);
}

TEST(Session, ADeadServerSendsTheClientToInitAndItComesBackWhenTheServerDoes) {
  Domain d;
  FakeHost& client = d.Registered(2);
  d.server->up = false;
  d.Run(45s);
  EXPECT_FALSE(client.Session(Domain::Private(1)));
  EXPECT_THAT(client.log.events.back().second.text, ::testing::Not(HasSubstr("map built")));
  EXPECT_TRUE(client.log.Says("session with the server ended: the peer does not answer"));
}

TEST(Session, ADeadClientLosesItsMapThenItsSessionOnTheServer) {
  Domain d;
  FakeHost& client = d.Registered(2);
  client.up = false;
  d.server->log.events.clear();
  d.Run(60s);
  EXPECT_TRUE(d.server->tunnel->maps().empty());
  EXPECT_TRUE(d.server->tunnel->sessions().empty());
  ASSERT_EQ(d.server->log.events.size(), 2u);
  EXPECT_EQ(d.server->log.events[0].second.what, What::kMapRemoved);
  EXPECT_EQ(d.server->log.events[1].second.what, What::kSessionRemoved);
}

TEST(Session, ClientSessionsOutliveTheServer) {
  Pair p;
  p.Direct();
  p.server->up = false;
  for (std::uint16_t n = 0; n < 100; ++n) {
    p.SendPing(*p.one, 2, 3, n);
    p.Run(1s);
  }
  EXPECT_NE(p.one->state(), MapState::kClientSuccess);
  EXPECT_EQ(p.two->delivered.size(), 101u);
  // A reset of the map releases them after all.
  p.one->Call([&](Time now, dvpn::Output& out) { EXPECT_TRUE(p.one->tunnel->ResetMap(now, {}, out).ok()); });
  p.Run(100ms);
  EXPECT_FALSE(p.one->Session(Domain::Private(3)));
  EXPECT_FALSE(p.two->Session(Domain::Private(2)));
}

TEST(Session, AServerThatStopsLeavesClientSessionsRunningAndOneThatRemovesAMapDoesNot) {
  for (bool stop : {true, false}) {
    Pair p;
    p.Direct();
    p.server->Call([&](Time now, dvpn::Output& out) {
      if (stop) return p.server->tunnel->Stop(now, out);
      EXPECT_TRUE(p.server->tunnel->ResetMap(now, std::nullopt, out).ok());
    });
    if (stop) p.server->up = false;
    p.Run(100ms);
    EXPECT_EQ(p.one->state(), MapState::kClientInit);
    EXPECT_FALSE(p.one->Session(Domain::Private(1)));
    EXPECT_EQ(p.one->Proven(Domain::Private(3)), stop);
    EXPECT_EQ(p.two->Proven(Domain::Private(2)), stop);
    p.two->delivered.clear();
    p.SendPing(*p.one, 2, 3, 8);
    p.Run(100ms);
    EXPECT_EQ(p.two->delivered.size(), stop ? 1u : 0u);
  }
}

TEST(Session, ARestartedServerGetsItsClientsBackWhileTheirSessionsGoOn) {
  Pair p;
  p.Direct();
  p.server->Stop();
  p.Run(12s);  // it answers again: the clients are back after the register interval
  EXPECT_EQ(p.one->state(), MapState::kClientSuccess);
  EXPECT_EQ(p.server->tunnel->maps().size(), 2u);
  EXPECT_TRUE(p.one->Proven(Domain::Private(3)));
  EXPECT_EQ(p.one->log.Count(What::kSessionRemoved), 1u);
}

}  // namespace
}  // namespace sw::testing
