#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {
namespace {

using dvpn::AuthMethod;
using dvpn::MapState;
using dvpn::What;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Registration, AClientWithoutAuthenticationTakesStepsOneToFourSevenAndEight) {
  Domain d;
  FakeHost& client = d.Registered(2);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_THAT(client.log.Steps(), ElementsAre(1, -2, 3, -4, 7, -8));
  EXPECT_THAT(d.server->log.Steps(), ElementsAre(-1, 2, -3, 4, -7, 8));
  EXPECT_EQ(d.server->state(), MapState::kServerFinished);
}

TEST(Registration, TheSessionWithTheServerOpensRightAfterStepEight) {
  Domain d;
  FakeHost& client = d.Registered(2);
  EXPECT_TRUE(client.Proven(Domain::Private(1)));
  EXPECT_TRUE(d.server->Proven(Domain::Private(2)));
  EXPECT_LT(d.net.scheduler.now().since, 200ms);
  EXPECT_TRUE(client.Session(Domain::Private(1))->initiator);
  EXPECT_FALSE(d.server->Session(Domain::Private(2))->initiator);
}

class Authenticated : public ::testing::TestWithParam<AuthMethod> {};

TEST_P(Authenticated, TakesAllEightSteps) {
  Domain d;
  d.role().policy.authentication = GetParam();
  d.role().policy.isp_domain = "system";
  d.Server().authenticator.users["u"] = "secret";
  FakeHost& client = d.Registered(2, [](auto& s) {
    ClientRole(s).user_name = "u";
    ClientRole(s).password = SecretBytes("secret");
    ClientRole(s).minimum = dvpn::SecurityMinimum::kNone;
  });
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_THAT(client.log.Steps(), ElementsAre(1, -2, 3, -4, 5, -6, 7, -8));
  EXPECT_EQ(d.server->tunnel->maps().at(0).user_name, "u");
  EXPECT_EQ(client.tunnel->maps().at(0).user_name, "u");
  EXPECT_EQ(d.server->authenticator.last_domain, "system");
}

TEST_P(Authenticated, AWrongPasswordIsRefusedUnderSealAndAbortsAtOnce) {
  Domain d;
  d.role().policy.authentication = GetParam();
  d.Server().authenticator.users["u"] = "secret";
  FakeHost& client = d.Client(2, [](auto& s) {
    ClientRole(s).user_name = "u";
    ClientRole(s).password = SecretBytes("guess");
    ClientRole(s).minimum = dvpn::SecurityMinimum::kNone;
  });
  client.Start();
  d.Run(1s);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_THAT(client.tunnel->maps().at(0).last_error, HasSubstr("client authentication failed"));
  EXPECT_EQ(client.log.Count(What::kRefused), 1u);
  EXPECT_TRUE(d.server->log.Says("wrong password"));
  EXPECT_EQ(d.server->Dropped("control: refused: client authentication failed"), 1u);
  EXPECT_TRUE(d.server->tunnel->sessions().empty());
}

INSTANTIATE_TEST_SUITE_P(Methods, Authenticated, ::testing::Values(AuthMethod::kPap, AuthMethod::kChap));

TEST(Registration, AnAuthenticatorMayAnswerLater) {
  Domain d;
  d.role().policy.authentication = AuthMethod::kChap;
  d.Server().authenticator.users["u"] = "secret";
  d.server->authenticator.late = true;
  FakeHost& client = d.Client(2, [](auto& s) {
    ClientRole(s).user_name = "u";
    ClientRole(s).password = SecretBytes("secret");
  });
  client.Start();
  d.Run(2s);
  EXPECT_EQ(client.state(), MapState::kClientAuthenReq);
  EXPECT_EQ(d.server->state(), MapState::kServerAuthenInit);
  EXPECT_EQ(d.server->authenticator.asked, 1);  // repetitions of the request do not ask again
  EXPECT_GT(d.server->Dropped("control: duplicate of a request still being worked on"), 0u);
  d.server->authenticator.Answer();
  d.Run(100ms);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
}

TEST(Registration, AClientWithoutAUserSaysThatTheServerWantsOne) {
  Domain d;
  d.role().policy.authentication = AuthMethod::kPap;
  FakeHost& client = d.Client(2);
  client.Start();
  d.Run(1s);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_THAT(client.tunnel->maps().at(0).last_error, HasSubstr("no user is configured"));
}

void UseKey(dvpn::TunnelSettings& s, std::string_view key) {
  ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
  ClientRole(s).pre_shared_key = SecretBytes(key);
}

TEST(Registration, TheServerProvesItselfWithThePreSharedKey) {
  Domain d;
  d.role().pre_shared_key = SecretBytes("common");
  FakeHost& client = d.Registered(2, [](auto& s) { UseKey(s, "common"); });
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_TRUE(client.log.Says("server authentication response: verified"));
}

TEST(Registration, DifferentPreSharedKeysEndTheAttemptAtOnceAtBothEnds) {
  Domain d;
  d.role().pre_shared_key = SecretBytes("common");
  FakeHost& client = d.Client(2, [](auto& s) { UseKey(s, "other"); });
  client.Start();
  d.Run(150ms);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_EQ(client.tunnel->maps().at(0).last_error, "server authentication failed: pre-shared keys differ?");
  EXPECT_EQ(client.Dropped("control: server authentication failed"), 1u);
  EXPECT_TRUE(d.server->tunnel->maps().empty());
  EXPECT_TRUE(d.server->log.Says("the client refused: server authentication failed: the pre-shared keys differ"));
}

TEST(Registration, AServerWithoutPreSharedKeySaysSoAndEndsTheAttempt) {
  Domain d;
  FakeHost& client = d.Client(2, [](auto& s) { UseKey(s, "k"); });
  client.Start();
  d.Run(100ms);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_EQ(client.tunnel->maps().at(0).last_error,
            "the server refused: the server has no pre-shared key (not authenticated)");
  EXPECT_TRUE(d.server->tunnel->maps().empty());
}

TEST(Registration, NoCommonSuiteEndsTheAttemptAtOnceAtBothEnds) {
  Domain d;
  d.role().accepted_suites = {12};
  FakeHost& client = d.Client(2);
  client.Start();
  d.Run(100ms);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_EQ(client.tunnel->maps().at(0).last_error,
            "the server refused: no common algorithm suite (not authenticated)");
  EXPECT_TRUE(d.server->log.Says("no common algorithm suite, it offers 1"));
  EXPECT_TRUE(d.server->tunnel->maps().empty());
}

TEST(Registration, RetriesEveryIntervalThenGoesDumbThenBeginsAgain) {
  Domain d;
  FakeHost& client = d.Client(2, [](auto& s) { ClientRole(s).register_retry = 2; });
  d.server->up = false;
  client.Start();
  std::vector<long> starts;
  d.Run(900s);
  for (const auto& [t, e] : client.log.events)
    if (e.step == 1) starts.push_back(t.since / 1s);
  // Attempts of 20 s, 10 s apart, three of them; 300 s of silence; again.
  EXPECT_THAT(starts, ElementsAre(0, 30, 60, 380, 410, 440, 760, 790, 820));
  EXPECT_EQ(client.tunnel->maps().at(0).last_error, "no answer from the server");
}

TEST(Registration, ASucceedingAttemptForgetsEarlierFailures) {
  Domain d;
  FakeHost& client = d.Client(2);
  d.server->up = false;
  client.Start();
  d.Run(25s);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  d.server->up = true;
  d.Run(10s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_EQ(client.tunnel->maps().at(0).last_error, "");
}

TEST(Registration, LostMessagesAreSentAgainUnchanged) {
  Domain d;
  FakeHost& client = d.Client(2);
  std::map<Bytes, int> seen;
  d.net.tap = [&](Endpoint, Endpoint, Bytes& bytes) { return ++seen[bytes] > 1; };  // the first of each is lost
  client.Start();
  d.Run(20s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_EQ(client.log.Steps().size(), 6u);
  EXPECT_GT(d.server->Dropped("control: duplicate request, answered from the cache"), 0u);
}

TEST(Registration, AnUnfinishedMapAgesOutAndAFinishedOneDoesNot) {
  Domain d;
  FakeHost& stays = d.Registered(2);
  FakeHost& client = d.Client(3);
  d.net.tap = [&](Endpoint from, Endpoint, Bytes& bytes) { return !(from == client.address && bytes[5] == 7); };
  client.Start();
  d.Run(1s);
  ASSERT_EQ(d.server->tunnel->maps().size(), 2u);
  EXPECT_EQ(d.server->tunnel->maps()[1].state, MapState::kServerInit);
  client.up = false;
  d.Run(31s);
  ASSERT_EQ(d.server->tunnel->maps().size(), 1u);
  EXPECT_EQ(d.server->Dropped("control: unfinished registration aged out"), 1u);
  d.Run(1000s);
  EXPECT_EQ(stays.state(), MapState::kClientSuccess);
  EXPECT_EQ(d.server->tunnel->maps().size(), 1u);
  EXPECT_EQ(stays.log.Count(What::kMapRemoved), 0u);
}

TEST(Registration, ThePolicyOfTheServerReachesTheClient) {
  Domain d;
  d.role().policy.session_suite = 12;
  d.role().policy.data_suite = 5;
  FakeHost& client = d.Registered(2);
  const auto map = client.tunnel->maps().at(0);
  EXPECT_EQ(map.dvpn_id, 7);
  EXPECT_EQ(map.control_id, d.server->tunnel->maps().at(0).control_id);
  EXPECT_EQ(map.peer_device_id, "HQ");
  EXPECT_EQ(d.server->tunnel->maps().at(0).peer_device_id, "branch2");
  EXPECT_EQ(client.tunnel->ipsec_sas(d.net.scheduler.now()).at(0).suite, 5);
}

TEST(Registration, AWeakSuiteIsSaidAloud) {
  Domain d;
  FakeHost& client = d.Registered(2);
  for (const FakeHost* end : {&client, d.server}) {
    EXPECT_EQ(end->log.Count(What::kWeak), 3u);
    EXPECT_TRUE(end->log.Says("weak algorithms: registration by DES-CBC/MD5/MODP768"));
    EXPECT_TRUE(end->log.Says("weak algorithms: session messages by DES-CBC/MD5/MODP768"));
    EXPECT_TRUE(end->log.Says("weak algorithms: data by DES-CBC/MD5/MODP768"));
  }
}

TEST(Registration, AnAddressOutsideTheTunnelNetworkIsRefusedUnderSeal) {
  Domain d;
  for (Ipv4 bad : {Ipv4(10, 9, 0, 5), Ipv4(10, 0, 0, 1), Ipv4(10, 0, 255, 255)}) {
    FakeHost& client = d.Client(bad.value & 0xff, [&](auto& s) {
      s.address = {bad, 16};
      s.local.address = Ipv4(203, 0, 113, bad.value & 0xff);
    });
    client.Start();
    d.Run(1s);
    EXPECT_THAT(client.tunnel->maps().at(0).last_error, HasSubstr("outside the tunnel network")) << bad.ToString();
  }
  EXPECT_EQ(d.server->Dropped("control: refused: private address not acceptable"), 3u);
}

TEST(Registration, AStrangerCannotTakeALivingClientsAddress) {
  Domain d;
  FakeHost& first = d.Registered(2);
  FakeHost& second = d.Client(2, [](auto& s) { s.local.address = Ipv4(203, 0, 113, 9); });
  second.Start();
  d.Run(1s);
  EXPECT_THAT(second.tunnel->maps().at(0).last_error, HasSubstr("belongs to another client"));
  EXPECT_TRUE(first.Proven(Domain::Private(1)));
}

TEST(Registration, ARestartedClientReplacesItsOldMapFromTheSameEndpoint) {
  Domain d;
  FakeHost& first = d.Registered(2);
  const auto old_id = d.server->tunnel->maps().at(0).control_id;
  first.up = false;
  FakeHost& again = d.Registered(2);
  EXPECT_EQ(again.state(), MapState::kClientSuccess);
  ASSERT_EQ(d.server->tunnel->maps().size(), 1u);
  EXPECT_GT(d.server->tunnel->maps()[0].control_id, old_id);  // control IDs are not used twice
  EXPECT_TRUE(d.server->log.Says("the client registered again"));
}

TEST(Registration, OnlyTheSameUserReplacesAnAuthenticatedMap) {
  Domain d;
  d.role().policy.authentication = AuthMethod::kChap;
  d.Server().authenticator.users = {{"a", "pa"}, {"b", "pb"}};
  const auto as = [](std::string user, unsigned host) {
    return [=](dvpn::TunnelSettings& s) {
      ClientRole(s).user_name = user;
      ClientRole(s).password = SecretBytes("p" + user);
      s.local.address = Ipv4(203, 0, 113, host);
    };
  };
  FakeHost& first = d.Registered(2, as("a", 1));
  FakeHost& other = d.Client(2, as("b", 2));
  other.Start();
  d.Run(1s);
  EXPECT_THAT(other.tunnel->maps().at(0).last_error, HasSubstr("belongs to another client"));
  EXPECT_TRUE(d.server->log.Says("registration of 10.0.0.2 refused to user b: the address belongs to user a"));
  EXPECT_TRUE(first.Proven(Domain::Private(1)));
  other.up = first.up = false;
  FakeHost& moved = d.Registered(2, as("a", 3));
  EXPECT_EQ(moved.state(), MapState::kClientSuccess);
}

TEST(Registration, StoppingAClientRemovesMapAndSessionsOnBothSides) {
  Domain d;
  FakeHost& client = d.Registered(2);
  client.Stop();
  d.Run(100ms);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_TRUE(client.tunnel->sessions().empty());
  EXPECT_TRUE(d.server->tunnel->maps().empty());
  EXPECT_TRUE(d.server->tunnel->sessions().empty());
  d.Run(1000s);
  EXPECT_EQ(client.state(), MapState::kClientInit);
}

TEST(Registration, AResetOnTheServerSendsTheClientToInitAndItRegistersAgain) {
  Domain d;
  FakeHost& client = d.Registered(2);
  EXPECT_EQ(
      d.server->tunnel->ResetMap(d.net.scheduler.now(), Ipv4(9, 9, 9, 9), *std::make_unique<dvpn::Output>()).code(),
      Code::kNotFound);
  d.server->Call(
      [&](Time now, dvpn::Output& out) { EXPECT_TRUE(d.server->tunnel->ResetMap(now, Domain::Private(2), out).ok()); });
  d.Run(50ms);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_TRUE(client.tunnel->sessions().empty());
  d.Run(11s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
}

TEST(Registration, AResetOnTheClientReleasesEverythingAndRegistersAgain) {
  Domain d;
  FakeHost& client = d.Registered(2);
  client.Call([&](Time now, dvpn::Output& out) {
    EXPECT_TRUE(client.tunnel->ResetMap(now, std::nullopt, out).ok());
    EXPECT_TRUE(client.tunnel->sessions().empty());
  });
  d.Run(1s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_TRUE(client.Proven(Domain::Private(1)));
  EXPECT_EQ(d.server->tunnel->maps().size(), 1u);
}

TEST(Registration, ASessionCoupledWithAMapCannotBeRemovedAlone) {
  Domain d;
  FakeHost& client = d.Registered(2);
  dvpn::Output out;
  const Status server = d.server->tunnel->ResetSession(d.net.scheduler.now(), Domain::Private(2), out);
  EXPECT_EQ(server.code(), Code::kInUse);
  EXPECT_THAT(server.why(), HasSubstr("remove the map first"));
  EXPECT_EQ(client.tunnel->ResetSession(d.net.scheduler.now(), Domain::Private(1), out).code(), Code::kInUse);
  EXPECT_EQ(client.tunnel->ResetSession(d.net.scheduler.now(), Domain::Private(9), out).code(), Code::kNotFound);
}

TEST(Registration, UnusableSettingsAreRefusedWithAReason) {
  Domain d;
  d.Server();
  const auto refused = [&](const std::function<void(dvpn::TunnelSettings&)>& change) {
    dvpn::TunnelSettings s = d.ClientSettings(2);
    change(s);
    FakeHost& h = *d.server;
    dvpn::Services services{*h.crypto, h.random, d.net.pool, h.log, h.authenticator, h.routes};
    const auto made = dvpn::Tunnel::Create(std::move(s), services);
    return made.ok() ? std::string() : made.why();
  };
  EXPECT_EQ(refused([](auto&) {}), "");
  EXPECT_THAT(refused([](auto& s) { s.local = {}; }), HasSubstr("no source"));
  EXPECT_THAT(refused([](auto& s) { s.address = {}; }), HasSubstr("no private address"));
  EXPECT_THAT(refused([](auto& s) { ClientRole(s).server_public = {}; }), HasSubstr("no server address"));
  EXPECT_THAT(refused([](auto& s) { ClientRole(s).suite = 13; }), HasSubstr("cannot protect a registration"));
  EXPECT_THAT(refused([](auto& s) { ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare; }), HasSubstr("pre-shared key"));
  EXPECT_THAT(refused([](auto& s) { ClientRole(s).user_name = "a\nb"; }), HasSubstr("cannot travel"));
  EXPECT_THAT(refused([](auto& s) { s.role = dvpn::ServerSettings{}; }), HasSubstr("no DVPN ID"));
}

class EverySuite : public ::testing::TestWithParam<int> {};

TEST_P(EverySuite, RegistersAndCarriesData) {
  Domain d;
  d.role().policy.session_suite = GetParam();
  d.role().policy.data_suite = GetParam();
  FakeHost& client = d.Registered(2, [](auto& s) { ClientRole(s).suite = GetParam(); });
  ASSERT_TRUE(client.Proven(Domain::Private(1)));
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 1)));
  d.Run(50ms);
  ASSERT_EQ(d.server->delivered.size(), 1u);
  EXPECT_EQ(d.server->delivered[0], Ping(Domain::Private(2), Domain::Private(1), 1));
}
INSTANTIATE_TEST_SUITE_P(Suites, EverySuite, ::testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17));

}  // namespace
}  // namespace sw::testing
