// Nothing that can be seen is without words; and the words name what happened.
#include "dvpn/why.h"

#include <gmock/gmock.h>

#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Why, EveryStateHasItsSentenceAndItsRemedy) {
  for (int i = 1; i <= 15; ++i) {
    EXPECT_FALSE(dvpn::Meaning(static_cast<dvpn::MapState>(i)).empty()) << i;
    EXPECT_FALSE(dvpn::Remedy(static_cast<dvpn::MapState>(i)).empty()) << i;
  }
  for (int i = 1; i <= 5; ++i) {
    EXPECT_FALSE(dvpn::Meaning(static_cast<dvpn::SessionState>(i)).empty()) << i;
    EXPECT_FALSE(dvpn::Remedy(static_cast<dvpn::SessionState>(i)).empty()) << i;
  }
  EXPECT_TRUE(dvpn::Meaning(static_cast<dvpn::MapState>(16)).empty());
}

TEST(Why, EveryReasonForADropHasItsSentence) {
  for (std::size_t i = 0; i < dvpn::kDropReasons; ++i)
    EXPECT_FALSE(dvpn::Remedy(static_cast<dvpn::Drop>(i)).empty()) << dvpn::kDropTexts[i].phrase;
  for (std::size_t i = 0; i < ipsec::kDropReasons; ++i)
    EXPECT_FALSE(dvpn::Remedy(static_cast<ipsec::Drop>(i)).empty()) << ipsec::kDropPhrases[i];
  TwoClients p;
  p.Up();
  for (const auto& count : p.server->tunnel->drop_counters())
    EXPECT_FALSE(dvpn::RemedyOf(count.reason).empty()) << count.reason;
}

TEST(Why, AClientWithoutAnswerNamesStepMessagesTimerAndWhatToTry) {
  Domain d;
  FakeHost& host = d.Client(2);
  d.server->up = false;
  host.Start();
  d.Run(3s);
  const auto lines = dvpn::ExplainMap(d.net.scheduler.now(), host.tunnel->maps().at(0));
  EXPECT_THAT(lines, Contains(HasSubstr("state ALGREQ: step 1 of 8")));
  EXPECT_THAT(lines, Contains(HasSubstr("last sent: ALG-REQ")));
  EXPECT_THAT(lines, Contains(HasSubstr("last heard: nothing yet")));
  EXPECT_THAT(lines, Contains(HasSubstr("timer: sending again, over in ")));
  EXPECT_THAT(lines, Contains(HasSubstr("to do: check public-ip")));
  d.Run(20s);
  const auto later = dvpn::ExplainMap(d.net.scheduler.now(), host.tunnel->maps().at(0));
  EXPECT_THAT(later, Contains(HasSubstr("last failure: no answer from the server")));
  EXPECT_THAT(later, Contains(HasSubstr("timer: register-interval")));
}

TEST(Why, ADifferentPreSharedKeyIsNamedByItsCounter) {
  Domain d;
  d.role().pre_shared_key = SecretBytes("one");
  FakeHost& host = d.Client(2, [](auto& s) {
    ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
    ClientRole(s).pre_shared_key = SecretBytes("another");
  });
  host.Start();
  d.Run(3s);
  const auto lines = dvpn::ExplainDrops(d.net.scheduler.now(), host.tunnel->drop_counters());
  EXPECT_THAT(lines, Contains(HasSubstr("server authentication failed: ")));
  EXPECT_THAT(lines, Contains(HasSubstr("the pre-shared keys of class and server differ")));
}

TEST(Why, ASessionThatCannotOpenSaysHowOftenItTriedAndThatTrafficIsRelayed) {
  TwoClients p;
  p.Up();
  p.net.tap = [&](Endpoint from, Endpoint to, Bytes&) {
    return from == p.server->address || to == p.server->address;  // the clients do not reach each other
  };
  p.SendPing(*p.one, 2, 3, 1);
  p.Run(2s);
  const auto lines = dvpn::ExplainSession(p.net.scheduler.now(), *p.one->Session(Domain::Private(3)));
  EXPECT_THAT(lines, Contains(HasSubstr("state SETUPREQ: setup requests are sent")));
  EXPECT_THAT(lines, Contains(HasSubstr("requests sent: 3")));
  EXPECT_THAT(lines, Contains(HasSubstr("traffic is relayed by the server")));
  EXPECT_THAT(lines, Contains(HasSubstr("timer: setup interval")));
  EXPECT_THAT(lines, Contains(HasSubstr("NAT or a firewall")));
}

TEST(Why, NamesTheCauseThatEachEndCanKnowTheWorstFirst) {
  Domain d;
  d.role().pre_shared_key = SecretBytes("one");
  FakeHost& good = d.Registered(3, [](auto& s) {
    ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
    ClientRole(s).pre_shared_key = SecretBytes("one");
  });
  FakeHost& bad = d.Client(2, [](auto& s) {
    ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
    ClientRole(s).pre_shared_key = SecretBytes("another");
  });
  bad.Start();
  d.Run(1s);
  const auto client = dvpn::ExplainTunnel(d.net.scheduler.now(), *bad.tunnel);
  EXPECT_EQ(client.badness, dvpn::Badness::kUnregistered);
  EXPECT_THAT(client.lines[0], HasSubstr("state INIT"));
  EXPECT_THAT(client.lines, Contains(HasSubstr("last failure: server authentication failed: pre-shared keys differ?")));
  const auto server = dvpn::ExplainTunnel(d.net.scheduler.now(), *d.server->tunnel);
  EXPECT_EQ(server.badness, dvpn::Badness::kRefusing);
  EXPECT_THAT(server.lines[0], HasSubstr("refused 198.18.0.2:9876: the client refused: server authentication failed"));
  EXPECT_EQ(dvpn::ExplainTunnel(d.net.scheduler.now(), *good.tunnel).badness, dvpn::Badness::kFine);
  bad.tunnel->OnSendFailed(d.net.scheduler.now(), "unheard: nothing is being sent");
  EXPECT_TRUE(bad.tunnel->maps()[0].send_error.empty());
}

TEST(Why, AThirdClientIsToldThatAMapIsNotProvenOrThatThereIsNone) {
  Domain d;
  FakeHost& third = d.Registered(3);
  FakeHost& other = d.Client(2);
  // It registers and does not open its session.
  std::vector<Bytes> told;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (to == third.address && Load32(b.data()) == 0 && b[5] == 29) told.push_back(b);
    return from != other.address || b[5] <= 8;
  };
  const auto why = [&] { return dvpn::ExplainTunnel(d.net.scheduler.now(), *third.tunnel).lines; };
  d.SendPing(third, 3, 2, 1);
  d.Run(100ms);
  EXPECT_THAT(why(), Contains(AllOf(HasSubstr("10.0.0.2 is not reached"), HasSubstr("no client is registered"),
                                    HasSubstr(Domain::Lan(2).ToString()))));
  other.Start();
  d.Run(1s);
  for (std::uint16_t n = 0; n < 20; ++n) {
    d.SendPing(third, 3, 2, n);
    d.Run(100ms);
  }
  EXPECT_EQ(told.size(), 1u + 2u);  // at most once a second
  EXPECT_THAT(why(), Contains(AllOf(HasSubstr("10.0.0.2 is not reached"), HasSubstr("its map is not proven"))));
  const auto one = dvpn::ExplainUnreached(d.net.scheduler.now(), third.tunnel->unreached(), Domain::Private(2));
  EXPECT_THAT(one, Contains(HasSubstr("to do: see 'display dvpn why' on that client")));
  EXPECT_TRUE(dvpn::ExplainUnreached(d.net.scheduler.now(), third.tunnel->unreached(), Domain::Private(9)).empty());
  // It opens its session at last, and nothing is left of that.
  d.net.tap = {};
  d.Run(2s);
  ASSERT_TRUE(d.server->Proven(Domain::Private(2)));
  d.SendPing(third, 3, 2, 1);
  d.Run(100ms);
  EXPECT_THAT(why(), Not(Contains(HasSubstr("is not reached"))));
}

TEST(Why, ASessionThatOutlivesItsServerSaysSo) {
  TwoClients p;
  p.Direct();
  p.server->Stop();
  p.Run(20ms);
  p.server->up = false;
  p.Run(5s);
  const auto lines = dvpn::ExplainSession(p.net.scheduler.now(), *p.one->Session(Domain::Private(3)));
  EXPECT_THAT(lines, Contains(HasSubstr("the server is away for 5.0 s; the session goes on")));
  EXPECT_TRUE(p.one->log.Says("the server is away, 1 session(s) with other clients go on without it"));
}

}  // namespace
}  // namespace sw::testing
