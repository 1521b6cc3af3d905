// What an engine tells its data-path workers, and what it makes of what they did. The workers here have no ports: their
// bursts go from one host's decisions to the other's.
#include "dvpn/fast_path.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "ipsec/burst.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using ipsec::Drop;

// Carries packets from one host to another as their workers would.
class Carrier {
 public:
  Carrier(FakeHost& from, FakeHost& to) : from_(from), to_(to) {}

  // How many of `count` arrived; 0 where a decision is missing.
  std::size_t Carry(Ipv4 destination, std::size_t count, Time now) {
    from_.fast->epochs().Enter(0);
    to_.fast->epochs().Enter(0);
    const std::size_t arrived = Between(destination, count, now);
    from_.fast->epochs().Leave(0);
    to_.fast->epochs().Leave(0);
    return arrived;
  }

 private:
  std::size_t Between(Ipv4 destination, std::size_t count, Time now) {
    const dvpn::FastPeer* peer = from_.fast->FindPeer(destination);
    ipsec::SharedSa* out = peer == nullptr ? nullptr : peer->outbound();
    if (out == nullptr || from_.fast->stopped()) return 0;
    const std::size_t whole = out->shape.Around(100);
    bytes_.assign(whole * count, 7);
    seals_.clear();
    for (std::size_t i = 0; i < count; ++i)
      seals_.push_back({.sa = out,
                        .esp = ByteSpan(bytes_).subspan(i * whole, whole),
                        .inner = 100,
                        .next_header = ipsec::kNextHeaderIpv4});
    burst_.Run(std::span(seals_), now);
    const dvpn::FastInbound* in = to_.fast->FindInbound(out->spi);
    if (in == nullptr || in->peer == nullptr) return 0;
    opens_.clear();
    for (const auto& s : seals_)
      if (s.drop == Drop::kNone) opens_.push_back({.sa = in->sa.get(), .esp = s.esp, .inner = {}});
    burst_.Run(std::span(opens_), now);
    std::size_t arrived = 0;
    for (const auto& o : opens_) arrived += o.drop == Drop::kNone && o.inner.size() == 100 && o.inner[0] == 7 ? 1 : 0;
    return arrived;
  }

  FakeHost &from_, &to_;
  std::unique_ptr<hal::BurstEngine> engine_ = *hal::BurstEngine::Create(from_.fast->plan());
  SeededRandom random_{3};
  ipsec::Burst burst_{*engine_, random_, 0};
  Bytes bytes_;
  std::vector<ipsec::Burst::Seal> seals_;
  std::vector<ipsec::Burst::Open> opens_;
};

struct FastDomain : TwoClients {
  FastDomain() { net.workers = 1; }
};

TEST(FastPath, WorkersLearnAWayFromThePacketThatTheEngineSentByIt) {
  FastDomain d;
  d.Direct();
  EXPECT_EQ(d.one->fast->FindPeer(Domain::Lan(3)), nullptr);  // that packet was relayed, and the way has changed since
  d.SendPing(*d.one, 2, 3, 2);
  d.Run(100ms);
  const dvpn::FastPeer* peer = d.one->fast->FindPeer(Domain::Lan(3));
  ASSERT_NE(peer, nullptr);
  EXPECT_EQ(peer->endpoint(), d.two->address);
  EXPECT_TRUE(d.two->fast->IsOwn(Domain::Lan(3)));
  EXPECT_FALSE(d.two->fast->IsOwn(Domain::Lan(4)));
  Carrier carrier(*d.one, *d.two);
  EXPECT_EQ(carrier.Carry(Domain::Lan(3), 10, d.net.scheduler.now()), 10U);
  const auto sent = d.one->Session(Domain::Private(3)), received = d.two->Session(Domain::Private(2));
  EXPECT_EQ(sent->sent_packets, 11U);  // with the one by the engine
  EXPECT_EQ(received->received_packets, 11U);
}

TEST(FastPath, AWorkerDeliversToTheServerOnlyFromAddressesThatAreOfThatClient) {
  FastDomain d;
  d.Up();
  const auto ping = [&](FakeHost& from, Ipv4 source) {
    d.Send(from, Ping(source, d.server_private(), 1));
    d.Run(100ms);
  };
  ping(*d.one, Domain::Private(2));
  ping(*d.two, Domain::Private(3));
  ping(*d.one, Domain::Private(3));  // another client's
  ping(*d.one, Domain::Lan(3));      // lies behind another client
  ping(*d.one, Domain::Lan(2));      // lies behind it
  EXPECT_EQ(d.server->Dropped("data: source address that belongs to another client"), 2u);
  const auto delivers = [&](Ipv4 client, Ipv4 source) {
    for (const auto& sa : d.server->tunnel->ipsec_sas(d.net.scheduler.now()))
      if (sa.peer_private == client)
        return d.server->fast->Delivers(*d.server->fast->FindInbound(sa.inbound_spi), source, d.server_private());
    return false;
  };
  EXPECT_TRUE(delivers(Domain::Private(2), Domain::Private(2)));
  EXPECT_TRUE(delivers(Domain::Private(2), Domain::Lan(2)));
  EXPECT_FALSE(delivers(Domain::Private(2), Domain::Private(3))) << "the engine is asked, which drops and counts";
  EXPECT_FALSE(delivers(Domain::Private(2), Domain::Lan(3)));
  EXPECT_TRUE(delivers(Domain::Private(3), Domain::Private(3)));
  EXPECT_FALSE(delivers(Domain::Private(3), Domain::Private(2)));
  d.Registered(4);
  EXPECT_FALSE(delivers(Domain::Private(2), Domain::Lan(2))) << "looked at anew: it may lie behind the new one";
}

TEST(FastPath, AWorkerDeliversFromADirectSessionOnlyWhatTheEngineLetPass) {
  FastDomain d;
  d.Direct();
  const auto delivers = [&](Ipv4 peer, Ipv4 source) {
    for (const auto& sa : d.two->tunnel->ipsec_sas(d.net.scheduler.now()))
      if (sa.peer_private == peer)
        return d.two->fast->Delivers(*d.two->fast->FindInbound(sa.inbound_spi), source, Domain::Lan(3));
    return false;
  };
  d.SendPing(*d.one, 2, 3, 2);
  d.Send(*d.one, Ping(Domain::Private(4), Domain::Lan(3), 1));
  d.Run(100ms);
  EXPECT_EQ(d.two->Dropped("data: source address that belongs to another client"), 1u);
  EXPECT_TRUE(delivers(Domain::Private(2), Domain::Lan(2)));
  EXPECT_FALSE(delivers(Domain::Private(2), Domain::Private(4)));
  EXPECT_TRUE(delivers(d.server_private(), Domain::Private(4))) << "what the server relays it has looked at";
}

TEST(FastPath, WhatWorkersCarryKeepsASessionFromBeingIdle) {
  FastDomain d;
  d.Direct();
  d.SendPing(*d.one, 2, 3, 2);
  Carrier carrier(*d.one, *d.two);
  for (int i = 0; i < 10; ++i) {
    d.Run(200s);
    ASSERT_EQ(carrier.Carry(Domain::Lan(3), 1, d.net.scheduler.now()), 1U) << i;
  }
  EXPECT_TRUE(d.one->Proven(Domain::Private(3)));
  d.Run(1000s);
  EXPECT_FALSE(d.one->Session(Domain::Private(3)));
  EXPECT_EQ(carrier.Carry(Domain::Lan(3), 1, d.net.scheduler.now()), 0U);
}

TEST(FastPath, AResetSessionAndChangedRoutesLeaveWorkersNothingToGoBy) {
  FastDomain d;
  d.Direct();
  d.SendPing(*d.one, 2, 3, 2);
  ASSERT_NE(d.one->fast->FindPeer(Domain::Lan(3)), nullptr);
  d.one->fast->ForgetRoutes();
  EXPECT_EQ(d.one->fast->FindPeer(Domain::Lan(3)), nullptr);
  d.SendPing(*d.one, 2, 3, 3);
  Carrier carrier(*d.one, *d.two);
  EXPECT_EQ(carrier.Carry(Domain::Lan(3), 1, d.net.scheduler.now()), 1U);
  d.one->Call([&](Time now, dvpn::Output& out) {
    EXPECT_TRUE(d.one->tunnel->ResetSession(now, Domain::Private(3), out).ok());
  });
  EXPECT_EQ(carrier.Carry(Domain::Lan(3), 1, d.net.scheduler.now()), 0U);
}

// A worker carries packets without a pause while the engines rekey, forget, reset and set up again.
TEST(FastPath, AWorkerAndTheEnginesGoOnTogether) {
  FastDomain d;
  d.Direct();
  std::atomic<std::int64_t> now = d.net.scheduler.now().since.count();
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> arrived = 0;
  std::jthread worker([&] {
    Carrier carrier(*d.one, *d.two);
    while (!stop.load()) arrived += carrier.Carry(Domain::Lan(3), 16, Time{Duration(now.load())});
  });
  std::uint64_t before = 0;
  for (std::uint16_t i = 0; i < 60; ++i) {
    d.SendPing(*d.one, 2, 3, static_cast<std::uint16_t>(10 + i));
    for (int step = 0; step < 20; ++step) {
      d.Run(5s);
      now.store(d.net.scheduler.now().since.count());
    }
    if (i % 10 == 9) {
      d.one->Call([&](Time at, dvpn::Output& out) { (void)d.one->tunnel->ResetSession(at, Domain::Private(3), out); });
    } else if (i % 3 == 0) {
      d.one->fast->ForgetRoutes();
    } else {  // it does get through in between: the first packet after a reset is relayed, the next one goes directly
      before = arrived.load();
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      for (std::uint16_t n = 0; arrived.load() == before && std::chrono::steady_clock::now() < end; ++n) {
        d.SendPing(*d.one, 2, 3, n);
        d.Run(1s);
        now.store(d.net.scheduler.now().since.count());
        std::this_thread::yield();
      }
      EXPECT_NE(arrived.load(), before) << i;
    }
  }
  stop.store(true);
  worker.join();
  EXPECT_GT(arrived.load(), 0U);
  d.one->fast->epochs().Reclaim();
  EXPECT_EQ(d.one->fast->epochs().waiting(), 0U);
}

}  // namespace
}  // namespace sw::testing
