// Packets that no session takes.
#include <gtest/gtest.h>

#include "tests/unit/dvpn/session_pair.h"

namespace sw::testing {
namespace {

TEST(Forwarding, WhatIsNotAnIpv4PacketIsDroppedAndCounted) {
  Domain d;
  FakeHost& client = d.Registered(2);
  const Bytes good = Ping(Domain::Private(2), Domain::Private(1), 1);
  const auto bad = [&](const std::function<void(Bytes&)>& spoil) {
    Bytes b = good;
    spoil(b);
    client.Send(d.net.pool.Copy(b));
  };
  bad([](Bytes& b) { b[0] = 0x65; });
  bad([](Bytes& b) { b[0] = 0x44; });
  bad([](Bytes& b) { b[3] = 0xff; });
  bad([](Bytes& b) { b[10] ^= 1; });
  bad([](Bytes& b) { b.resize(19); });
  d.Run(100ms);
  EXPECT_EQ(client.Dropped("data: not a valid IPv4 packet"), 5u);
  EXPECT_TRUE(d.server->delivered.empty());
}

TEST(Forwarding, EveryWayToNowhereHasItsCounter) {
  Domain d;
  FakeHost& client = d.Client(2);
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 1)));
  EXPECT_EQ(client.Dropped("data: no session with the server"), 1u);
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Ipv4(8, 8, 8, 8), 1)));
  EXPECT_EQ(client.Dropped("data: no route by this tunnel"), 1u);
  d.server->Send(d.net.pool.Copy(Ping(Domain::Private(1), Domain::Private(9), 1)));
  EXPECT_EQ(d.server->Dropped("data: no session for the next hop"), 1u);
  client.Start();
  d.Run(1s);
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(9), 1)));
  d.Run(100ms);
  EXPECT_EQ(d.server->Dropped("data: no session for the next hop"), 2u);
  EXPECT_EQ(client.tunnel->counters().dropped, 2u);
  client.tunnel->ResetStatistics();
  EXPECT_EQ(client.DroppedInAll(), 0u);
}

TEST(Forwarding, ARelayedPacketWhoseTimeToLiveRunsOutIsDropped) {
  Domain d;
  FakeHost& one = d.Registered(2);
  FakeHost& two = d.Registered(3);
  one.Send(d.net.pool.Copy(Ping(Domain::Lan(2), Domain::Lan(3), 1, false, 1)));
  d.Run(100ms);
  EXPECT_TRUE(two.delivered.empty());
  EXPECT_EQ(d.server->Dropped("data: time to live expired"), 1u);
}

}  // namespace
}  // namespace sw::testing
