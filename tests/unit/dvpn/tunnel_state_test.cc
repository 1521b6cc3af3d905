// A server and clients whose processes are replaced while they talk: nobody notices.
#include <fmt/format.h>

#include <set>

#include "dvpn/wire.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

// All that a display shows of a tunnel, but numbers that jump.
std::string Shown(FakeHost& host) {
  std::string out;
  for (const dvpn::MapInfo& m : host.tunnel->maps())
    out += fmt::format("map {} {} {} {} {} {} {} {} {} {}\n", m.control_id, m.dvpn_id, m.peer_private.ToString(),
                       m.local_private.ToString(), m.peer_public.ToString(), m.peer_device_id, m.user_name,
                       Name(m.state), m.built.since.count(), m.suite);
  for (const dvpn::SessionInfo& s : host.tunnel->sessions())
    out +=
        fmt::format("session {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", s.dvpn_id,
                    s.peer_private.ToString(), s.local_private.ToString(), s.peer_public.ToString(), s.peer_device_id,
                    s.user_name, s.initiator, s.proven, Name(s.state), Name(s.type), s.built.since.count(),
                    s.sent_packets, s.sent_bytes, s.received_packets, s.received_bytes, s.path_mtu, s.data_suite);
  for (const dvpn::IpsecSaInfo& sa : host.tunnel->ipsec_sas(host.net.scheduler.now()))
    out += fmt::format("sa {} {:x} {:x} {} {} {} {}\n", sa.peer_private.ToString(), sa.inbound_spi, sa.outbound_spi,
                       sa.suite, sa.left.count(), sa.inbound_packets, sa.outbound_packets);
  const dvpn::Counters c = host.tunnel->counters();
  return out + fmt::format("{} {} {} {} {} {} {}\n", c.input, c.dropped, c.output, c.output_errors, c.encryption_errors,
                           c.redirects, c.relayed);
}

// Every ESP packet and every control message on the wire: neither number comes twice under one key.
struct NoNumberTwice {
  explicit NoNumberTwice(FakeNetwork& net) {
    net.tap = [this](Endpoint from, Endpoint, Bytes& bytes) {
      const bool esp = Load32(bytes.data()) != 0;
      const bool fresh = !esp || seen.emplace(from, Load32(bytes.data()), Load32(bytes.data() + 4)).second;
      EXPECT_TRUE(fresh);
      return true;
    };
  }
  std::set<std::tuple<Endpoint, std::uint64_t, std::uint32_t>> seen;
};

void Talk(TwoClients& p, int pings) {
  const std::size_t before_one = p.one->delivered.size(), before_two = p.two->delivered.size();
  for (int i = 0; i < pings; ++i) {
    p.SendPing(*p.one, 2, 3, static_cast<std::uint16_t>(i));
    p.SendPing(*p.two, 3, 2, static_cast<std::uint16_t>(i));
    p.Run(5ms);
  }
  p.Run(100ms);
  EXPECT_EQ(p.one->delivered.size(), before_one + static_cast<std::size_t>(pings));
  EXPECT_EQ(p.two->delivered.size(), before_two + static_cast<std::size_t>(pings));
}

TEST(TunnelState, WhatIsShownIsTheSameBeforeAndAfter) {
  TwoClients p;
  p.Direct();
  Talk(p, 20);
  for (FakeHost* host : {p.server, p.one, p.two}) {
    const std::string before = Shown(*host);
    EXPECT_NE(before.find("session"), std::string::npos);
    ASSERT_TRUE(host->Replace());
    EXPECT_EQ(Shown(*host), before);
  }
}

TEST(TunnelState, NothingIsLostHoweverOftenAnybodyIsReplaced) {
  for (const std::size_t workers : {0, 1}) {
    TwoClients p;
    p.net.workers = workers;
    p.Direct();
    const NoNumberTwice watch(p.net);
    for (int i = 0; i < 10; ++i) {
      Talk(p, 5);
      for (FakeHost* host : {p.server, p.one, p.two}) {
        ASSERT_TRUE(host->Replace());
        Talk(p, 3);
      }
    }
    EXPECT_EQ(p.server->log.Count(dvpn::What::kSessionRemoved), 0U);
    EXPECT_EQ(p.one->log.Count(dvpn::What::kMapRemoved), 0U);
    EXPECT_EQ(p.two->Session(p.Private(2))->type, dvpn::CommunicateType::kClientToClient);
  }
}

// Days of keepalives, rekeying and idleness: nothing of the timers has stopped.
TEST(TunnelState, TimersGoOn) {
  TwoClients p;
  p.Direct();
  for (int i = 0; i < 40; ++i) {
    FakeHost* const host = std::array{p.server, p.one, p.two}[static_cast<std::size_t>(i) % 3];
    ASSERT_TRUE(host->Replace());
    p.Run(std::chrono::minutes(7));
    EXPECT_TRUE(p.one->Proven(p.server_private()));
    EXPECT_TRUE(p.two->Proven(p.server_private()));
  }
  EXPECT_EQ(p.one->log.Count(dvpn::What::kMapRemoved), 0U);
  p.server->up = false;
  p.Run(std::chrono::minutes(5));
  EXPECT_FALSE(p.one->Proven(p.server_private()));  // and silence is noticed as ever
}

// Whatever moment it is: of a registration, a setup, a rekeying.
TEST(TunnelState, AnyMomentOfSetupAndRekeyingWillDo) {
  for (int step = 0; step < 40; ++step) {
    TwoClients p(static_cast<std::uint64_t>(step) + 1);
    p.Up();
    p.SendPing(*p.one, 2, 3, 1);
    p.Run(std::chrono::milliseconds(5) * step);
    for (FakeHost* host : {p.server, p.one, p.two}) ASSERT_TRUE(host->Replace()) << step;
    p.Run(2s);
    p.SendPing(*p.one, 2, 3, 2);
    p.Run(2s);
    EXPECT_TRUE(p.one->Proven(p.Private(3))) << step;
    EXPECT_TRUE(p.one->Proven(p.server_private())) << step;
  }
}

TEST(TunnelState, AClientThatIsNotRegisteredBeginsAnew) {
  Domain d;
  FakeHost& client = d.Client(2);
  client.Start();
  d.Run(15ms);
  ASSERT_FALSE(client.Proven(d.server_settings.address.address));
  ASSERT_TRUE(client.Replace());
  d.Run(5s);
  EXPECT_TRUE(client.Proven(d.server_settings.address.address));
}

// Nothing that was changed on its way makes more than a refusal; what is not refused goes on without harm.
TEST(TunnelState, SpoiltBytesAreRefusedOrHarmless) {
  SeededRandom random(5);
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    TwoClients p;
    p.Direct();
    FakeHost& host = *std::array{p.server, p.one, p.two}[static_cast<std::size_t>(i) % 3];
    const SecretBytes saved = host.tunnel->Save(p.net.scheduler.now());
    Bytes bytes(saved.view().begin(), saved.view().end());
    if (i % 4 == 0) bytes.resize(random.U32() % bytes.size());
    if (i % 4 != 0) bytes[random.U32() % bytes.size()] ^= static_cast<std::uint8_t>(1 + random.U32() % 255);
    refused += !host.Replace(bytes);
    p.Run(1s);
  }
  EXPECT_GT(refused, 15);
}

}  // namespace
}  // namespace sw::testing
