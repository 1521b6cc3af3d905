// Sessions between clients, once they are there: replays, idle time, rekey, death, ends that move.
#include <gtest/gtest.h>

#include "tests/unit/dvpn/session_pair.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using dvpn::SessionState;
using dvpn::Topic;
using dvpn::What;

TEST(Session, ASetupRequestOfAnEndedSessionStaysAReplay) {
  Pair p;
  std::vector<std::pair<Endpoint, Bytes>> setups;
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (p.two != nullptr && to == p.two->address && Load32(b.data()) == 0 && b[5] == 16) setups.emplace_back(from, b);
    return true;
  };
  p.Direct();
  ASSERT_FALSE(setups.empty());
  p.one->Call([&](Time now, dvpn::Output& out) {
    EXPECT_TRUE(p.one->tunnel->ResetSession(now, Domain::Private(3), out).ok());
  });
  p.Run(15s);
  const auto unknown = p.two->Dropped("control: no map or session with this identifier");
  p.net.Inject(setups[0].first, p.two->address, setups[0].second);
  p.Run(10ms);
  EXPECT_EQ(p.two->Dropped("control: no map or session with this identifier"), unknown + 1);
  p.SendPing(*p.one, 2, 3, 1);  // the pair opens a session again, with the same secret
  p.Run(1s);
  ASSERT_TRUE(p.two->Proven(Domain::Private(2)));
  const auto replayed = p.two->Dropped("control: counter seen before");
  p.net.Inject(setups[0].first, p.two->address, setups[0].second);
  p.Run(10ms);
  EXPECT_EQ(p.two->Dropped("control: counter seen before"), replayed + 1);
}

TEST(Session, DataEventsAreMadeOnlyForSomebodyWhoListens) {
  Pair p;
  p.Up();
  p.one->log.silent.insert(Topic::kData);
  p.SendPing(*p.one, 2, 3, 1);
  EXPECT_FALSE(Traced(*p.one, "icmp"));
}

TEST(Session, AProbeFromAnUnexpectedPortTellsTheActiveSideWhereThePeerIs) {
  Pair p;
  p.Up();
  // The peer's NAT maps it anew towards the other client: the endpoint that the server knows leads nowhere.
  const Endpoint known = p.two->address, mapped{known.address, 40000};
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from == known && to == p.one->address) {
      p.net.Inject(mapped, to, b, 10ms);
      return false;
    }
    if (to == mapped) p.net.Inject(from, known, b, 10ms);
    return to != mapped && !(from == p.one->address && to == known);
  };
  p.SendPing(*p.one, 2, 3, 1);
  p.Run(2s);
  ASSERT_TRUE(p.one->Proven(Domain::Private(3)));
  EXPECT_EQ(p.one->Session(Domain::Private(3))->peer_public, mapped);
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(100ms);
  EXPECT_TRUE(Traced(*p.two, "sequence 2, received direct"));
}

TEST(Session, WithoutDataProtectionPacketsFlowButOnlySealedMessagesAreSignsOfLife) {
  Pair p;
  p.role().policy.data_suite = 13;
  p.minimum = dvpn::SecurityMinimum::kNone;
  p.Direct();
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(300s);
  EXPECT_EQ(p.two->delivered.size(), 2u);
  // Only data still passes between the clients: nobody vouches for it, and the session dies.
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    return Load32(b.data()) != 0 || from == p.server->address || to == p.server->address;
  };
  p.SendPing(*p.one, 2, 3, 3);
  p.Run(1s);
  for (std::uint16_t n = 0; n < 60; ++n) {
    p.SendPing(*p.two, 3, 2, n);
    p.Run(1s);
  }
  EXPECT_FALSE(p.one->Proven(Domain::Private(3)));
}

TEST(Session, ADeadPeerIsRelayedAgain) {
  Pair p;
  p.Direct();
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes&) {
    return from == p.server->address || to == p.server->address;  // the direct path breaks
  };
  p.Run(50s);
  EXPECT_FALSE(p.one->Session(Domain::Private(3)));
  EXPECT_FALSE(p.two->Session(Domain::Private(2)));
  const auto before = p.two->delivered.size();
  p.SendPing(*p.one, 2, 3, 9);
  p.Run(100ms);
  EXPECT_EQ(p.two->delivered.size(), before + 1);
  EXPECT_EQ(p.one->state(), MapState::kClientSuccess);
}

TEST(Session, IdleEndsAClientSessionAndKeepalivesAreNoTraffic) {
  Domain d;
  d.role().policy.idle = 60s;
  FakeHost& one = d.Registered(2);
  FakeHost& two = d.Registered(3);
  d.SendPing(one, 2, 3, 1);
  d.Run(55s);
  EXPECT_TRUE(one.Proven(Domain::Private(3)));
  d.Run(10s);
  EXPECT_FALSE(one.Session(Domain::Private(3)));
  EXPECT_FALSE(two.Session(Domain::Private(2)));
  EXPECT_TRUE(one.log.Says("removed: idle") || two.log.Says("removed: idle"));
  EXPECT_TRUE(one.Proven(Domain::Private(1)));  // the session with the server stays
  d.SendPing(one, 2, 3, 2);
  d.Run(1s);
  EXPECT_TRUE(one.Proven(Domain::Private(3)));  // and a new one of the same pair opens again
}

TEST(Session, SetupIsRepeatedQuicklyThenAtTheIntervalThenGivenUp) {
  Pair p;
  p.Up();
  std::vector<double> sent;
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from == p.one->address && to == p.two->address && Load32(b.data()) == 0 && b[5] == 16) {
      sent.push_back(static_cast<double>(p.net.scheduler.now().since / 1ms) / 1000);
      return false;
    }
    return to == p.server->address || from == p.server->address;
  };
  p.SendPing(*p.one, 2, 3, 1);
  p.Run(100s);
  ASSERT_EQ(sent.size(), 6u);
  EXPECT_NEAR(sent[1] - sent[0], 0.5, 0.01);
  EXPECT_NEAR(sent[2] - sent[1], 1, 0.01);
  EXPECT_NEAR(sent[3] - sent[2], 2, 0.01);
  EXPECT_NEAR(sent[4] - sent[3], 10, 0.01);
  EXPECT_NEAR(sent[5] - sent[4], 10, 0.01);
  EXPECT_FALSE(p.one->Session(Domain::Private(3)));
  EXPECT_TRUE(p.one->log.Says("no answer to the setup requests"));
}

TEST(Session, RekeyChangesBothSpisAndLosesNothing) {
  Pair p;
  p.role().policy.sa_duration = 180s;
  p.Direct();
  const auto before = p.one->tunnel->ipsec_sas(p.net.scheduler.now());
  const auto start = p.two->delivered.size();
  for (std::uint16_t n = 0; n < 1900; ++n) {
    p.SendPing(*p.one, 2, 3, n);
    p.SendPing(*p.two, 3, 2, n);
    p.Run(100ms);
  }
  p.Run(1s);
  EXPECT_TRUE(p.one->log.Says("session rekeyed"));
  EXPECT_TRUE(p.two->log.Says("session rekeyed"));
  EXPECT_EQ(p.two->delivered.size(), start + 1900);
  EXPECT_EQ(p.one->delivered.size(), 1900u);
  const auto after = p.one->tunnel->ipsec_sas(p.net.scheduler.now());
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NE(before[i].inbound_spi, after[i].inbound_spi);
    EXPECT_NE(before[i].outbound_spi, after[i].outbound_spi);
  }
  EXPECT_EQ(p.one->log.Count(What::kSessionRemoved), 0u);
}

TEST(Session, RekeyBeginsBetweenEightyAndNinetyPercentOfTheLife) {
  Domain d;
  d.role().policy.sa_duration = 1000s;
  FakeHost& client = d.Registered(2);
  d.Run(795s);
  EXPECT_FALSE(client.log.Says("rekey request sent"));
  d.Run(110s);
  EXPECT_TRUE(client.log.Says("rekey request sent"));
}

TEST(Session, AFailedRekeyRemovesTheSessionAndTrafficIsRelayed) {
  Pair p;
  p.role().policy.sa_duration = 180s;
  p.Direct();
  p.net.tap = [&](Endpoint, Endpoint to, Bytes& b) {
    return !(Load32(b.data()) == 0 && b[5] == 20 && to == p.two->address);
  };
  SessionState seen = SessionState::kSetupSuccess;
  for (std::uint16_t n = 0; n < 190; ++n) {
    p.SendPing(*p.one, 2, 3, n);
    p.Run(1s);
    if (const auto s = p.one->Session(Domain::Private(3)); s && s->state == SessionState::kRekeyReq) seen = s->state;
  }
  p.Run(1s);
  EXPECT_EQ(seen, SessionState::kRekeyReq);
  EXPECT_TRUE(p.one->log.Says("rekeying failed") || p.one->log.Says("SA lifetime is over"));
  p.two->delivered.clear();
  p.SendPing(*p.one, 2, 3, 500);
  p.Run(100ms);
  EXPECT_EQ(p.two->delivered.size(), 1u);
}

TEST(Session, APeerThatMovesIsFollowedByItsAuthenticatedMessages) {
  Pair p;
  p.Direct();
  p.net.Move(*p.one, {Ipv4(203, 0, 113, 77), 4500});
  p.Run(15s);  // one keepalive
  EXPECT_EQ(p.two->Session(Domain::Private(2))->peer_public, (Endpoint{Ipv4(203, 0, 113, 77), 4500}));
  EXPECT_EQ(p.server->Session(Domain::Private(2))->peer_public, (Endpoint{Ipv4(203, 0, 113, 77), 4500}));
  p.SendPing(*p.two, 3, 2, 4);
  p.Run(100ms);
  EXPECT_TRUE(Traced(*p.one, "sequence 4, received direct"));
}

TEST(Session, AResetSessionIsReleasedOnBothEndsAndNothingElse) {
  Pair p;
  p.Direct();
  p.one->Call([&](Time now, dvpn::Output& out) {
    EXPECT_TRUE(p.one->tunnel->ResetSession(now, Domain::Private(3), out).ok());
  });
  p.Run(100ms);
  EXPECT_FALSE(p.one->Session(Domain::Private(3)));
  EXPECT_FALSE(p.two->Session(Domain::Private(2)));
  EXPECT_EQ(p.one->state(), MapState::kClientSuccess);
}

TEST(Session, ADestinationBehindTheServersRouteFollowsTheRedirect) {
  Pair p;
  p.one = &p.Registered(2);
  p.two = &p.Registered(3);
  p.one->routes.Add({Domain::Lan(3), 24}, Domain::Private(1));  // the client's own route points at the server
  p.SendPing(*p.one, 2, 3, 1);
  p.Run(500ms);
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(100ms);
  EXPECT_TRUE(Traced(*p.one, "sequence 1, sent through the server"));
  EXPECT_TRUE(Traced(*p.one, "sequence 2, sent direct"));
  EXPECT_EQ(p.two->delivered.size(), 2u);
}

TEST(Session, ARestartedPeerGetsANewSessionBesideTheOldOneAndReplacesIt) {
  Pair p;
  p.Direct();
  p.two->up = false;
  FakeHost& again = p.Registered(3);
  p.Run(1s);  // the pair had its redirect of this second
  p.SendPing(again, 3, 2, 1);
  p.Run(1s);
  EXPECT_TRUE(again.Proven(Domain::Private(2)));
  EXPECT_TRUE(p.one->log.Says("succeeded by a newer one"));
  again.delivered.clear();
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(100ms);
  EXPECT_EQ(again.delivered.size(), 1u);
}

}  // namespace
}  // namespace sw::testing
