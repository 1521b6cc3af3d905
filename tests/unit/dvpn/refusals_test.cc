// Every error ends a registration at once, at both ends, with its reason: what is forced at each of the eight steps,
// and what comes by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dvpn/constants.h"
#include "dvpn/control_channel.h"
#include "dvpn/refusal_log.h"
#include "dvpn/wire.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::Fault;
using dvpn::MapState;
using dvpn::What;
using ::testing::HasSubstr;
namespace wire = dvpn::wire;

// A client that is asked for everything, so that all eight steps exist.
struct EightSteps : Domain {
  EightSteps() {
    role().policy.authentication = dvpn::AuthMethod::kChap;
    role().pre_shared_key = SecretBytes("common");
    Server().authenticator.users = {{"u", "p"}};
    client = &Client(2, [](dvpn::TunnelSettings& s) {
      ClientRole(s).user_name = "u";
      ClientRole(s).password = SecretBytes("p");
      ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
      ClientRole(s).pre_shared_key = SecretBytes("common");
      ClientRole(s).register_interval = 5s;
    });
  }
  FakeHost* client;
};

struct Forced {
  int step;
  Fault::Kind kind;
  std::string_view at_client, at_server;  // parts of the reasons; empty: it never hears of it
};
std::ostream& operator<<(std::ostream& out, const Forced& f) {
  return out << "step " << f.step << " kind " << static_cast<int>(f.kind);
}

constexpr Forced kForced[] = {
    {1, Fault::Kind::kRefuse, "refused: fault injected", "fault injected at step 1"},
    {2, Fault::Kind::kRefuse, "fault injected at step 2", "the client refused: fault injected"},
    {3, Fault::Kind::kRefuse, "refused: fault injected", "fault injected at step 3"},
    {4, Fault::Kind::kRefuse, "fault injected at step 4", "the client refused: fault injected"},
    {5, Fault::Kind::kRefuse, "refused: fault injected", "fault injected at step 5"},
    {6, Fault::Kind::kRefuse, "fault injected at step 6", "the client refused: fault injected"},
    {7, Fault::Kind::kRefuse, "refused: fault injected", "fault injected at step 7"},
    {8, Fault::Kind::kRefuse, "fault injected at step 8", "the client refused: fault injected"},
    {1, Fault::Kind::kCorrupt, "the message does not parse", "algorithm request does not parse"},
    {2, Fault::Kind::kCorrupt, "the cookie is wrong or expired", "cookie is wrong or expired"},
    {3, Fault::Kind::kCorrupt, "server authentication failed", "the client refused: server authentication failed"},
    {4, Fault::Kind::kCorrupt, "server authentication failed", "the client refused: server authentication failed"},
    {5, Fault::Kind::kCorrupt, "the message does not verify", "AUTH-REQ does not verify"},
    {6, Fault::Kind::kCorrupt, "does not verify", "the client refused: the message does not verify"},
    {7, Fault::Kind::kCorrupt, "the message does not verify", "REG-REQ does not verify"},
    {8, Fault::Kind::kCorrupt, "does not verify", "the client refused: the message does not verify"},
    {1, Fault::Kind::kDrop, "no answer from the server", ""},
    {2, Fault::Kind::kDrop, "no answer from the server", ""},
    {3, Fault::Kind::kDrop, "no answer from the server in state KEXREQ", "the client refused: the client gave up"},
    {4, Fault::Kind::kDrop, "no answer from the server in state KEXREQ", "the client refused: the client gave up"},
    {5, Fault::Kind::kDrop, "no answer from the server in state AUTHENREQ", "the client refused: the client gave up"},
    {6, Fault::Kind::kDrop, "no answer from the server in state AUTHENREQ", "the client refused: the client gave up"},
    {7, Fault::Kind::kDrop, "no answer from the server in state REQ", "the client refused: the client gave up"},
    {8, Fault::Kind::kDrop, "no such registration", "goes on with a registration that is not known here"},
};

class ForcedError : public ::testing::TestWithParam<Forced> {};

TEST_P(ForcedError, EndsInTheInitialStateWithTheReasonAtBothEndsAndNothingLeft) {
  const Forced& f = GetParam();
  EightSteps d;
  // Where the message arrives: odd steps at the server.
  (f.step % 2 == 1 ? d.server : d.client)->tunnel->InjectFault(Fault{f.step, f.kind});
  const Time begun = d.net.scheduler.now();
  d.client->Start();
  const Duration limit = f.kind == Fault::Kind::kDrop ? 21s : 5s;
  ASSERT_TRUE(d.net.scheduler.RunUntilTrue([&] { return d.client->log.Count(What::kRefused) == 1; }, limit));
  if (f.kind != Fault::Kind::kDrop) {
    // At most eight messages of 10 ms each are on their way, and then 100 ms.
    EXPECT_LT(d.net.scheduler.now() - begun, 10ms * 9 + 100ms);
  }
  EXPECT_EQ(d.client->state(), MapState::kClientInit);
  EXPECT_TRUE(d.client->tunnel->sessions().empty());
  EXPECT_THAT(d.client->tunnel->maps()[0].last_error, HasSubstr(std::string(f.at_client)));
  EXPECT_EQ(d.client->log.Count(What::kMapBuilt), 0u);
  d.Run(1s);
  EXPECT_TRUE(d.server->tunnel->maps().empty());
  EXPECT_TRUE(d.server->tunnel->sessions().empty());
  if (!f.at_server.empty()) {
    EXPECT_TRUE(d.server->log.Says(f.at_server));
    EXPECT_TRUE(std::ranges::any_of(d.server->tunnel->refusals(), [&](const dvpn::RefusalInfo& r) {
      return r.client == d.client->address && r.reason.find(f.at_server) != std::string::npos;
    }));
  }
  // Then the timers rule, and without the fault the next attempt succeeds.
  (f.step % 2 == 1 ? d.server : d.client)->tunnel->InjectFault(std::nullopt);
  EXPECT_EQ(d.client->state(), MapState::kClientInit);
  d.Run(5s);
  EXPECT_EQ(d.client->state(), MapState::kClientSuccess);
  EXPECT_TRUE(d.server->Proven(Domain::Private(2)));
}
INSTANTIATE_TEST_SUITE_P(EightSteps, ForcedError, ::testing::ValuesIn(kForced));

TEST(Refusal, OfAStepThatCarriesAnotherNonceIsNotHeard) {
  EightSteps d;
  std::uint64_t id = 0;
  d.net.tap = [&](Endpoint from, Endpoint, Bytes& b) {
    if (from == d.client->address && b[5] == 1) id = Load64(&b[8]);
    return from == d.client->address;
  };
  d.client->Start();
  d.Run(50ms);
  ASSERT_NE(id, 0u);
  wire::Refuse guess{{}, wire::Answer::kBusy};
  d.net.Inject(d.server->address, d.client->address, wire::EncodeFrame(wire::Type::kRefuse, id, 0, Encode(guess)));
  d.Run(100ms);
  EXPECT_EQ(d.client->state(), MapState::kClientAlgReq);
  EXPECT_EQ(d.client->Dropped("control: answer to another request"), 1u);
}

TEST(Refusal, IsLoggedOncePerClientAndReasonHoweverOftenItComes) {
  Domain d;
  d.role().accepted_suites = {12};
  FakeHost& client = d.Client(2, [](auto& s) {
    ClientRole(s).register_interval = 3s;
    ClientRole(s).register_retry = 6;
  });
  client.Start();
  d.Run(19s);
  EXPECT_EQ(d.server->log.Count(What::kRefused), 1u);
  ASSERT_EQ(d.server->tunnel->refusals().size(), 1u);
  EXPECT_EQ(d.server->tunnel->refusals()[0].times, 7u);
  EXPECT_EQ(client.log.Count(What::kRefused), 7u);
}

TEST(Refusal, ListIsBoundedAndSaysAgainWhatGoesOn) {
  dvpn::RefusalLog log;
  const Endpoint a{Ipv4(1, 1, 1, 1), 1}, again{Ipv4(1, 1, 1, 1), 2};
  EXPECT_TRUE(log.Note(Time{}, a, "x"));
  EXPECT_FALSE(log.Note(Time{1s}, again, "x"));  // the port of a client behind a NAT changes
  EXPECT_TRUE(log.Note(Time{1s}, a, "y"));
  EXPECT_TRUE(log.Note(Time{dvpn::kRefusalQuiet + 1s}, a, "x"));
  for (std::uint32_t n = 0; n < 1000; ++n) (void)log.Note(Time{2s}, {Ipv4(0x0a000000U + n), 1}, "x");
  EXPECT_EQ(log.list().size(), dvpn::kMaxRefusals);
  EXPECT_TRUE(log.Note(Time{dvpn::kRefusalQuiet + 3s}, {Ipv4(9, 9, 9, 9), 1}, "x"));
  EXPECT_EQ(log.list().size(), dvpn::kMaxRefusals);
}

// Whoever makes up source addresses fills his own list.
TEST(Refusal, OfAClientThatIsThereIsSeenUnderAFloodOfSpoofedOnes) {
  Domain d;
  d.role().policy.authentication = dvpn::AuthMethod::kChap;
  d.Server().authenticator.users = {{"u", "right"}};
  wire::AlgReq offer;
  offer.suites.count = 1;
  offer.suites.numbers[0] = 200;  // nobody has it
  for (std::uint32_t n = 0; n < 2000; ++n)
    d.net.Inject({Ipv4(0x0a000000U + n), 1}, d.server->address,
                 wire::EncodeFrame(wire::Type::kAlgReq, n, 0, Encode(offer)));
  d.Run(1ms);
  EXPECT_EQ(d.server->tunnel->refusals().size(), dvpn::kMaxStrangers);
  EXPECT_EQ(d.server->log.Count(What::kRefused), dvpn::kMaxStrangers);
  FakeHost& client = d.Client(2, [](auto& s) {
    ClientRole(s).user_name = "u";
    ClientRole(s).password = SecretBytes("wrong");
  });
  client.Start();
  d.Run(1s);
  EXPECT_TRUE(d.server->log.Says("authentication of user u failed: wrong password"));
  EXPECT_EQ(d.server->tunnel->refusals()[0].client, client.address);
}

// Nor does a flood of exchanges that do not go on hide what is refused to those who have the keys.
TEST(Refusal, OfThoseOfWhomMoreIsKnownHasAListOfItsOwn) {
  dvpn::RefusalLog log;
  for (std::uint32_t n = 0; n < 1000; ++n) {
    (void)log.Note(Time{1s}, {Ipv4(0x0a000000U + n), 1}, "x", dvpn::Sender::kStranger);
    (void)log.Note(Time{1s}, {Ipv4(0x0a000000U + n), 1}, "y", dvpn::Sender::kProven);
  }
  EXPECT_TRUE(log.Note(Time{2s}, {Ipv4(9, 9, 9, 9), 1}, "z", dvpn::Sender::kKeyed));
  EXPECT_EQ(log.list().size(), dvpn::kMaxStrangers + dvpn::kMaxRefusals + 1);
  EXPECT_EQ(log.list()[0].reason, "z");
}

TEST(Refusal, OfStepEightByTheClientIsSaidSealedAndNobodyIsRelayedThere) {
  Domain d;
  FakeHost& other = d.Registered(3);
  FakeHost& client = d.Client(2, [](auto& s) { ClientRole(s).server_private = Ipv4(10, 0, 9, 9); });
  client.Start();
  d.Run(100ms);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_THAT(client.tunnel->maps()[0].last_error, HasSubstr("configured is 10.0.9.9"));
  EXPECT_EQ(d.server->tunnel->maps().size(), 1u);
  EXPECT_TRUE(d.server->log.Says("the client refused: the private address of the server is not the one expected"));
  EXPECT_EQ(d.server->log.Count(What::kMapBuilt), 1u);  // the other one's
  d.SendPing(other, 3, 2, 1);
  d.Run(100ms);
  EXPECT_EQ(d.server->tunnel->counters().relayed, 0u);
}

TEST(Refusal, AMapThatIsNeverProvenGoesAfterTheSetupTime) {
  Domain d;
  FakeHost& client = d.Client(2);
  d.net.tap = [&](Endpoint from, Endpoint, Bytes& b) { return !(from == client.address && b[5] > 8); };
  client.Start();
  d.Run(100ms);
  client.up = false;
  ASSERT_EQ(d.server->tunnel->maps().size(), 1u);
  d.Run(13s);
  EXPECT_EQ(d.server->tunnel->maps().size(), 1u);
  d.Run(1s);
  EXPECT_TRUE(d.server->tunnel->maps().empty());
  EXPECT_TRUE(d.server->tunnel->sessions().empty());
  EXPECT_EQ(d.server->log.Count(What::kMapBuilt), 0u);
  EXPECT_EQ(d.server->Dropped("control: map whose session was not opened in time"), 1u);
}

TEST(Refusal, AServerThatForgotTheRegistrationSaysSoAndTheClientBeginsAnew) {
  EightSteps d;
  d.net.tap = [&](Endpoint from, Endpoint, Bytes& b) { return !(from == d.client->address && b[5] == 5); };
  d.client->Start();
  d.Run(100ms);
  ASSERT_EQ(d.client->state(), MapState::kClientAuthenReq);
  d.server->Stop();  // and what it knew is gone
  d.net.tap = {};
  d.Run(500ms);
  EXPECT_EQ(d.client->state(), MapState::kClientInit);
  EXPECT_THAT(d.client->tunnel->maps()[0].last_error, HasSubstr("no such registration"));
  d.Run(6s);
  EXPECT_EQ(d.client->state(), MapState::kClientSuccess);
}

TEST(Refusal, AnInjectedAnswerThatDoesNotVerifyLosesAgainstTheGenuineOne) {
  EightSteps d;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from == d.server->address && (b[5] == 4 || b[5] == 6 || b[5] == 8)) {
      Bytes other = b;
      other.back() ^= 1;
      d.net.Inject(from, to, other);  // arrives first
    }
    return true;
  };
  d.client->Start();
  d.Run(1s);
  EXPECT_EQ(d.client->state(), MapState::kClientSuccess);
}

// A holder of the pre-shared key of the domain poses as the server, and hands the challenge of the real one to a
// client.
TEST(Refusal, AChallengeOfAnotherExchangeIsNotAnswered) {
  EightSteps d;
  d.server->up = false;
  SeededRandom random(9);
  Bytes alg_req, alg_rsp;
  bool answered = false;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from != d.client->address || b[4] != wire::kVersion) return false;
    const ByteView body = ByteView(b).subspan(wire::kHeaderBytes);
    const std::uint64_t id = Load64(&b[8]);
    if (b[5] == 1) {
      alg_req.assign(body.begin(), body.end());
      wire::AlgRsp m;
      std::copy_n(body.begin(), m.nonce.size(), m.nonce.begin());
      m.suite = 1;
      alg_rsp = Encode(m);
      d.net.Inject(to, from, wire::EncodeFrame(wire::Type::kAlgRsp, id, 0, alg_rsp));
    } else if (b[5] == 3) {
      const auto request = std::get<wire::KexReq>(*wire::DecodeBody(wire::Type::kKexReq, body));
      const hal::Suite& suite = *hal::FindSuite(1);
      const hal::DhKey dh = hal::DhKey::Generate(suite.group, random);
      wire::KexRsp m;
      random.Fill(m.nonce);
      m.public_value.assign(dh.public_value().begin(), dh.public_value().end());
      const Bytes clear = Encode(m);
      const ByteView parts[] = {alg_req, alg_rsp, body, clear};
      const auto transcript = dvpn::Transcript(parts);
      auto secrets = dvpn::DeriveMap(suite, *dh.Agree(request.public_value), AsBytes("common"), request.nonce, m.nonce,
                                     transcript);
      wire::KexProof proof;
      proof.mac = dvpn::ServerProof(secrets.server_proof, transcript);
      proof.method = dvpn::AuthMethod::kChap;
      proof.challenge = Bytes(16, 0x42);  // of the real server
      dvpn::ControlChannel channel(suite, std::move(secrets.channel), false);
      d.net.Inject(to, from, channel.SealUnder(id, wire::Type::kKexRsp, clear, Encode(proof), random));
    } else {
      answered |= b[5] == 5;
    }
    return false;
  };
  d.client->Start();
  d.Run(100ms);
  EXPECT_TRUE(d.client->log.Says("server authentication response: verified"));
  EXPECT_FALSE(answered);
  EXPECT_EQ(d.client->state(), MapState::kClientInit);
  EXPECT_THAT(d.client->tunnel->maps()[0].last_error, HasSubstr("challenge is not that of this exchange"));
}

TEST(Refusal, APeerOfTheVersionBeforeIsToldAndLogged) {
  Domain d;
  d.Server();
  wire::AlgReq offer;
  offer.nonce.fill(7);
  offer.suites.count = 1;
  offer.suites.numbers[0] = 1;
  Bytes answer;
  const Endpoint old{Ipv4(203, 0, 113, 5), 9876};
  d.net.tap = [&](Endpoint, Endpoint to, Bytes& b) {
    if (to == old) answer = b;
    return true;
  };
  for (int n = 0; n < 3; ++n)
    d.net.Inject(old, d.server->address, wire::EncodeFrame(wire::Type::kAlgReq, 5, 0, Encode(offer), 1));
  d.Run(1ms);
  ASSERT_EQ(answer.size(), wire::kHeaderBytes + 33);
  EXPECT_EQ(answer[4], 1);  // in its own version
  EXPECT_EQ(answer[5], 9);
  EXPECT_EQ(answer[20], 7);  // with its own nonce
  EXPECT_EQ(d.server->log.Count(What::kRefused), 1u);
  EXPECT_TRUE(d.server->log.Says("it speaks version 1 of the protocol, this device speaks version 2"));
}

TEST(Refusal, AClientLearnsThatItsServerSpeaksTheVersionBefore) {
  Domain d;
  FakeHost& client = d.Client(2);
  d.server->up = false;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {  // an old server: takes only what it knows
    if (from == client.address && b[4] == 1 && b[5] == 1) {
      wire::Refuse no{{}, wire::Answer::kNoCommonSuite};
      std::copy_n(b.begin() + 20, 32, no.nonce.begin());
      d.net.Inject(to, from, wire::EncodeFrame(wire::Type::kRefuse, Load64(&b[8]), 0, Encode(no), 1), 10ms);
    }
    return false;
  };
  client.Start();
  d.Run(5s);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_EQ(client.tunnel->maps()[0].last_error,
            "the server speaks version 1 of the protocol, this device speaks version 2");
}

TEST(Refusal, WhatTheSystemCannotSendIsNamedInItsWords) {
  Domain d;
  FakeHost& client = d.Client(2);
  d.server->up = false;
  client.Start();
  client.tunnel->OnSendFailed(d.net.scheduler.now(), "Network is unreachable");
  EXPECT_EQ(client.tunnel->maps()[0].send_error, "Network is unreachable");
  d.Run(21s);
  EXPECT_EQ(client.tunnel->maps()[0].last_error, "nothing can be sent to the server: Network is unreachable");
}

}  // namespace
}  // namespace sw::testing
