// What a change of settings does to maps and sessions that live: the table of sw8800-dvpn(7). And security ACL,
// history, roaming, and the way back after a server's restart.
#include <gmock/gmock.h>

#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using dvpn::TunnelSettings;

bool Adopt(FakeHost& host, const std::function<void(TunnelSettings&)>& change) {
  TunnelSettings wanted = host.tunnel->settings();
  change(wanted);
  bool taken = false;
  host.Call([&](Time now, dvpn::Output& out) { taken = host.tunnel->Adopt(now, wanted, out); });
  return taken;
}
dvpn::ServerSettings& ServerRole(TunnelSettings& s) {
  return std::get<dvpn::ServerSettings>(s.role);
}

TEST(Change, OfThePolicyLeavesLiveSessionsAndReachesLaterRegistrations) {
  TwoClients p;
  p.Up();
  ASSERT_TRUE(Adopt(*p.server, [](auto& s) {
    ServerRole(s).policy.data_suite = 12;
    ServerRole(s).policy.authentication = dvpn::AuthMethod::kNone;
  }));
  EXPECT_TRUE(p.server->Proven(Domain::Private(2)));
  EXPECT_EQ(p.one->tunnel->ipsec_sas(p.net.scheduler.now()).at(0).suite, 1);
  FakeHost& late = p.Registered(4);
  EXPECT_EQ(late.tunnel->ipsec_sas(p.net.scheduler.now()).at(0).suite, 12);
}

TEST(Change, OfTheServersKeyAndSuitesCountsForLaterRegistrationsOnly) {
  TwoClients p;
  p.Up();
  ASSERT_TRUE(Adopt(*p.server, [](auto& s) {
    ServerRole(s).pre_shared_key = SecretBytes("new");
    ServerRole(s).accepted_suites = {12};
  }));
  p.Run(60s);
  EXPECT_EQ(p.one->state(), MapState::kClientSuccess);
  FakeHost& refused = p.Client(4);
  refused.Start();
  p.Run(5s);
  EXPECT_EQ(p.server->Dropped("control: refused: no common algorithm suite") > 0, true);
  EXPECT_NE(refused.state(), MapState::kClientSuccess);
}

TEST(Change, OfAClientsTimersLeavesItsRegistration) {
  TwoClients p;
  p.Up();
  EXPECT_TRUE(Adopt(*p.one, [](auto& s) { ClientRole(s).register_interval = 3s; }));
  EXPECT_EQ(p.one->state(), MapState::kClientSuccess);
}

TEST(Change, OfClassAddressRegisterTypeOrRoleNeedsANewTunnel) {
  TwoClients p;
  p.Up();
  const auto refused = [&](FakeHost& host, const std::function<void(TunnelSettings&)>& change) {
    EXPECT_FALSE(Adopt(host, change));
  };
  refused(*p.one, [](auto& s) { ClientRole(s).server_public = Ipv4(192, 0, 2, 9); });
  refused(*p.one, [](auto& s) { ClientRole(s).suite = 12; });
  refused(*p.one, [](auto& s) { ClientRole(s).user_name = "other"; });
  refused(*p.one, [](auto& s) { ClientRole(s).register_type = dvpn::RegisterType::kForward; });
  refused(*p.one, [](auto& s) { s.address.address = Ipv4(10, 0, 9, 9); });
  refused(*p.one, [](auto& s) { s.role = dvpn::ServerSettings{}; });
  refused(*p.server, [](auto& s) { ServerRole(s).dvpn_id = 8; });
  refused(*p.server, [](auto& s) { s.local.port = 9999; });
  refused(*p.server, [](auto& s) { s.address.address = Ipv4(10, 0, 9, 9); });
  EXPECT_EQ(p.one->state(), MapState::kClientSuccess);  // and nothing was done
}

TEST(Change, OfAClientsPublicAddressTakesMapAndSessionsAlong) {
  TwoClients p;
  p.Direct();
  const auto registrations = p.one->log.Count(dvpn::What::kMapBuilt);
  const Endpoint moved{Ipv4(203, 0, 113, 7), 9876};
  p.net.Move(*p.one, moved);
  ASSERT_TRUE(Adopt(*p.one, [&](auto& s) { s.local = moved; }));
  p.Run(200ms);
  EXPECT_EQ(p.server->Session(Domain::Private(2))->peer_public, moved);
  EXPECT_EQ(p.two->Session(Domain::Private(2))->peer_public, moved);
  EXPECT_EQ(p.one->log.Count(dvpn::What::kMapBuilt), registrations);
  p.SendPing(*p.two, 3, 2, 9);
  p.Run(100ms);
  EXPECT_EQ(p.one->delivered.size(), 1u);
}

// The peer's NAT lets in only whom it was sent to: until the peer has heard of the move, the server relays.
TEST(Roaming, AMoveAwayFromAPeerBehindAFilteringNatIsRelayedUntilThePeerAsks) {
  TwoClients d;
  d.Direct();
  const Endpoint before = d.one->address, after{Ipv4(203, 0, 113, 7), 9876};
  std::set<Endpoint> opened{d.server->address, before};  // by what client two sent
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes&) {
    if (from == d.two->address) opened.insert(to);
    return to != d.two->address || opened.contains(from);
  };
  dvpn::TunnelSettings moved = d.one->tunnel->settings();
  moved.local = after;
  d.net.Move(*d.one, after);
  d.one->Call([&](Time now, dvpn::Output& out) { EXPECT_TRUE(d.one->tunnel->Adopt(now, moved, out)); });
  for (std::uint16_t n = 0; n < 20; ++n) {
    d.SendPing(*d.one, 2, 3, n);
    d.Run(100ms);
  }
  EXPECT_EQ(d.two->delivered.size(), 20u);
  EXPECT_TRUE(d.two->log.Says("peer is now at 203.0.113.7:9876"));
  const auto relayed = d.server->tunnel->counters().relayed;
  d.SendPing(*d.one, 2, 3, 99);
  d.Run(100ms);
  EXPECT_EQ(d.server->tunnel->counters().relayed, relayed) << "direct again";
}

// Client two is active, and behind a NAT that gives it another port for every destination.
TEST(Roaming, AnEndThatMovedAndHearsOnlyKeepalivesAsksInPlaceOfEveryOtherAnswer) {
  TwoClients d;
  d.Up();
  d.SendPing(*d.two, 3, 2, 1);
  d.Run(500ms);
  ASSERT_TRUE(d.two->Session(Domain::Private(2))->initiator);
  const Endpoint after{Ipv4(203, 0, 113, 7), 9876}, mapped{d.two->address.address, 41000};
  int answers = 0, questions = 0;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    const bool control = Load32(b.data()) == 0;
    if (from == d.two->address && to == after) {
      d.net.Inject(mapped, to, b, 10ms);
      return false;
    }
    if (to == mapped) {
      answers += control && b[5] == 19;
      questions += control && b[5] == 18;
      d.net.Inject(from, d.two->address, b, 10ms);
      return false;
    }
    return from != after || to != d.two->address;  // its old port is not open for the new address
  };
  dvpn::TunnelSettings moved = d.one->tunnel->settings();
  moved.local = after;
  d.net.Move(*d.one, after);
  d.one->Call([&](Time now, dvpn::Output& out) { EXPECT_TRUE(d.one->tunnel->Adopt(now, moved, out)); });
  d.Run(1s);
  d.SendPing(*d.one, 2, 3, 2);  // relayed: the server tells client two where the other one is
  d.Run(500ms);
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(questions, 0);
  EXPECT_NE(d.one->Session(Domain::Private(3))->peer_public, mapped);
  d.Run(25s);
  EXPECT_GE(questions, 1);
  EXPECT_EQ(d.one->Session(Domain::Private(3))->peer_public, mapped);
  const auto relayed = d.server->tunnel->counters().relayed;
  d.SendPing(*d.one, 2, 3, 3);
  d.Run(100ms);
  EXPECT_EQ(d.server->tunnel->counters().relayed, relayed) << "direct again";
}

TEST(Roaming, DataFromANewAddressIsFollowedAfterOneQuestionAndNotBefore) {
  TwoClients p;
  p.Direct();
  const Endpoint moved{Ipv4(203, 0, 113, 7), 41000};
  p.net.Move(*p.one, moved);  // its NAT did; the client does not know
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(15ms);
  EXPECT_NE(p.two->Session(Domain::Private(2))->peer_public, moved);  // data alone moves nobody
  EXPECT_EQ(p.two->delivered.size(), 1u);
  p.Run(100ms);
  EXPECT_EQ(p.two->Session(Domain::Private(2))->peer_public, moved);
  EXPECT_TRUE(p.two->log.Says("peer is now at 203.0.113.7:41000"));
}

TEST(Roaming, ACopyOfDataFromElsewhereMovesNobody) {
  TwoClients p;
  p.Direct();
  const Endpoint thief{Ipv4(203, 0, 113, 66), 9876};
  Bytes copy;
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from == p.one->address && to == p.two->address && Load32(b.data()) != 0) {
      copy = b;
      return false;  // the thief keeps the original and sends it itself
    }
    return true;
  };
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(5ms);
  p.net.Inject(thief, p.two->address, copy);
  p.Run(5s);
  EXPECT_EQ(p.two->Session(Domain::Private(2))->peer_public, p.one->address);
}

TEST(Roaming, AReleaseReachesAClientThatMoved) {
  TwoClients p;
  p.Up();
  p.net.Move(*p.one, {Ipv4(203, 0, 113, 7), 41000});
  p.SendPing(*p.one, 2, 1, 1);
  p.Send(*p.one, Ping(Domain::Private(2), Domain::Private(1), 1));
  p.Run(200ms);
  p.server->Call(
      [&](Time now, dvpn::Output& out) { EXPECT_TRUE(p.server->tunnel->ResetMap(now, Domain::Private(2), out).ok()); });
  p.Run(50ms);
  EXPECT_EQ(p.one->state(), MapState::kClientInit);
}

TEST(Restart, ClientsOfAServerThatStoppedComeBackWithinTwoSecondsOfItsReturnNotAllAtOnce) {
  Domain d;
  std::vector<FakeHost*> clients;
  for (unsigned n = 2; n < 52; ++n) clients.push_back(&d.Registered(n));
  d.server->Stop();
  d.Run(20ms);
  d.server->up = false;
  d.Run(200s);
  d.server->up = true;
  d.server->log.events.clear();
  d.Run(2s);
  for (FakeHost* c : clients) EXPECT_TRUE(c->Proven(Domain::Private(1)));
  std::set<Duration> at;
  for (const auto& [when, event] : d.server->log.events)
    if (event.what == dvpn::What::kMapBuilt) at.insert(when.since / 50'000'000);
  EXPECT_GE(at.size(), 8u) << "of twenty";
}

// The dumb time would last five minutes more.
TEST(Change, OfSettingsLinkOrRouteEndsTheWaitOfAClient) {
  for (const bool settings : {true, false}) {
    Domain d;
    FakeHost& client = d.Client(2, [](auto& s) { ClientRole(s).register_retry = 1; });
    d.server->up = false;
    client.Start();
    d.Run(60s);
    ASSERT_EQ(client.state(), MapState::kClientInit);
    d.server->up = true;
    d.Run(60s);
    ASSERT_EQ(client.state(), MapState::kClientInit) << "dumb";
    if (settings) {
      ASSERT_TRUE(Adopt(client, [](auto& s) { ClientRole(s).register_interval = 5s; }));
    } else {
      client.Call([&](Time now, dvpn::Output& out) { client.tunnel->OnChange(now, out); });
    }
    d.Run(200ms);
    EXPECT_EQ(client.state(), MapState::kClientSuccess);
  }
}

TEST(SecurityAcl, WhatItPermitsTravelsInClearAndEverythingElseProtected) {
  TwoClients p;
  const auto with_acl = [](TunnelSettings& s) { s.security_acl = 3000; };
  p.Direct(with_acl, with_acl);
  const auto ping_in_clear = [](const ipsec::AclPacket& packet) { return packet.protocol == 1; };
  p.one->permits = p.two->permits = ping_in_clear;
  bool clear = false, esp = false;
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from != p.one->address || to != p.two->address) return true;
    const Bytes needle(40, 0x5a);
    const bool shows = std::search(b.begin(), b.end(), needle.begin(), needle.end()) != b.end();
    clear |= shows;
    esp |= Load32(b.data()) != 0 && !shows;
    return true;
  };
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(50ms);
  EXPECT_TRUE(clear);
  EXPECT_FALSE(esp);
  EXPECT_EQ(p.two->delivered.size(), 1u);
  clear = false;
  Bytes other = Ping(Domain::Lan(2), Domain::Lan(3), 3);
  other[9] = 47;
  FixIpChecksum(other);
  p.Send(*p.one, other);
  p.Run(50ms);
  EXPECT_FALSE(clear);
  EXPECT_TRUE(esp);
  EXPECT_EQ(p.two->delivered.size(), 2u);
}

TEST(SecurityAcl, AClearPacketThatTheReceiversListDoesNotPermitTheOtherWayRoundIsDropped) {
  TwoClients p;
  p.Direct([](TunnelSettings& s) { s.security_acl = 3000; });
  p.one->permits = [](const ipsec::AclPacket&) { return true; };
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(50ms);
  EXPECT_EQ(p.two->delivered.size(), 0u);
  EXPECT_EQ(p.two->Dropped("data: came in clear, and the security ACL does not permit that"), 1u);
  ASSERT_TRUE(Adopt(*p.two, [](auto& s) { s.security_acl = 3001; }));  // counts at once
  Ipv4 source;
  p.two->permits = [&](const ipsec::AclPacket& packet) {
    source = packet.source;
    return true;
  };
  p.SendPing(*p.one, 2, 3, 3);
  p.Run(50ms);
  EXPECT_EQ(p.two->delivered.size(), 1u);
  EXPECT_EQ(source, Domain::Lan(3));  // the list is asked for the way this end sends
}

TEST(SecurityAcl, AClearPacketFromElsewhereIsDropped) {
  TwoClients p;
  const auto with_acl = [](TunnelSettings& s) { s.security_acl = 3000; };
  p.Direct(with_acl, with_acl);
  p.one->permits = p.two->permits = [](const ipsec::AclPacket&) { return true; };
  Bytes seen;
  p.net.tap = [&](Endpoint from, Endpoint, Bytes& b) {
    if (from == p.one->address && b[5] == 32) seen = b;
    return true;
  };
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(50ms);
  ASSERT_FALSE(seen.empty());
  p.net.Inject({Ipv4(203, 0, 113, 66), 9876}, p.two->address, seen);
  p.Run(50ms);
  EXPECT_EQ(p.two->delivered.size(), 1u);
}

TEST(History, KeepsWhoWasOnlineHowOftenAndHowMuchWasSent) {
  TwoClients p;
  p.Direct();
  p.SendPing(*p.one, 2, 3, 2);
  p.Run(50ms);
  p.one->Call([&](Time now, dvpn::Output& out) { (void)p.one->tunnel->ResetSession(now, Domain::Private(3), out); });
  p.Run(5s);
  const auto rows = p.one->history.List(p.net.scheduler.now());
  ASSERT_EQ(rows.size(), 2u);  // server and peer
  EXPECT_TRUE(rows[0].online);
  EXPECT_EQ(rows[1].peer_private, Domain::Private(3));
  EXPECT_EQ(rows[1].peer_device_id, "branch3");
  EXPECT_FALSE(rows[1].online);
  EXPECT_EQ(rows[1].online_number, 1u);
  EXPECT_EQ(rows[1].sent_packets, 1u);
  p.SendPing(*p.one, 2, 3, 3);
  p.Run(2s);
  EXPECT_EQ(p.one->history.List(p.net.scheduler.now())[1].online_number, 2u);
}

TEST(History, ForgetsWhatIsOverAfterItsAgeAndWhenReset) {
  dvpn::SessionHistory h;
  h.SetAge(std::chrono::hours(1));
  h.Up({}, 1, Ipv4(10, 0, 0, 2), "a");
  h.Up({}, 1, Ipv4(10, 0, 0, 3), "b");
  h.Down(Time{1s}, 1, Ipv4(10, 0, 0, 2), 5, 6);
  EXPECT_EQ(h.List(Time{std::chrono::hours(1)}).size(), 2u);
  EXPECT_EQ(h.List(Time{std::chrono::hours(1) + 1s}).size(), 1u);
  h.Down(Time{std::chrono::hours(2)}, 1, Ipv4(10, 0, 0, 3), 1, 1);
  h.Up(Time{std::chrono::hours(2)}, 1, Ipv4(10, 0, 0, 4), "c");
  h.Reset();
  EXPECT_EQ(h.size(), 1u);
}

}  // namespace
}  // namespace sw::testing
