#include "device/lab/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/ports/fragments.h"

namespace sw::device {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Prefix P(unsigned a, unsigned b, unsigned c, unsigned d, int length) {
  return {Ipv4(a, b, c, d), static_cast<std::uint8_t>(length)};
}

class RouteTableTest : public testing::Test {
 protected:
  Interface& Add(const std::string& name, std::vector<Prefix> addresses) {
    Interface& i = interfaces[name];
    i.settings.name = name;
    i.settings.addresses = std::move(addresses);
    i.kind = ParseInterfaceName(name)->kind;
    i.link = true;
    table.Invalidate();
    return i;
  }
  Status Route(Prefix to, Ipv4 via, int preference = 60, std::string interface = {}, bool reject = false) {
    return table.Add({to, via, std::move(interface), preference, reject});
  }
  std::vector<std::string> Lines() {
    std::vector<std::string> out;
    for (const RouteEntry& r : table.entries()) {
      out.push_back(r.destination.ToString() + " " + r.protocol + " " + std::to_string(r.preference) + " " +
                    r.next_hop.ToString() + " " + r.interface);
    }
    return out;
  }

  Interfaces interfaces;
  RouteTable table{interfaces};
};

TEST_F(RouteTableTest, EntriesAreLaidOutAndSortedAsComwareDoes) {
  Add("GigabitEthernet0/1", {P(192, 168, 3, 12, 24)});
  Add("LoopBack0", {P(10, 1, 1, 1, 32)});
  ASSERT_TRUE(Route(P(0, 0, 0, 0, 0), Ipv4(192, 168, 3, 1)).ok());
  EXPECT_THAT(
      Lines(),
      ElementsAre("0.0.0.0/0 STATIC 60 192.168.3.1 GigabitEthernet0/1", "10.1.1.1/32 DIRECT 0 127.0.0.1 InLoopBack0",
                  "127.0.0.0/8 DIRECT 0 127.0.0.1 InLoopBack0", "127.0.0.1/32 DIRECT 0 127.0.0.1 InLoopBack0",
                  "192.168.3.0/24 DIRECT 0 192.168.3.12 GigabitEthernet0/1",
                  "192.168.3.12/32 DIRECT 0 127.0.0.1 InLoopBack0"));
}

TEST_F(RouteTableTest, ANextHopOutOfReachWaitsAndComesBack) {
  Interface& port = Add("GigabitEthernet0/1", {P(10, 0, 0, 1, 24)});
  ASSERT_TRUE(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 2)).ok());
  EXPECT_THAT(Lines(), Contains(HasSubstr("10.9.0.0/16")));
  port.link = false;
  table.Invalidate();
  EXPECT_THAT(Lines(), Not(Contains(HasSubstr("10.9.0.0/16"))));
  EXPECT_FALSE(table.Find(Ipv4(10, 9, 1, 1)));
  port.link = true;
  table.Invalidate();
  EXPECT_THAT(Lines(), Contains(HasSubstr("10.9.0.0/16")));
}

TEST_F(RouteTableTest, NextHopsAreResolvedThroughOtherRoutesWhateverTheOrder) {
  Add("GigabitEthernet0/1", {P(10, 0, 0, 1, 24)});
  ASSERT_TRUE(Route(P(10, 9, 0, 0, 16), Ipv4(172, 16, 0, 1)).ok());
  ASSERT_TRUE(Route(P(172, 16, 0, 0, 16), Ipv4(10, 0, 0, 2)).ok());
  ASSERT_TRUE(Route(P(172, 16, 0, 1, 32), Ipv4(10, 0, 0, 3)).ok());
  const auto hop = table.Find(Ipv4(10, 9, 1, 1));
  ASSERT_TRUE(hop);
  EXPECT_EQ(hop->gateway, Ipv4(10, 0, 0, 3)) << "the longest prefix decides, though it came last";
  EXPECT_THAT(Lines(), Contains("10.9.0.0/16 STATIC 60 172.16.0.1 GigabitEthernet0/1"));
}

TEST_F(RouteTableTest, RoutesThatNeedEachOtherAreNotActive) {
  Add("GigabitEthernet0/1", {P(10, 0, 0, 1, 24)});
  ASSERT_TRUE(Route(P(172, 16, 0, 0, 16), Ipv4(172, 17, 0, 1)).ok());
  ASSERT_TRUE(Route(P(172, 17, 0, 0, 16), Ipv4(172, 16, 0, 1)).ok());
  ASSERT_TRUE(Route(P(172, 18, 0, 0, 16), Ipv4(172, 18, 0, 1)).ok());
  EXPECT_FALSE(table.Find(Ipv4(172, 16, 0, 5)));
  EXPECT_FALSE(table.Find(Ipv4(172, 18, 0, 5)));
  ASSERT_TRUE(Route(P(0, 0, 0, 0, 0), Ipv4(10, 0, 0, 2)).ok());
  EXPECT_THAT(Lines(), Not(Contains(HasSubstr("172.18.0.0/16")))) << "it would swallow its own next hop";
}

TEST_F(RouteTableTest, TheLowerPreferenceIsActiveAndTheOtherStandsBy) {
  Add("GigabitEthernet0/1", {P(10, 0, 0, 1, 24)});
  Interface& two = Add("GigabitEthernet0/2", {P(10, 0, 1, 1, 24)});
  ASSERT_TRUE(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 1, 2), 50).ok());
  ASSERT_TRUE(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 2), 60).ok());
  EXPECT_EQ(table.Find(Ipv4(10, 9, 0, 1))->gateway, Ipv4(10, 0, 1, 2));
  two.settings.up = false;
  table.Invalidate();
  EXPECT_EQ(table.Find(Ipv4(10, 9, 0, 1))->gateway, Ipv4(10, 0, 0, 2));
}

TEST_F(RouteTableTest, EqualRoutesShareTheLoadByDestination) {
  Add("GigabitEthernet0/1", {P(10, 0, 0, 1, 24)});
  ASSERT_TRUE(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 2)).ok());
  ASSERT_TRUE(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 3)).ok());
  std::set<Ipv4> used;
  for (unsigned i = 1; i < 100; ++i) used.insert(table.Find(Ipv4(10, 9, 0, i))->gateway);
  EXPECT_THAT(used, ElementsAre(Ipv4(10, 0, 0, 2), Ipv4(10, 0, 0, 3)));
  EXPECT_EQ(table.Find(Ipv4(10, 9, 0, 1))->gateway, table.Find(Ipv4(10, 9, 0, 1))->gateway);
}

TEST_F(RouteTableTest, ADirectNetworkBeatsAStaticRouteToIt) {
  Add("GigabitEthernet0/1", {P(10, 0, 0, 1, 24)});
  ASSERT_TRUE(Route(P(10, 0, 0, 0, 24), Ipv4(10, 0, 0, 9), 1).ok());
  EXPECT_EQ(table.Find(Ipv4(10, 0, 0, 5))->gateway, Ipv4());
}

TEST_F(RouteTableTest, BroadcastAddressesAreNeitherLocalNorForwarded) {
  Add("GigabitEthernet0/1", {P(10, 0, 0, 1, 24)});
  Add("GigabitEthernet0/2", {P(10, 1, 0, 0, 31)});
  EXPECT_EQ(table.Find(Ipv4(10, 0, 0, 255))->kind, Hop::Kind::kBroadcast);
  EXPECT_EQ(table.Find(Ipv4(10, 0, 0, 0))->kind, Hop::Kind::kBroadcast);
  EXPECT_EQ(table.Find(Ipv4(10, 1, 0, 0))->kind, Hop::Kind::kLocal);
  EXPECT_EQ(table.Find(Ipv4(10, 1, 0, 1))->kind, Hop::Kind::kForward) << "RFC 3021: a /31 has no broadcast address";
}

TEST_F(RouteTableTest, ImpossibleRoutesAreRefused) {
  Add("GigabitEthernet0/1", {P(10, 0, 0, 1, 24)});
  EXPECT_EQ(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 1)).code(), Code::kBadValue) << "an own address";
  EXPECT_EQ(Route(P(10, 9, 0, 0, 16), Ipv4()).code(), Code::kBadValue);
  EXPECT_EQ(Route(P(10, 9, 0, 0, 33), Ipv4(10, 0, 0, 2)).code(), Code::kBadValue);
  EXPECT_EQ(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 2), 0).code(), Code::kBadValue);
  EXPECT_EQ(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 2), 256).code(), Code::kBadValue);
  EXPECT_EQ(Route(P(224, 0, 0, 0, 8), Ipv4(10, 0, 0, 2)).code(), Code::kBadValue);
  EXPECT_EQ(Route(P(10, 9, 0, 0, 16), Ipv4(), 60, "GigabitEthernet0/1").code(), Code::kBadValue);
  EXPECT_EQ(Route(P(10, 9, 0, 0, 16), Ipv4(), 60, "eth0").code(), Code::kBadValue);
  EXPECT_TRUE(Route(P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 2), 60, "GigabitEthernet0/1").ok());
  EXPECT_EQ(table.Remove({P(10, 9, 0, 0, 16), Ipv4(10, 0, 0, 2), {}, 60, false}).code(), Code::kNotFound);
  EXPECT_TRUE(table.Remove({P(10, 9, 7, 7, 16), Ipv4(10, 0, 0, 2), "GigabitEthernet0/1", 60, false}).ok());
}

class FragmentsTest : public testing::Test {
 protected:
  PacketPtr Whole(std::size_t payload, std::uint16_t id = 1) {
    hal::Ipv4Header h;
    h.id = id;
    h.total_length = hal::kIpv4HeaderSize + payload;
    h.source = Ipv4(192, 0, 2, 1);
    h.destination = Ipv4(192, 0, 2, 2);
    PacketPtr p = packets.Take();
    const ByteSpan bytes = p->Append(h.total_length);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
    hal::WriteIpv4(bytes, h);
    return p;
  }
  PacketPtr Feed(const Packet& p, Time now = {}) { return reassembly.Add(now, *hal::ParseIpv4(p.data()), p); }
  // A fragment made by hand.
  PacketPtr Piece(std::size_t offset, std::size_t size, bool more) {
    PacketPtr p = Whole(size);
    hal::Ipv4Header h = *hal::ParseIpv4(p->data());
    h.fragment_offset = offset;
    h.more_fragments = more;
    hal::WriteIpv4(p->data(), h);
    return p;
  }

  PacketPool packets;
  hal::Reassembly reassembly{packets};
};

TEST_F(FragmentsTest, CutAndPutTogetherInAnyOrder) {
  const PacketPtr whole = Whole(1400);
  std::vector<PacketPtr> pieces = hal::Fragment(packets, *whole, 576);
  ASSERT_EQ(pieces.size(), 3U);
  for (const PacketPtr& p : pieces) EXPECT_LE(p->size(), 576U);
  EXPECT_EQ(Feed(*pieces[2]), nullptr);
  EXPECT_EQ(Feed(*pieces[0]), nullptr);
  EXPECT_EQ(Feed(*pieces[0]), nullptr) << "a repeated piece does no harm";
  const PacketPtr again = Feed(*pieces[1]);
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(std::equal(again->data().begin(), again->data().end(), whole->data().begin(), whole->data().end()));
}

TEST_F(FragmentsTest, AFragmentIsCutAgain) {
  std::vector<PacketPtr> pieces = hal::Fragment(packets, *Whole(1400), 1000);
  PacketPtr done;
  for (const PacketPtr& p : pieces) {
    for (const PacketPtr& small : hal::Fragment(packets, *p, 300)) {
      if (PacketPtr d = Feed(*small)) done = std::move(d);
    }
  }
  ASSERT_NE(done, nullptr);
  EXPECT_EQ(done->size(), 1420U);
}

TEST_F(FragmentsTest, OverlapsAndContradictionsTakeTheDatagramAlong) {
  EXPECT_EQ(Feed(*Piece(0, 16, true)), nullptr);
  EXPECT_EQ(Feed(*Piece(8, 16, true)), nullptr) << "overlaps";
  EXPECT_EQ(Feed(*Piece(16, 8, false)), nullptr) << "would have completed it";
  EXPECT_EQ(Feed(*Piece(8, 8, false)), nullptr) << "a second, shorter end";
  EXPECT_EQ(Feed(*Piece(0, 12, true)), nullptr) << "not a multiple of 8";
  EXPECT_EQ(Feed(*Piece(65528, 8, false)), nullptr) << "beyond a packet's room";
}

TEST_F(FragmentsTest, OldAndTooManyOpenDatagramsAreForgotten) {
  const std::vector<PacketPtr> first = hal::Fragment(packets, *Whole(100, 1), 68);
  EXPECT_EQ(Feed(*first[0]), nullptr);
  EXPECT_EQ(Feed(*first[1], {seconds(16)}), nullptr);
  EXPECT_EQ(Feed(*first[2], {seconds(16)}), nullptr) << "the first piece has expired";

  const std::vector<PacketPtr> victim = hal::Fragment(packets, *Whole(60, 2), 68);
  EXPECT_EQ(Feed(*victim[0], {seconds(40)}), nullptr);
  for (std::uint16_t id = 100; id < 100 + hal::Reassembly::kMaxDatagrams; ++id) {
    EXPECT_EQ(Feed(*hal::Fragment(packets, *Whole(60, id), 68)[0], {seconds(40)}), nullptr);
  }
  EXPECT_EQ(Feed(*victim[1], {seconds(40)}), nullptr) << "pushed out by newer ones";
}

}  // namespace
}  // namespace sw::device
