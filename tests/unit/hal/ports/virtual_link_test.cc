#include "hal/ports/virtual_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/base/virtual_scheduler.h"
#include "hal/ports/prefix_map.h"

namespace sw::hal {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class VirtualLinkTest : public testing::Test {
 protected:
  struct Node {
    std::unique_ptr<VirtualLink::Port> port;
    std::vector<std::string> got;
    std::vector<Time> when;
    std::size_t bursts = 0;
  };

  void Join(Node& node, Ipv4 address, const Impairment& cable = {}, std::uint16_t vlan = 0) {
    node.port = link.Attach(cable, [this, &node](std::vector<Frame>& burst) {
      ++node.bursts;
      for (const Frame& f : burst) {
        node.got.emplace_back(AsText(f.packet->data()));
        node.when.push_back(scheduler.now());
      }
    });
    node.port->SetStations({{vlan, address}});
  }
  void Send(Node& from, Ipv4 to, std::string_view text, std::uint16_t vlan = 0) {
    from.port->Send({to, vlan, packets.Copy(AsBytes(text))});
  }

  VirtualScheduler scheduler;
  SeededRandom random{7};
  PacketPool packets;
  VirtualLink link{scheduler, random, packets};
  const Ipv4 A{10, 0, 0, 1}, B{10, 0, 0, 2}, C{10, 0, 0, 3};
};

TEST_F(VirtualLinkTest, AFrameReachesTheStationItIsMeantForAndNoOther) {
  Node a, b, c;
  Join(a, A), Join(b, B), Join(c, C);
  Send(a, B, "hello");
  EXPECT_THAT(b.got, IsEmpty()) << "never inside Send";
  scheduler.RunFor({});
  EXPECT_THAT(b.got, ElementsAre("hello"));
  EXPECT_THAT(c.got, IsEmpty());
  Send(a, Ipv4(10, 0, 0, 9), "nobody");
  scheduler.RunFor(milliseconds(1));
  EXPECT_EQ(link.counters().unclaimed, 1U);
}

TEST_F(VirtualLinkTest, BroadcastAndMulticastReachEveryOtherPort) {
  Node a, b, c;
  Join(a, A), Join(b, B), Join(c, C);
  Send(a, Ipv4(0xffffffff), "all");
  Send(a, Ipv4(224, 0, 0, 5), "some");
  scheduler.RunFor({});
  EXPECT_THAT(a.got, IsEmpty());
  EXPECT_THAT(b.got, ElementsAre("all", "some"));
  EXPECT_THAT(c.got, ElementsAre("all", "some"));
}

TEST_F(VirtualLinkTest, VlansAreSegmentsOfTheirOwn) {
  Node a, b, c;
  Join(a, A, {}, 10), Join(b, B, {}, 10), Join(c, B, {}, 20);
  Send(a, B, "ten", 10);
  Send(a, B, "none");
  scheduler.RunFor({});
  EXPECT_THAT(b.got, ElementsAre("ten"));
  EXPECT_THAT(c.got, IsEmpty());
}

TEST_F(VirtualLinkTest, BothCablesDelay) {
  Node a, b;
  Join(a, A, {milliseconds(5), {}, 0, 0}), Join(b, B, {milliseconds(3), {}, 0, 0});
  Send(a, B, "1");
  Send(a, B, "2");
  scheduler.RunFor(milliseconds(20));
  EXPECT_THAT(b.when, ElementsAre(Time{milliseconds(8)}, Time{milliseconds(8)}));
  EXPECT_EQ(b.bursts, 1U);
}

TEST_F(VirtualLinkTest, LossDuplicationAndJitterComeInTheSharesAskedFor) {
  Node a, b;
  Join(a, A, {milliseconds(1), milliseconds(10), 0.1, 0.05}), Join(b, B);
  constexpr std::size_t kFrames = 10000;
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < kFrames; ++i) sent.push_back(std::to_string(i));
  for (const std::string& text : sent) Send(a, B, text);
  scheduler.RunFor(milliseconds(20));
  const auto& n = link.counters();
  EXPECT_NEAR(static_cast<double>(n.lost), 0.1 * kFrames, 150);
  EXPECT_NEAR(static_cast<double>(n.duplicated), 0.045 * kFrames, 100);
  EXPECT_EQ(n.delivered, kFrames - n.lost + n.duplicated);
  EXPECT_THAT(b.got, SizeIs(n.delivered));
  EXPECT_FALSE(std::is_sorted(b.got.begin(), b.got.end(),
                              [](const std::string& x, const std::string& y) { return std::stoi(x) < std::stoi(y); }));
}

TEST_F(VirtualLinkTest, TheSameSeedGivesTheSameRun) {
  const auto run = [this](std::uint64_t seed) {
    SeededRandom seeded(seed);
    VirtualLink other(scheduler, seeded, packets);
    std::vector<std::string> got;
    auto a = other.Attach({milliseconds(1), milliseconds(9), 0.2, 0.2}, [](std::vector<Frame>&) {});
    auto b = other.Attach({}, [&got](std::vector<Frame>& burst) {
      for (const Frame& f : burst) got.emplace_back(AsText(f.packet->data()));
    });
    b->SetStations({{0, B}});
    for (int i = 0; i < 200; ++i) a->Send({B, 0, packets.Copy(AsBytes(std::to_string(i)))});
    scheduler.RunFor(milliseconds(50));
    return got;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST_F(VirtualLinkTest, TheTapSeesEveryFrameEvenALostOne) {
  Node a, b;
  Join(a, A, {{}, {}, 1, 0}), Join(b, B);
  std::vector<std::string> seen;
  link.SetTap([&seen](Time, const Frame& f) {
    seen.push_back(f.next_hop.ToString() + " " + std::string(AsText(f.packet->data())));
  });
  Send(a, B, "gone");
  scheduler.RunFor(milliseconds(1));
  EXPECT_THAT(seen, ElementsAre("10.0.0.2 gone"));
  EXPECT_THAT(b.got, IsEmpty());
}

TEST_F(VirtualLinkTest, APortThatLeavesTakesItsFramesAndItsAddressAlong) {
  Node a, b, c;
  Join(a, A), Join(b, B, {milliseconds(5), {}, 0, 0});
  Send(a, B, "late");
  b.port.reset();
  Join(c, B);
  Send(a, B, "next");
  scheduler.RunFor(milliseconds(10));
  EXPECT_THAT(b.got, IsEmpty());
  EXPECT_THAT(c.got, ElementsAre("next"));
}

TEST_F(VirtualLinkTest, AReceiverMayDropItsOwnPortAndAnswerBefore) {
  Node a;
  Join(a, A);
  std::unique_ptr<VirtualLink::Port> port;
  port = link.Attach({}, [&](std::vector<Frame>& burst) {
    port->Send({A, 0, std::move(burst[0].packet)});
    port.reset();
  });
  port->SetStations({{0, B}});
  Send(a, B, "ping");
  scheduler.RunFor(milliseconds(1));
  EXPECT_THAT(a.got, ElementsAre("ping"));
}

TEST_F(VirtualLinkTest, TheQueueIsBounded) {
  Node a, b;
  Join(a, A, {milliseconds(1), {}, 0, 0}), Join(b, B);
  for (std::size_t i = 0; i < VirtualLink::kMaxInFlight + 10; ++i) Send(a, B, "x");
  EXPECT_EQ(link.counters().overflow, 10U);
}

TEST(PrefixMap, TheLongestPrefixWinsFromDefaultToHost) {
  PrefixMap<int> map;
  EXPECT_EQ(map.Longest(Ipv4(10, 0, 0, 1)), nullptr);
  map[{Ipv4(), 0}] = 0;
  map[{Ipv4(10, 0, 0, 0), 8}] = 8;
  map[{Ipv4(10, 0, 0, 128), 25}] = 25;
  map[{Ipv4(10, 0, 0, 129), 32}] = 32;
  map[{Ipv4(255, 255, 255, 255), 32}] = 33;
  EXPECT_EQ(*map.Longest(Ipv4(9, 255, 255, 255)), 0);
  EXPECT_EQ(*map.Longest(Ipv4(10, 0, 0, 127)), 8);
  EXPECT_EQ(*map.Longest(Ipv4(10, 0, 0, 128)), 25);
  EXPECT_EQ(*map.Longest(Ipv4(10, 0, 0, 129)), 32);
  EXPECT_EQ(*map.Longest(Ipv4(10, 0, 0, 130)), 25);
  EXPECT_EQ(*map.Longest(Ipv4(0xffffffff)), 33);
  EXPECT_EQ(*map.Longest(Ipv4()), 0);
  EXPECT_TRUE(map.Erase({Ipv4(10, 0, 0, 129), 32}));
  EXPECT_FALSE(map.Erase({Ipv4(10, 0, 0, 129), 32}));
  EXPECT_EQ(*map.Longest(Ipv4(10, 0, 0, 129)), 25);
  EXPECT_EQ(map.Find({Ipv4(10, 0, 0, 0), 9}), nullptr);
}

}  // namespace
}  // namespace sw::hal
