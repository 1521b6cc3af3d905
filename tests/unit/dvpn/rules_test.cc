// The rules of behaviour of the reference, section 2, as a table of rule and test; and the tests that had no better
// place. What is named here is looked up in the sources, so that no rule loses its test unnoticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "dvpn/wire.h"
#include "hal/primitives.h"
#include "test_paths.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::AuthMethod;
using dvpn::CommunicateType;
using dvpn::MapState;
using dvpn::SessionState;
using dvpn::What;
using ::testing::HasSubstr;

struct Rule {
  std::string_view section, rule, suite, test;  // a system test: its file, and words it holds
};
constexpr Rule kRules[] = {
    {"2.1", "DVPN is switched off until it is enabled", "ConfigTest", "SaysWhatATunnelLacks"},
    {"2.1", "a client starts when interface, addresses and server are configured", "ConfigTest",
     "SaysWhatATunnelLacks"},
    {"2.1", "settings that cannot work are refused", "Registration", "UnusableSettingsAreRefusedWithAReason"},
    {"2.2", "the eight steps", "Authenticated", "TakesAllEightSteps"},
    {"2.2", "steps 5 and 6 only when clients are authenticated", "Registration",
     "AClientWithoutAuthenticationTakesStepsOneToFourSevenAndEight"},
    {"2.2", "states of the client and the server at each step", "Rule", "EachStepHasItsStateOnBothSides"},
    {"2.2", "the reserved states keep their numbers and are never entered", "Rule",
     "TheReservedStatesKeepTheirNumbers"},
    {"2.2", "any error aborts the whole registration", "AnyStepOfRegistration",
     "ThatFailsAbortsToTheInitialStateThenRetriesThenStaysDumbThenBeginsAgain"},
    {"2.2", "no common suite", "Registration", "NoCommonSuiteEndsTheAttemptAtOnceAtBothEnds"},
    {"2.2", "key exchange that was changed", "Hostile", "AChangedOfferOrChoiceOfSuiteNeverEndsInAMap"},
    {"2.2", "pre-shared keys that differ", "Registration", "DifferentPreSharedKeysEndTheAttemptAtOnceAtBothEnds"},
    {"2.2", "a rejected user", "Authenticated", "AWrongPasswordIsRefusedUnderSealAndAbortsAtOnce"},
    {"2.2", "a private address that is taken", "Registration", "AStrangerCannotTakeALivingClientsAddress"},
    {"2.2", "a message out of state", "Hostile", "ReplayingAnyEarlierMessageInAnyStateMovesOnlyACounter"},
    {"2.2", "a message that is forged", "Hostile", "AlteringAnyByteOfAnySealedMessageInAnyStateMovesOnlyACounter"},
    {"2.2", "interval, retry and dumb time", "Registration", "RetriesEveryIntervalThenGoesDumbThenBeginsAgain"},
    {"2.2", "the map age limits unfinished maps only", "Registration", "AnUnfinishedMapAgesOutAndAFinishedOneDoesNot"},
    {"2.2", "ranges and defaults are the MIB's", "Rule", "TimersHaveTheRangesAndDefaultsOfTheMib"},
    {"2.3", "the session with the server opens at once", "Registration",
     "TheSessionWithTheServerOpensRightAfterStepEight"},
    {"2.3", "its type is named from each end", "Rule", "TheSessionIsNamedFromEachEnd"},
    {"2.4", "states of a session", "Rule", "ASessionGoesThroughItsStates"},
    {"2.4", "setup is repeated at the setup interval", "Session", "SetupIsRepeatedQuicklyThenAtTheIntervalThenGivenUp"},
    {"2.4", "negotiation is sealed with the session suite", "Rule", "NegotiationIsSealedWithTheSessionSuite"},
    {"2.5", "for the server's own network: delivered there", "Rule",
     "APacketForTheServersOwnNetworkIsDeliveredAndNotRedirected"},
    {"2.5", "for another client: forwarded and redirected", "Session",
     "TheFirstPacketIsRelayedAndAnsweredWithRedirectsToBothEnds"},
    {"2.5", "then direct", "Session", "LaterPacketsGoDirect"},
    {"2.5", "relayed until the direct way is proven", "Session", "TrafficStaysWithTheServerUntilThePathIsProven"},
    {"2.5", "register types", "RegisterTypes", "DecideWhetherARedirectIsSent"},
    {"2.5", "forward sends everything by the server", "Session",
     "AForwardClientSendsByTheServerEvenWhereADirectSessionReachesIt"},
    {"2.6", "the active side asks, the passive side answers", "Rule",
     "TheActiveSideSendsKeepalivesAndThePassiveSideAnswers"},
    {"2.6", "no keepalive while packets pass", "Rule", "WhilePacketsPassBothWaysThereAreNoKeepalives"},
    {"2.6", "keepalives keep a quiet session", "Session", "KeepaliveKeepsAQuietClientServerSessionAlive"},
    {"2.7", "idle ends a client-client session", "Session", "IdleEndsAClientSessionAndKeepalivesAreNoTraffic"},
    {"2.7", "the session with the server is exempt", "Rule", "IdleDoesNotEndTheSessionWithTheServer"},
    {"2.8", "a client's map takes everything along", "Registration",
     "AResetOnTheClientReleasesEverythingAndRegistersAgain"},
    {"2.8", "a map lasts until the client leaves", "Registration", "StoppingAClientRemovesMapAndSessionsOnBothSides"},
    {"2.8", "a server refuses to remove a coupled session", "Registration",
     "ASessionCoupledWithAMapCannotBeRemovedAlone"},
    {"2.8", "a client-client session goes alone", "Session", "AResetSessionIsReleasedOnBothEndsAndNothingElse"},
    {"2.8", "a change of address, class or role leaves the domain", "Change",
     "OfClassAddressRegisterTypeOrRoleNeedsANewTunnel"},
    {"2.9", "the policy reaches the client", "Registration", "ThePolicyOfTheServerReachesTheClient"},
    {"2.9", "without a policy the defaults hold", "Rule", "AServerWithoutPolicyIssuesTheDefaults"},
    {"2.9", "a change of policy counts for later registrations", "Change",
     "OfThePolicyLeavesLiveSessionsAndReachesLaterRegistrations"},
    {"2.9", "a policy or class in use stays", "ConfigTest", "RefusesToDeleteAPolicyOrClassInUse"},
    {"2.10", "the initiator renegotiates in time", "Session", "RekeyBeginsBetweenEightyAndNinetyPercentOfTheLife"},
    {"2.10", "the old SA stays until the peer uses the new one", "Session", "RekeyChangesBothSpisAndLosesNothing"},
    {"2.10", "a failed renegotiation falls back to relaying", "Session",
     "AFailedRekeyRemovesTheSessionAndTrafficIsRelayed"},
    {"2.11", "none, PAP and CHAP", "Authenticated", "TakesAllEightSteps"},
    {"2.11", "the policy's method wins over the global one", "ConfigTest",
     "LetsThePolicysAuthenticationWinOverTheGlobalOne"},
    {"2.11", "the domain of the name, of the policy, or the default", "AaaTest",
     "TheDomainIsTheNamesThePolicysOrTheDefault"},
    {"2.11", "an answer that takes its time", "Registration", "AnAuthenticatorMayAnswerLater"},
    {"2.11", "a RADIUS server that is away", "system/radius.py", "primary down"},
    {"2.12", "any step of registration fails", "AnyStepOfRegistration",
     "ThatFailsAbortsToTheInitialStateThenRetriesThenStaysDumbThenBeginsAgain"},
    {"2.12", "no Setup answer", "Failure", "NoSetupAnswerWithinTheSetupIntervalSendsTheRequestAgain"},
    {"2.12", "session dead, client-client", "Failure", "ADeadClientClientSessionIsRemovedAndTheServerRelaysAgain"},
    {"2.12", "session dead, client-server", "Failure", "ADeadClientServerSessionDeregistersAndRegistersAgain"},
    {"2.12", "map lost on the client", "Failure", "AMapLostOnTheClientTakesAllItsSessionsAndReturnsToTheInitialState"},
    {"2.12", "packets in, out and dropped are counted", "Failure", "PacketsInAndOutAndDroppedAreCounted"},
    {"2.12", "errors of output and encryption are counted", "Failure",
     "WhatTheCryptoEngineCannotSealIsAnErrorOfOutputAndEncryption"},
    {"2.12", "up and down are told", "Failure", "MapsAndSessionsUpAndDownAreEventsThatCarryWhatTheyAreAbout"},
    {"2.12", "traps, each kind with its switch", "SnmpNotifications", "EachKindCanBeSwitchedOff"},
};

std::string Sources() {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SW_SOURCE_DIR "/tests")) {
    if (entry.path().extension() != ".cc" || entry.path().filename() == "rules_test.cc") continue;
    std::ifstream in(entry.path());
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  std::ifstream own(SW_SOURCE_DIR "/tests/unit/dvpn/rules_test.cc");
  const std::string text(std::istreambuf_iterator<char>(own), {});
  all += text.substr(text.find("std::string Sources()"));  // without the table itself
  std::erase_if(all, [](char c) { return c == ' ' || c == '\n'; });
  return all;
}

TEST(Rule, EveryRuleHasItsTest) {
  const std::string sources = Sources();
  for (const Rule& r : kRules) {
    SCOPED_TRACE(std::string(r.section) + " " + std::string(r.rule));
    if (r.suite.starts_with("system/")) {
      std::ifstream in(std::string(SW_SOURCE_DIR "/tests/") + std::string(r.suite));
      EXPECT_THAT(std::string(std::istreambuf_iterator<char>(in), {}), HasSubstr(std::string(r.test)));
      continue;
    }
    const std::string name = "(" + std::string(r.suite) + "," + std::string(r.test) + "){";
    const bool found = sources.find("TEST" + name) != std::string::npos ||
                       sources.find("TEST_F" + name) != std::string::npos ||
                       sources.find("TEST_P" + name) != std::string::npos;
    EXPECT_TRUE(found) << r.suite << "." << r.test;
  }
}

// ------------------------------------------------------------------------------------------------ 2.2 and 2.3

TEST(Rule, TimersHaveTheRangesAndDefaultsOfTheMib) {
  const auto is = [](const dvpn::Range<int>& range, int low, int high, int preset) {
    return range.low == low && range.high == high && range.preset == preset;
  };
  EXPECT_TRUE(is(dvpn::kRegisterInterval, 3, 60, 10));
  EXPECT_TRUE(is(dvpn::kRegisterRetry, 1, 6, 3));
  EXPECT_TRUE(is(dvpn::kRegisterDumb, 60, 3600, 300));
  EXPECT_TRUE(is(dvpn::kMapAge, 10, 180, 30));
  EXPECT_TRUE(is(dvpn::kSessionIdle, 60, 86400, 300));
  EXPECT_TRUE(is(dvpn::kSessionKeepalive, 5, 300, 10));
  EXPECT_TRUE(is(dvpn::kSessionSetup, 5, 60, 10));
  EXPECT_TRUE(is(dvpn::kSaDuration, 180, 604800, 3600));
  EXPECT_TRUE(is(dvpn::kHistoryAge, 1, 100, 50));
}

TEST(Rule, TheReservedStatesKeepTheirNumbers) {
  EXPECT_EQ(static_cast<int>(MapState::kClientConfigReq), 6);
  EXPECT_EQ(static_cast<int>(MapState::kServerConfigInit), 13);
  EXPECT_EQ(static_cast<int>(MapState::kClientSuccess), 8);
  EXPECT_EQ(static_cast<int>(MapState::kServerFinished), 15);
}

// The message of a step is held back; both ends stand where the table of 2.2 says.
TEST(Rule, EachStepHasItsStateOnBothSides) {
  struct Stop {
    int held;
    MapState client;
    std::optional<MapState> server;  // none: it keeps nothing yet
  };
  const Stop stops[] = {
      {1, MapState::kClientAlgReq, std::nullopt},
      {2, MapState::kClientAlgReq, std::nullopt},
      {3, MapState::kClientKexReq, std::nullopt},
      {4, MapState::kClientKexReq, MapState::kServerAuthenInit},
      {5, MapState::kClientAuthenReq, MapState::kServerAuthenInit},
      {6, MapState::kClientAuthenReq, MapState::kServerInit},
      {7, MapState::kClientReq, MapState::kServerInit},
      {8, MapState::kClientReq, MapState::kServerFinished},
      {0, MapState::kClientSuccess, MapState::kServerFinished},
  };
  for (const Stop& stop : stops) {
    Domain d;
    d.role().policy.authentication = AuthMethod::kChap;
    d.Server().authenticator.users = {{"u", "p"}};
    FakeHost& client = d.Client(2, [](auto& s) {
      ClientRole(s).user_name = "u";
      ClientRole(s).password = SecretBytes("p");
    });
    d.net.tap = [&](Endpoint, Endpoint, Bytes& b) { return b[5] != stop.held; };
    client.Start();
    d.Run(5s);
    EXPECT_EQ(client.state(), stop.client) << "step " << stop.held;
    const auto maps = d.server->tunnel->maps();
    ASSERT_EQ(maps.size(), stop.server ? 1u : 0u) << "step " << stop.held;
    if (stop.server) {
      EXPECT_EQ(maps[0].state, *stop.server) << "step " << stop.held;
    }
  }
}

TEST(Rule, TheSessionIsNamedFromEachEnd) {
  TwoClients d;
  d.Direct();
  EXPECT_EQ(d.one->Session(d.server_private())->type, CommunicateType::kClientToServer);
  EXPECT_EQ(d.server->Session(Domain::Private(2))->type, CommunicateType::kServerToClient);
  EXPECT_EQ(d.one->Session(Domain::Private(3))->type, CommunicateType::kClientToClient);
  EXPECT_EQ(d.one->tunnel->maps()[0].type, CommunicateType::kClientToServer);
  EXPECT_EQ(d.server->tunnel->maps()[0].type, CommunicateType::kServerToClient);
}

// ------------------------------------------------------------------------------------------------ 2.4 and 2.5

TEST(Rule, ASessionGoesThroughItsStates) {
  TwoClients d;
  d.role().policy.sa_duration = 180s;
  d.Up();
  std::set<SessionState> active, passive;
  const auto look = [&] {
    if (const auto s = d.one->Session(Domain::Private(3))) active.insert(s->state);
    if (const auto s = d.two->Session(Domain::Private(2))) passive.insert(s->state);
  };
  d.SendPing(*d.one, 2, 3, 1);
  for (int i = 0; i < 50; ++i, d.Run(5ms)) look();
  for (int i = 0; i < 36000; ++i, d.Run(5ms)) {
    if (i % 20000 == 0) d.SendPing(*d.one, 2, 3, 2);
    look();
  }
  EXPECT_EQ(active, (std::set{SessionState::kSetupReq, SessionState::kSetupSuccess, SessionState::kRekeyReq}));
  EXPECT_EQ(passive, (std::set{SessionState::kSetupInit, SessionState::kSetupSuccess, SessionState::kRekeyRep}));
}

TEST(Rule, NegotiationIsSealedWithTheSessionSuite) {
  for (const int suite : {1, 8, 12, 15, 17}) {
    TwoClients d;
    d.role().policy.session_suite = suite;
    d.Up();
    std::vector<Bytes> requests;
    d.net.tap = [&](Endpoint from, Endpoint, Bytes& b) {
      if (Load32(b.data()) == 0 && from == d.one->address && b[5] == 16) requests.push_back(b);
      return true;
    };
    d.SendPing(*d.one, 2, 3, 1);
    d.Run(500ms);
    ASSERT_FALSE(requests.empty());
    const hal::Suite& used = *hal::FindSuite(suite);
    SeededRandom random(1);
    dvpn::wire::SetupReq request;
    request.public_value.resize(hal::DhKey::Generate(used.group, random).public_value().size());
    EXPECT_EQ(requests[0].size(), dvpn::wire::kHeaderBytes + hal::SealedBytes(used, dvpn::wire::Encode(request).size()))
        << suite;
    EXPECT_FALSE(dvpn::wire::DecodeBody(dvpn::wire::Type::kSetupReq, ByteView(requests[0]).subspan(20))) << suite;
  }
}

TEST(Rule, APacketForTheServersOwnNetworkIsDeliveredAndNotRedirected) {
  TwoClients d;
  d.Up();
  d.one->routes.Add({Ipv4(172, 31, 0, 0), 16}, d.server_private());  // behind the server
  d.Send(*d.one, Ping(Domain::Private(2), d.server_private(), 1));
  d.Send(*d.one, Ping(Domain::Private(2), Ipv4(172, 31, 0, 9), 2));
  d.Run(100ms);
  EXPECT_EQ(d.server->delivered.size(), 2u);
  EXPECT_EQ(d.server->tunnel->counters().redirects, 0u);
  EXPECT_EQ(d.server->tunnel->counters().relayed, 0u);
}

// ------------------------------------------------------------------------------------------------ 2.6 and 2.7

struct Keepalives {
  std::map<std::pair<Endpoint, int>, int> sent;  // by whom and of which type
  void Watch(Domain& d) {
    d.net.tap = [this](Endpoint from, Endpoint, Bytes& b) {
      if (Load32(b.data()) == 0 && (b[5] == 18 || b[5] == 19)) ++sent[{from, b[5]}];
      return true;
    };
  }
};

TEST(Rule, TheActiveSideSendsKeepalivesAndThePassiveSideAnswers) {
  Domain d;
  d.role().policy.keepalive = 20s;
  FakeHost& client = d.Registered(2);
  d.Run(1s);
  Keepalives seen;
  seen.Watch(d);
  d.Run(201s);
  EXPECT_EQ((seen.sent[{client.address, 18}]), 10);
  EXPECT_EQ((seen.sent[{d.server->address, 19}]), 10);
  EXPECT_EQ((seen.sent[{d.server->address, 18}]), 0);
}

TEST(Rule, WhilePacketsPassBothWaysThereAreNoKeepalives) {
  Domain d;
  FakeHost& client = d.Registered(2);
  d.Run(1s);
  Keepalives seen;
  seen.Watch(d);
  for (std::uint16_t n = 0; n < 100; ++n, d.Run(5s)) {
    client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), n)));
    d.server->Send(d.net.pool.Copy(Ping(Domain::Private(1), Domain::Private(2), n)));
  }
  EXPECT_TRUE(seen.sent.empty());
}

TEST(Rule, IdleDoesNotEndTheSessionWithTheServer) {
  Domain d;
  d.role().policy.idle = 60s;
  FakeHost& client = d.Registered(2);
  d.Run(10000s);
  EXPECT_TRUE(client.Proven(Domain::Private(1)));
  EXPECT_EQ(client.log.Count(What::kSessionBuilt), 1u);
}

// ------------------------------------------------------------------------------------------------ 2.9

TEST(Rule, AServerWithoutPolicyIssuesTheDefaults) {
  const dvpn::Policy preset;
  EXPECT_EQ(preset.authentication, AuthMethod::kNone);
  EXPECT_EQ(preset.session_suite, 1);
  EXPECT_EQ(preset.data_suite, 1);
  EXPECT_EQ(preset.idle, 300s);
  EXPECT_EQ(preset.keepalive, 10s);
  EXPECT_EQ(preset.setup_interval, 10s);
  EXPECT_EQ(preset.sa_duration, 3600s);
  TwoClients d;
  d.Direct();
  EXPECT_EQ(d.one->tunnel->ipsec_sas(d.net.scheduler.now()).at(0).suite, 1);
  d.Run(299s);  // the default idle time holds for a session that nobody configured
  EXPECT_TRUE(d.one->Proven(Domain::Private(3)));
  d.Run(10s);
  EXPECT_FALSE(d.one->Session(Domain::Private(3)));
}

}  // namespace
}  // namespace sw::testing
