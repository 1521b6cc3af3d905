// A whole domain in virtual time: 200 clients on links that lose, reorder and duplicate.
#include <gtest/gtest.h>

#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {
namespace {

constexpr unsigned kFirst = 2, kClients = 200;

struct Outcome {
  std::string log;  // every event of every host, in order
  unsigned registered = 0, pairs = 0, direct = 0;
  std::uint64_t sent = 0, delivered = 0, corrupted = 0;
};

Outcome Simulate(std::uint64_t seed) {
  Outcome out;
  Domain d(seed);
  d.net.loss = 100;
  d.net.reorder = 100;
  d.net.duplicate = 50;
  d.role().policy.authentication = dvpn::AuthMethod::kChap;
  d.role().pre_shared_key = SecretBytes("common");
  d.Server().log.keep = false;
  d.server->log.text = &out.log;
  std::vector<FakeHost*> clients;
  for (unsigned n = kFirst; n < kFirst + kClients; ++n) {
    const std::string user = "user" + std::to_string(n);
    d.server->authenticator.users[user] = "password" + std::to_string(n);
    FakeHost& host = d.Client(n, [&](dvpn::TunnelSettings& s) {
      ClientRole(s).user_name = user;
      ClientRole(s).password = SecretBytes("password" + std::to_string(n));
      ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
      ClientRole(s).pre_shared_key = SecretBytes("common");
    });
    host.log.keep = false;
    host.log.text = &out.log;
    host.on_delivered = [&out, n](ByteView packet) {
      ++out.delivered;
      const Ipv4 from(Load32(packet.data() + 12));
      Bytes expected = Ping(from, Domain::Lan(n), Load16(packet.data() + 26), false, packet[8]);
      if (!std::ranges::equal(expected, packet)) ++out.corrupted;
    };
    clients.push_back(&host);
    host.Start();
    d.Run(20ms);
  }
  d.net.scheduler.RunUntilTrue(
      [&] { return std::ranges::all_of(clients, [&](FakeHost* c) { return c->Proven(Domain::Private(1)); }); }, 120s);
  for (FakeHost* c : clients) out.registered += c->Proven(Domain::Private(1));

  SeededRandom dice(seed);
  std::set<std::pair<unsigned, unsigned>> pairs;
  while (pairs.size() < 150) {
    const unsigned a = dice.U32() % kClients, b = dice.U32() % kClients;
    if (a != b) pairs.insert(std::minmax(a, b));
  }
  out.pairs = static_cast<unsigned>(pairs.size());
  for (std::uint16_t round = 0; round < 60; ++round) {
    for (const auto& [a, b] : pairs) {
      d.SendPing(*clients[a], a + kFirst, b + kFirst, round);
      d.SendPing(*clients[b], b + kFirst, a + kFirst, round);
      out.sent += 2;
    }
    d.Run(500ms);
  }
  for (const auto& [a, b] : pairs)
    out.direct += clients[a]->Proven(Domain::Private(b + kFirst)) && clients[b]->Proven(Domain::Private(a + kFirst));
  return out;
}

TEST(Simulation, TwoHundredClientsRegisterAndEveryPairThatTalksGetsItsSession) {
  const Outcome run = Simulate(1);
  EXPECT_EQ(run.registered, kClients);
  EXPECT_EQ(run.direct, run.pairs);
  EXPECT_EQ(run.corrupted, 0u);
  // One hop loses a tenth, two hops less than a fifth; nothing else may be missing.
  EXPECT_GT(run.delivered, run.sent * 80 / 100);
  EXPECT_LE(run.delivered, run.sent);  // duplicates on the way are not delivered twice
}

TEST(Simulation, TheSameSeedGivesTheSameEventLogAndAnotherSeedAnother) {
  const Outcome first = Simulate(7), again = Simulate(7), other = Simulate(8);
  EXPECT_TRUE(first.log == again.log);
  EXPECT_EQ(first.delivered, again.delivered);
  EXPECT_FALSE(first.log == other.log);
  EXPECT_GT(first.log.size(), 100000u);
}

}  // namespace
}  // namespace sw::testing
