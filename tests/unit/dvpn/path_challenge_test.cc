// A source address proves nothing: what comes by a session from elsewhere makes the peer be asked there, and only its
// answer from there moves the session. The old path serves meanwhile.
#include <gmock/gmock.h>

#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

const Endpoint kVictim{Ipv4(203, 0, 113, 66), 9876};

// Somebody on the way who keeps what the first client sends to the second, and sends it on from the victim's address.
struct Thief : TwoClients {
  Thief() {
    Direct();
    net.tap = [this](Endpoint from, Endpoint to, Bytes& b) {
      if (to == kVictim) {
        ++reached;
        bytes += b.size();
        if (Load32(b.data()) != 0) ++data;
      }
      if (!steals || from != one->address || to != two->address || !steals(b)) return true;
      stolen += b.size();
      net.Inject(kVictim, two->address, b, net.delay);
      return keeps_original;
    };
  }
  static bool Control(const Bytes& b, int type) { return Load32(b.data()) == 0 && b[5] == type; }
  std::function<bool(const Bytes&)> steals;
  bool keeps_original = false;  // true: the original arrives as well
  std::size_t reached = 0, bytes = 0, data = 0, stolen = 0;
};

TEST(PathChallenge, OneKeepaliveWithAForgedSourceDoesNotMoveASession) {
  Thief p;
  int thefts = 0;
  p.steals = [&](const Bytes& b) { return Thief::Control(b, 18) && thefts++ == 0; };
  for (std::uint16_t n = 0; n < 200; ++n) {
    p.SendPing(*p.two, 3, 2, n);
    p.Run(100ms);
  }
  ASSERT_GE(thefts, 1);
  EXPECT_GE(p.reached, 1u) << "the new place is asked";
  EXPECT_EQ(p.data, 0u);
  EXPECT_LE(p.bytes, p.stolen) << "by no more than came from there";
  EXPECT_EQ(p.two->Session(Domain::Private(2))->peer_public, p.one->address);
  EXPECT_EQ(p.one->delivered.size(), 200u) << "the old path serves meanwhile";
}

TEST(PathChallenge, AThiefOfEveryMessageMovesNothingAndTheSessionLives) {
  Thief p;
  p.steals = [](const Bytes&) { return true; };
  for (std::uint16_t n = 0; n < 600; ++n) {
    p.SendPing(*p.one, 2, 3, n);
    p.SendPing(*p.two, 3, 2, n);
    p.Run(100ms);
  }
  EXPECT_EQ(p.data, 0u);
  EXPECT_LE(p.bytes, p.stolen);
  EXPECT_EQ(p.two->Session(Domain::Private(2))->peer_public, p.one->address);
  EXPECT_EQ(p.two->delivered.size(), 600u);
  EXPECT_EQ(p.one->delivered.size(), 600u);
  EXPECT_FALSE(p.two->log.Says("removed"));
}

TEST(PathChallenge, AServerSendsNoDataToAnAddressThatAClientDidNotAnswerFrom) {
  Thief p;
  std::size_t data = 0;
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (to == kVictim && Load32(b.data()) != 0) ++data;
    if (from != p.one->address || to != p.server->address) return true;
    p.net.Inject(kVictim, to, b, p.net.delay);
    return false;
  };
  for (std::uint16_t n = 0; n < 100; ++n) {
    p.Send(*p.one, Ping(Domain::Private(2), Domain::Private(1), n));
    p.Send(*p.server, Ping(Domain::Private(1), Domain::Private(2), n));
    p.Run(100ms);
  }
  EXPECT_EQ(data, 0u);
  EXPECT_EQ(p.server->Session(Domain::Private(2))->peer_public, p.one->address);
  EXPECT_EQ(p.server->delivered.size(), 100u);
  EXPECT_EQ(p.one->delivered.size(), 100u);
}

TEST(PathChallenge, AnswersGiveNoClueToAnotherClaimAndAPeerThatReallyMovedIsFollowedBesideAThief) {
  Thief p;
  const Endpoint moved{Ipv4(198, 51, 100, 9), 40000};
  p.net.Move(*p.one, moved);
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from == moved && to == p.two->address) p.net.Inject(kVictim, to, b, 1ms);  // before the original
    return true;
  };
  for (std::uint16_t n = 0; n < 50; ++n) {
    p.SendPing(*p.one, 2, 3, n);
    p.Run(100ms);
  }
  EXPECT_NE(p.two->Session(Domain::Private(2))->peer_public, kVictim);
}

TEST(PathChallenge, ALateAnswerToAnEarlierQuestionStillCounts) {
  TwoClients p;
  p.Direct();
  p.net.delay = 1200ms;  // longer there and back than the time between questions
  const Endpoint moved{Ipv4(198, 51, 100, 9), 40000};
  p.net.Move(*p.one, moved);
  for (std::uint16_t n = 0; n < 60; ++n) {
    p.SendPing(*p.one, 2, 3, n);
    p.Run(200ms);
  }
  EXPECT_EQ(p.two->Session(Domain::Private(2))->peer_public, moved);
}

TEST(PathChallenge, ARekeyFromElsewhereIsAnsweredWhereThePeerIsKnownToBe) {
  Domain d;
  d.role().policy.sa_duration = 180s;
  FakeHost& one = d.Registered(2);
  FakeHost& two = d.Registered(3);
  d.SendPing(one, 2, 3, 1);
  d.Run(1s);
  std::size_t stolen = 0, data = 0;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (to == kVictim && (Load32(b.data()) != 0 || b[5] == 21)) ++data;
    if (from != one.address || to != two.address || Load32(b.data()) != 0 || b[5] != 20) return true;
    ++stolen;
    d.net.Inject(kVictim, to, b, d.net.delay);
    return false;
  };
  for (std::uint16_t n = 0; n < 400; ++n) {
    d.SendPing(two, 3, 2, n);
    d.Run(1s);
  }
  EXPECT_GE(stolen, 1u);
  EXPECT_EQ(data, 0u);
  EXPECT_TRUE(one.log.Says("session rekeyed"));
  EXPECT_EQ(two.Session(Domain::Private(2))->peer_public, one.address);
}

TEST(PathChallenge, ASetupRequestCopiedFromElsewhereSendsNoDataThere) {
  for (const bool first : {true, false}) {
    TwoClients p;
    p.Up();
    std::size_t data = 0, copies = 0;
    p.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
      if (to == kVictim && Load32(b.data()) != 0) ++data;
      if (to == p.two->address && from == p.one->address && Thief::Control(b, 16)) {
        ++copies;
        p.net.Inject(kVictim, to, b, p.net.delay + (first ? -1ms : 1ms));
      }
      return true;
    };
    for (std::uint16_t n = 0; n < 100; ++n) {
      p.SendPing(*p.one, 2, 3, n);
      p.SendPing(*p.two, 3, 2, n);
      p.Run(100ms);
    }
    EXPECT_GE(copies, 1u);
    EXPECT_EQ(data, 0u) << first;
    ASSERT_TRUE(p.two->Proven(Domain::Private(2))) << first;
    EXPECT_EQ(p.two->Session(Domain::Private(2))->peer_public, p.one->address) << first;
    EXPECT_EQ(p.two->delivered.size(), 100u);
    EXPECT_EQ(p.one->delivered.size(), 100u);
  }
}

TEST(SessionInfo, NamesSuitesAgeOfKeysBytesUnderThemAndWhatIsWeak) {
  Domain d;
  d.role().policy.session_suite = 17;
  d.role().policy.data_suite = 13;
  d.role().policy.sa_duration = 180s;
  const auto any = [](auto& s) { ClientRole(s).minimum = dvpn::SecurityMinimum::kNone; };
  FakeHost& one = d.Registered(2, any);
  FakeHost& two = d.Registered(3, any);
  d.SendPing(one, 2, 3, 1);
  d.Run(1s);
  d.SendPing(one, 2, 3, 2);
  d.Run(1s);
  const auto direct = *one.Session(Domain::Private(3));
  EXPECT_EQ(direct.session_suite, 17);
  EXPECT_EQ(direct.data_suite, 13);
  EXPECT_TRUE(direct.forward_secrecy);
  EXPECT_EQ(direct.weakness, "data is not protected");
  EXPECT_EQ(direct.bytes_under_keys, 68u);
  EXPECT_EQ(two.Session(Domain::Private(2))->bytes_under_keys, 68u);
  const Time first = direct.keyed;
  EXPECT_LT(d.net.scheduler.now() - first, Duration(3s));
  d.Run(200s);
  const auto later = *one.Session(Domain::Private(3));
  EXPECT_GT(later.keyed, first);
  EXPECT_EQ(later.bytes_under_keys, 0u) << "these keys protected nothing yet";
  EXPECT_EQ(Domain().Registered(2).Session(Domain::Private(1))->weakness,
            "session messages by DES-CBC/MD5/MODP768, data by DES-CBC/MD5/MODP768");
}

}  // namespace
}  // namespace sw::testing
