#include "device/lab/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/lab/lab_network.h"
#include "hal/base/virtual_scheduler.h"

namespace sw::device {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

constexpr char kGood[] = R"(name: three
topology:
  defaults:
    kind: sw8800
    exec: [display version]
  kinds:
    sw8800:
      labels: none
      exec: [display clock]
  nodes:
    server: {kind: sw8800, startup-config: conf/server.cfg}
    site1:
      startup-config: /etc/site1.cfg
      exec:
        - ping 10.0.0.1
    net: {kind: bridge}
  links:
    - endpoints: ["server:eth1", "net:s"]
    - endpoints: ["site1:eth1", "net:one"]
      impair: {delay: 5ms, jitter: 1.5ms, loss: 10%, duplicate: 0.5%}
    - endpoints: ["site1:eth2", "server:eth12"]
)";

TEST(Topology, ReadsNodesLinksAndImpairments) {
  const auto t = ParseTopology(kGood, "labs/lab.yaml");
  ASSERT_TRUE(t.ok()) << t.why();
  EXPECT_EQ(t->name, "three");
  ASSERT_THAT(t->nodes, SizeIs(3));
  EXPECT_EQ(t->nodes[0].startup_config, "labs/conf/server.cfg");
  EXPECT_EQ(t->nodes[1].startup_config, "/etc/site1.cfg");
  EXPECT_THAT(t->nodes[1].exec, ElementsAre("display version", "display clock", "ping 10.0.0.1"));
  EXPECT_EQ(t->nodes[2].kind, Topology::Kind::kBridge);
  EXPECT_THAT(t->nodes[2].exec, SizeIs(0));
  ASSERT_THAT(t->links, SizeIs(3));
  EXPECT_EQ(t->links[0].a.interface, "GigabitEthernet0/1");
  EXPECT_EQ(t->links[0].b.interface, "s");
  EXPECT_EQ(t->links[1].impairment.delay, milliseconds(5));
  EXPECT_EQ(t->links[1].impairment.jitter, std::chrono::microseconds(1500));
  EXPECT_DOUBLE_EQ(t->links[1].impairment.loss, 0.1);
  EXPECT_DOUBLE_EQ(t->links[1].impairment.duplicate, 0.005);
  EXPECT_EQ(t->links[2].b.interface, "GigabitEthernet0/12");
  EXPECT_THAT(t->notes, ElementsAre("labs/lab.yaml:8: labels means nothing in a lab of sw8800 and is left out"));
}

TEST(Topology, OneNodeWithoutLinksIsALab) {
  EXPECT_TRUE(ParseTopology("name: a\ntopology: {nodes: {n: {kind: sw8800}}}\n", "f").ok());
}

struct Bad {
  const char* text;
  const char* why;
};
class RefusedTopology : public testing::TestWithParam<Bad> {};

TEST_P(RefusedTopology, NamesFileLineAndReason) {
  const auto t = ParseTopology(GetParam().text, "lab.yaml");
  ASSERT_FALSE(t.ok());
  EXPECT_THAT(t.why(), StartsWith("lab.yaml:"));
  EXPECT_THAT(t.why(), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Neighbours, RefusedTopology,
    testing::Values(
        Bad{"", "not a lab"}, Bad{"- a\n", "not a lab"}, Bad{"name: a\n", "topology is missing"},
        Bad{"topology: {nodes: {n: {kind: sw8800}}}\n", "name is missing"}, Bad{"name: [\n", "not YAML"},
        Bad{"name: a\ntopology: {nodes: {}}\n", "2: topology has no nodes"},
        Bad{"name: a/b\ntopology: {nodes: {n: {kind: sw8800}}}\n", "1: name 'a/b' is not a name"},
        Bad{"name: a\nname: b\n", "2: 'name' is there twice"},
        Bad{"name: a\ntopology:\n  nodes:\n    n: {kind: sw8800, startup-config: \"https://example.com/x\"}\n",
            "4: 'https://example.com/x' is not a file here"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: linux}}\n  links: [{endpoint: n}]\n", "is not node:port"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: linux}}\n  links: [{endpoints: [\"n:a\", \"n:a\"]}]\n",
            "linked already"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: linux}}\n  links: [{endpoint: \"n:a\", mtu: 40}]\n",
            "4: an mtu is at least 68"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: linux}}\n  links: [{endpoint: \"n:a\", mtu: big}]\n",
            "4: mtu 'big' is not a number"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: linux}}\n  links: [{endpoint: {interface: a}}]\n",
            "names a node that is not there"},
        Bad{"name: a\ntopology:\n  groups: [x]\n  nodes: {n: {kind: linux}}\n", "3: groups must be a map"},
        Bad{"name: a\ntopology:\n  nodes:\n    n: {}\n", "4: node n has no kind"},
        Bad{"name: a\ntopology:\n  nodes:\n    n: {kind: sw8800, exec: ping}\n", "4: exec must be a list"},
        Bad{"name: a\ntopology:\n  nodes:\n    n: {kind: sw8800}\n    n: {kind: sw8800}\n", "5: node n is there twice"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links: [{endpoints: [\"n:eth1\"]}]\n",
            "4: a link has exactly two"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links: [{}]\n", "4: a link without endpoints"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links: [{endpoints: [\"n:eth1\", \"m:eth1\"]}]\n",
            "not there"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links: [{endpoints: [\"n:eth1\", \"n:eth1\"]}]\n",
            "linked already"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links: [{endpoints: [\"n:eth0\", \"n:eth1\"]}]\n",
            "'eth0' is the management"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links: [{endpoints: [\"n:eth256\", \"n:eth1\"]}]\n",
            "is not a port"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links: [{endpoints: [\"n:eth01\", \"n:eth1\"]}]\n",
            "is not a port"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links: [{endpoints: [\"n\", \"n:eth1\"]}]\n",
            "is not node:port"},
        Bad{"name: a\ntopology:\n  nodes: {x: {kind: bridge}, y: {kind: bridge}}\n  links: [{endpoints: [\"x:1\", "
            "\"y:1\"]}]\n",
            "two bridges"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links:\n    - endpoints: [\"n:eth1\", \"n:eth2\"]\n   "
            "   impair: {delay: 5}\n",
            "6: delay '5' needs a unit"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links:\n    - endpoints: [\"n:eth1\", \"n:eth2\"]\n   "
            "   impair: {delay: 61s}\n",
            "more than a minute"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links:\n    - endpoints: [\"n:eth1\", \"n:eth2\"]\n   "
            "   impair: {loss: 101%}\n",
            "more than 100%"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links:\n    - endpoints: [\"n:eth1\", \"n:eth2\"]\n   "
            "   impair: {loss: nan%}\n",
            "number"},
        Bad{"name: a\ntopology:\n  nodes: {n: {kind: sw8800}}\n  links:\n    - endpoints: [\"n:eth1\", \"n:eth2\"]\n   "
            "   impair: {rate: 1}\n",
            "'rate' is not known"}));

TEST(Topology, TooManyNodesTooLargeAFileAndDeepNestingAreRefused) {
  std::string nodes = "name: a\ntopology:\n  nodes:\n";
  for (std::size_t i = 0; i < Topology::kMaxNodes; ++i) nodes += "    n" + std::to_string(i) + ": {kind: sw8800}\n";
  EXPECT_TRUE(ParseTopology(nodes, "f").ok());
  EXPECT_THAT(ParseTopology(nodes + "    more: {kind: sw8800}\n", "f").why(), HasSubstr("more than 1024 nodes"));
  EXPECT_THAT(ParseTopology(std::string(Topology::kMaxFile + 1, '#'), "f").why(), HasSubstr("larger than"));
  EXPECT_FALSE(ParseTopology(std::string(20000, '['), "f").ok());
  EXPECT_FALSE(ParseTopology(std::string("name: a\0", 8), "f").ok());
}

TEST(LabNetwork, BuildsSegmentsThatCarryPackets) {
  const auto t = ParseTopology(kGood, "lab.yaml");
  ASSERT_TRUE(t.ok());
  VirtualScheduler scheduler;
  SeededRandom random(3);
  auto lab = LabNetwork::Build(*t, scheduler, random);
  ASSERT_TRUE(lab.ok()) << lab.why();
  EXPECT_EQ((*lab)->Find("net"), nullptr);
  LabPlatform& server = *(*lab)->Find("server");
  LabPlatform& site = *(*lab)->Find("site1");
  EXPECT_EQ((*lab)->LinkOf("server", "GigabitEthernet0/1"), (*lab)->LinkOf("site1", "GigabitEthernet0/1"));
  EXPECT_EQ((*lab)->LinkOf("server", "GigabitEthernet0/12"), (*lab)->LinkOf("site1", "GigabitEthernet0/2"));
  EXPECT_EQ((*lab)->LinkOf("server", "GigabitEthernet0/2"), nullptr);
  InterfaceSettings s;
  s.name = "GigabitEthernet0/12";
  s.addresses = {{Ipv4(10, 0, 0, 1), 24}};
  ASSERT_TRUE(server.SetInterface(s).ok());
  s.name = "GigabitEthernet0/2";
  s.addresses = {{Ipv4(10, 0, 0, 2), 24}};
  ASSERT_TRUE(site.SetInterface(s).ok());
  int replies = 0;
  auto echo = site.OpenEcho([&replies](const EchoReply&) { ++replies; });
  ASSERT_TRUE((*echo)->Send({.destination = Ipv4(10, 0, 0, 1)}).ok());
  scheduler.RunFor(milliseconds(1));
  EXPECT_EQ(replies, 1);
}

}  // namespace
}  // namespace sw::device
