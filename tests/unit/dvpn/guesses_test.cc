// Keys and passwords that are guessed at a server: so many are free, then each has to wait longer.
#include "dvpn/guesses.h"

#include <gmock/gmock.h>

#include "dvpn/constants.h"
#include "dvpn/wire.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
namespace wire = dvpn::wire;

constexpr Ipv4 kStranger(203, 0, 113, 66);

TEST(Guesses, WaitTwiceAsLongEachTimeUpToALockAndAreForgottenOneAMinute) {
  dvpn::Guesses guesses;
  Time now{1h};
  for (int n = 1; n < dvpn::kFreeExchanges; ++n) guesses.Charge(now, kStranger);
  EXPECT_EQ(guesses.Wait(now, kStranger), 0s);
  for (const Duration wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    guesses.Charge(now, kStranger);
    EXPECT_EQ(guesses.Wait(now, kStranger), wait);
    now = now + wait;
    EXPECT_EQ(guesses.Wait(now, kStranger), 0s);
  }
  EXPECT_EQ(guesses.Wait(now, Ipv4(203, 0, 113, 67)), 0s);
  now = now + 8 * dvpn::kGuessForgotten;
  guesses.Charge(now, kStranger);
  EXPECT_EQ(guesses.Wait(now, kStranger), 1s);
}

TEST(Guesses, WhatGoesOnIsNone) {
  dvpn::Guesses guesses;
  for (int n = 0; n < 10 * dvpn::kFreeExchanges; ++n) {
    guesses.Charge(Time{1h}, kStranger);
    guesses.Forgive(Time{1h}, kStranger);
  }
  for (int n = 0; n < dvpn::kFreeExchanges; ++n) guesses.Charge(Time{1h}, kStranger);  // a site of many clients
  EXPECT_EQ(guesses.Wait(Time{1h}, kStranger), 1s);
  guesses.Forgive(Time{1h}, kStranger);
  EXPECT_EQ(guesses.Wait(Time{1h}, kStranger), 0s);
}

TEST(Guesses, TheTableHoldsNoMoreThanItMayAndTheLatest) {
  dvpn::Recent<int, int> table(3);
  for (int n = 0; n < 100; ++n) table.Touch(n) = n;
  EXPECT_EQ(table.size(), 3u);
  table.Touch(97);
  table.Touch(200) = 200;
  EXPECT_EQ(table.Find(98), nullptr);
  ASSERT_NE(table.Find(97), nullptr);
  EXPECT_EQ(*table.Find(97), 97);
}

// Step 3 from one address, again and again, and never more.
struct Opener : Domain {
  Opener() {
    role().pre_shared_key = SecretBytes("common");
    Server();
    net.tap = [this](Endpoint from, Endpoint to, Bytes& b) {
      if (from != server->address || to.address != kStranger) return true;
      answers.push_back(b);
      if (b[5] != 2) return false;
      const auto frame = std::get<wire::Frame>(wire::DecodeFrame(b));
      const auto body = wire::DecodeBody(frame.type, frame.body);
      wire::KexReq m;
      m.nonce = std::get<wire::AlgRsp>(*body).nonce;
      m.suites.count = 1;
      m.suites.numbers[0] = m.suite = 1;
      m.cookie = std::get<wire::AlgRsp>(*body).cookie;
      m.public_value = Bytes(96, 0x55);
      net.Inject(to, server->address, wire::EncodeFrame(wire::Type::kKexReq, frame.channel, 0, wire::Encode(m)));
      return false;
    };
  }
  int Open(std::uint64_t id) {  // the type that step 3 is answered by
    answers.clear();
    wire::AlgReq m;
    Store64(m.nonce.data(), id);
    m.suites.count = 1;
    m.suites.numbers[0] = 1;
    net.Inject({kStranger, 99}, server->address, wire::EncodeFrame(wire::Type::kAlgReq, id, 0, wire::Encode(m)));
    Run(1ms);
    return answers.back()[5];
  }
  std::vector<Bytes> answers;
};

TEST(Guesses, AnAddressThatBeginsAndDoesNotGoOnHasToWaitAndIsInTheLog) {
  Opener d;
  d.role().map_age = 30s;
  std::uint64_t id = 0;
  for (int n = 0; n < dvpn::kFreeExchanges; ++n) EXPECT_EQ(d.Open(++id), 4);
  const std::size_t maps = d.server->tunnel->maps().size();
  for (int n = 0; n < 100; ++n) EXPECT_EQ(d.Open(++id), 9);
  EXPECT_EQ(d.answers.back().back(), static_cast<std::uint8_t>(wire::Answer::kTooManyFailures));
  EXPECT_EQ(d.server->tunnel->maps().size(), maps);
  EXPECT_EQ(d.server->log.Count(dvpn::What::kRefused), 1u);
  EXPECT_TRUE(d.server->log.Says("begun from its address did not go on, the next one has to wait"));
  EXPECT_EQ(d.server->Dropped("control: refused: too many attempts failed"), 100u);
  d.Run(1s);
  EXPECT_EQ(d.Open(++id), 4);
  d.Run(1s);
  EXPECT_EQ(d.Open(++id), 9);
  // Somebody else is not concerned.
  EXPECT_EQ(d.Registered(2).state(), MapState::kClientSuccess);
}

// In an hour a stranger tries as many keys as are free, and hardly more than one a minute.
TEST(Guesses, OfOneAddressAreFewInAnHour) {
  Opener d;
  int tried = 0;
  for (std::uint64_t id = 1; id <= 3600; ++id) {
    tried += d.Open(id) == 4;
    d.Run(999ms);
  }
  EXPECT_LE(tried, dvpn::kFreeExchanges + 70);
}

struct Passwords : Domain {
  Passwords() {
    role().policy.authentication = dvpn::AuthMethod::kChap;
    Server().authenticator.users = {{"u", "right"}};
  }
  FakeHost& From(unsigned n, Ipv4 place, const char* password) {
    FakeHost& host = Client(n, [&](dvpn::TunnelSettings& s) {
      s.local.address = place;
      ClientRole(s).user_name = "u";
      ClientRole(s).password = SecretBytes(password);
      ClientRole(s).register_interval = 3s;
      ClientRole(s).register_retry = 6;
    });
    host.Start();
    return host;
  }
};

TEST(Guesses, AUserWhosePasswordIsGuessedHasToWaitAndTheServerAsksNobody) {
  Passwords d;
  FakeHost& guesser = d.From(2, kStranger, "wrong");
  d.Run(25s);  // seven attempts
  EXPECT_EQ(d.server->authenticator.asked, dvpn::kFreePasswords + 1);
  guesser.up = false;
  d.Run(1s);
  for (unsigned n = 3; n < 10; ++n) {  // from here and there
    FakeHost& other = d.From(n, Ipv4(198, 51, 100, n), "wrong");
    d.Run(1s);
    other.up = false;
  }
  EXPECT_LT(d.server->authenticator.asked, dvpn::kFreePasswords + 4);
  EXPECT_TRUE(d.server->log.Says("authentication of user u failed: too many attempts failed, the next one has to wait"));
}

TEST(Guesses, NobodyShutsAUserOutOfThePlaceWhereItIsKnownByItsNameAlone) {
  Passwords d;
  FakeHost& genuine = d.From(50, Ipv4(192, 0, 2, 50), "right");
  d.Run(1s);
  ASSERT_EQ(genuine.state(), MapState::kClientSuccess);
  for (unsigned n = 3; n < 20; ++n) d.From(n, Ipv4(198, 51, 100, n), "wrong");
  d.Run(1s);
  ASSERT_TRUE(d.server->log.Says("user u failed: too many attempts failed"));
  genuine.Call([&](Time now, dvpn::Output& out) { (void)genuine.tunnel->ResetMap(now, std::nullopt, out); });
  d.Run(1s);
  EXPECT_EQ(genuine.state(), MapState::kClientSuccess);
}

TEST(Guesses, AnAuthenticatorThatCannotAnswerLocksNobodyOut) {
  Passwords d;
  d.server->authenticator.late = true;
  FakeHost& client = d.From(2, kStranger, "right");
  d.Run(200s);  // nobody answers
  d.server->authenticator.late = false;
  d.server->Call([&](Time, dvpn::Output&) { d.server->authenticator.Answer(); });
  d.Run(300s);  // the dumb time
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
}

}  // namespace
}  // namespace sw::testing
