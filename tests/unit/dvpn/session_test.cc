// Sessions between clients: redirect, proof before the switch-over, keepalive, idle, rekey, death.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using dvpn::RegisterType;
using dvpn::SessionState;
using dvpn::Topic;
using dvpn::What;
using ::testing::HasSubstr;

struct Pair : Domain {
  explicit Pair(std::uint64_t seed = 1, RegisterType a = RegisterType::kNormal, RegisterType b = RegisterType::kNormal)
      : Domain(seed), one(nullptr), two(nullptr), type_a(a), type_b(b) {}
  void Up() {
    one = &Registered(2, [this](auto& s) { Shape(s, type_a); });
    two = &Registered(3, [this](auto& s) { Shape(s, type_b); });
  }
  void Shape(dvpn::TunnelSettings& s, RegisterType type) const {
    ClientRole(s).register_type = type;
    ClientRole(s).minimum = minimum;
  }
  void Direct() {  // both ends proven
    Up();
    SendPing(*one, 2, 3, 1);
    Run(500ms);
    ASSERT_TRUE(one->Proven(Private(3)));
    ASSERT_TRUE(two->Proven(Private(2)));
    one->log.events.clear();
    two->log.events.clear();
  }
  FakeHost *one, *two;
  RegisterType type_a, type_b;
  dvpn::SecurityMinimum minimum = dvpn::ClientSettings().minimum;
};

bool Traced(const FakeHost& host, std::string_view what) {
  for (const auto& [t, e] : host.log.events)
    if (e.topic == Topic::kData && e.text.find(what) != std::string::npos) return true;
  return false;
}

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

TEST(Forwarding, WhatIsNotAnIpv4PacketIsDroppedAndCounted) {
  Domain d;
  FakeHost& client = d.Registered(2);
  const Bytes good = Ping(Domain::Private(2), Domain::Private(1), 1);
  const auto bad = [&](const std::function<void(Bytes&)>& spoil) {
    Bytes b = good;
    spoil(b);
    client.Send(d.net.pool.Copy(b));
  };
  bad([](Bytes& b) { b[0] = 0x65; });
  bad([](Bytes& b) { b[0] = 0x44; });
  bad([](Bytes& b) { b[3] = 0xff; });
  bad([](Bytes& b) { b[10] ^= 1; });
  bad([](Bytes& b) { b.resize(19); });
  d.Run(100ms);
  EXPECT_EQ(client.Dropped("data: not a valid IPv4 packet"), 5u);
  EXPECT_TRUE(d.server->delivered.empty());
}

TEST(Forwarding, EveryWayToNowhereHasItsCounter) {
  Domain d;
  FakeHost& client = d.Client(2);
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 1)));
  EXPECT_EQ(client.Dropped("data: no session with the server"), 1u);
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Ipv4(8, 8, 8, 8), 1)));
  EXPECT_EQ(client.Dropped("data: no route by this tunnel"), 1u);
  d.server->Send(d.net.pool.Copy(Ping(Domain::Private(1), Domain::Private(9), 1)));
  EXPECT_EQ(d.server->Dropped("data: no session for the next hop"), 1u);
  client.Start();
  d.Run(1s);
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(9), 1)));
  d.Run(100ms);
  EXPECT_EQ(d.server->Dropped("data: no session for the next hop"), 2u);
  EXPECT_EQ(client.tunnel->counters().dropped, 2u);
  client.tunnel->ResetStatistics();
  EXPECT_EQ(client.DroppedInAll(), 0u);
}

TEST(Forwarding, ARelayedPacketWhoseTimeToLiveRunsOutIsDropped) {
  Domain d;
  FakeHost& one = d.Registered(2);
  FakeHost& two = d.Registered(3);
  one.Send(d.net.pool.Copy(Ping(Domain::Lan(2), Domain::Lan(3), 1, false, 1)));
  d.Run(100ms);
  EXPECT_TRUE(two.delivered.empty());
  EXPECT_EQ(d.server->Dropped("data: time to live expired"), 1u);
}

}  // namespace
}  // namespace sw::testing
