// How two clients reach each other, as their server can tell.
#include "dvpn/why_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using ::testing::HasSubstr;

std::string Why(Domain& d, FakeHost& host, unsigned a = 2, unsigned b = 3) {
  std::string out;
  for (const std::string& line :
       dvpn::ExplainPair(d.net.scheduler.now(), *host.tunnel, Domain::Private(a), Domain::Private(b)))
    out += line + "\n";
  return out;
}

// Every half second a packet from one to the other.
void Talk(TwoClients& d, Duration time) {
  for (Duration at{}; at < time; at += 500ms) {
    d.SendPing(*d.one, 2, 3, 1);
    d.Run(500ms);
  }
}

TEST(WhyPair, OfTwoThatNeverSpokeSaysThatNothingWasRelayed) {
  TwoClients d;
  d.Up();
  EXPECT_THAT(Why(d, *d.server), HasSubstr("nothing was relayed between 10.0.0.2 and 10.0.0.3 in the last 600 s"));
  EXPECT_EQ(Why(d, *d.one), "") << "a client is no server of them";
}

TEST(WhyPair, OfTwoWithASessionOfTheirOwnSaysDirectAndWhatEachSaidLast) {
  TwoClients d;
  d.Direct();
  d.Run(8s);
  const std::string why = Why(d, *d.server);
  EXPECT_THAT(why, HasSubstr("direct, or silent: they were told of each other, and nothing was relayed since 8."));
  EXPECT_THAT(why, HasSubstr("10.0.0.2 at 198.18.0.2:9876; it said last: KEEPALIVE"));
  EXPECT_THAT(why, HasSubstr("10.0.0.3 at 198.18.0.3:9876; it said last: KEEPALIVE"));
}

TEST(WhyPair, OfTwoThatDoNotReachEachOtherSaysBeingSetUpAndThenRelayed) {
  TwoClients d;
  d.Up();
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes&) {
    return from == d.server->address || to == d.server->address;
  };
  Talk(d, 3s);
  EXPECT_THAT(Why(d, *d.server), HasSubstr("being set up: relayed since 3.0 s ago, told of each other"));
  Talk(d, 12s);
  const std::string why = Why(d, *d.server);
  EXPECT_THAT(why, HasSubstr("they do not reach each other directly"));
  EXPECT_THAT(why, HasSubstr("to do: see 'display dvpn why' with the other's address on each of them"));
}

TEST(WhyPair, NamesTheRegisterTypeThatKeepsThemApart) {
  TwoClients d;
  d.Up([](dvpn::TunnelSettings& s) {
    ClientRole(s).register_type = dvpn::RegisterType::kUndistributedAndForward;
  });
  Talk(d, 1s);
  EXPECT_THAT(Why(d, *d.server), HasSubstr("relayed: 10.0.0.2 registered as "));
  EXPECT_THAT(Why(d, *d.server), HasSubstr("it sends by the server"));
  EXPECT_THAT(Why(d, *d.server), HasSubstr("nobody is told of it"));
}

TEST(WhyPair, OfAClientThatIsNotRegisteredOrWhoseMapIsNotProvenSaysSo) {
  TwoClients d;
  d.Registered(2);
  FakeHost& two = d.Client(3);
  EXPECT_THAT(Why(d, *d.server), HasSubstr("10.0.0.3 is not registered: nothing is relayed to it"));
  d.net.tap = [&](Endpoint from, Endpoint, Bytes& b) { return !(from == two.address && b[5] > 8); };
  two.Start();
  d.Run(100ms);
  EXPECT_THAT(Why(d, *d.server), HasSubstr("10.0.0.3 at 198.18.0.3:9876, its map is not proven: nothing is relayed"));
  EXPECT_THAT(Why(d, *d.server), HasSubstr("not reached"));
}

}  // namespace
}  // namespace sw::testing
