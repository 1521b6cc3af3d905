// Lab files as containerlab's users write them: what is of use is read, the rest is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/lab/lab_network.h"
#include "device/lab/topology.h"
#include "hal/base/virtual_scheduler.h"

namespace sw::device {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = Topology::Kind;

Topology Read(const std::string& text, const std::string& file = "l.clab.yml") {
  const auto t = ParseTopology(text, file);
  EXPECT_TRUE(t.ok()) << t.why();
  return t.ok() ? *t : Topology();
}

Topology OneNode(const std::string& node) {
  return Read("name: a\ntopology:\n  nodes:\n    n: " + node + "\n");
}

TEST(ContainerlabFile, GroupsStandBetweenANodeAndItsKind) {
  const Topology t = Read(R"(name: a
topology:
  defaults: {kind: linux, group: all, startup-config: d.cfg}
  kinds:
    sw8800: {startup-config: k.cfg, exec: [display clock]}
  groups:
    core: {kind: sw8800, startup-config: g.cfg, exec: [display version]}
    all: {exec: [ip link set eth1 up]}
  nodes:
    one: {group: core}
    two: {group: core, startup-config: n.cfg}
    three: {kind: sw8800, group: elsewhere}
    four:
)");
  EXPECT_EQ(t.nodes[0].startup_config, "g.cfg");
  EXPECT_THAT(t.nodes[0].exec, ElementsAre("display clock", "display version"));
  EXPECT_EQ(t.nodes[1].startup_config, "n.cfg");
  EXPECT_EQ(t.nodes[2].startup_config, "k.cfg");
  EXPECT_EQ(t.nodes[3].kind, Kind::kHost);
}

TEST(ContainerlabFile, StartupConfigIsTextWhereItHasLines) {
  const Topology t = OneNode("{kind: sw8800, startup-config: \"interface LoopBack0\\n ip address 10.0.0.1 32\\n\"}");
  EXPECT_EQ(t.nodes[0].startup_text, "interface LoopBack0\n ip address 10.0.0.1 32\n");
  EXPECT_EQ(t.nodes[0].startup_config, "");
}

TEST(ContainerlabFile, StartupConfigMayHoldTheNodesName) {
  const Topology t =
      Read("name: a\ntopology:\n  nodes:\n    n: {kind: sw8800, startup-config: c/__clabNodeName__.cfg}\n", "d/l.yml");
  EXPECT_EQ(t.nodes[0].startup_config, "d/c/n.cfg");
}

TEST(ContainerlabFile, OurContainerImageIsADevice) {
  const Topology t = Read(R"(name: a
topology:
  kinds:
    linux: {image: "registry.example/vpn/sw8800:1.0"}
  nodes:
    gw:
      kind: linux
      binds: ["/dev/net/tun:/dev/net/tun", "../gw.cfg:/etc/sw8800/startup.cfg:ro"]
      exec: [ip addr add 10.9.0.1/24 dev eth2]
    pc: {kind: linux, image: alpine}
  links:
    - endpoints: ["gw:eth2", "pc:eth1"]
)",
                          "labs/l.yml");
  EXPECT_EQ(t.nodes[0].kind, Kind::kSw8800);
  EXPECT_EQ(t.nodes[0].startup_config, "gw.cfg");
  EXPECT_EQ(t.nodes[0].startup_text, "interface GigabitEthernet0/2\nip address 10.9.0.1 255.255.255.0\nquit\n");
  EXPECT_EQ(t.nodes[1].kind, Kind::kHost);
}

TEST(ContainerlabFile, OtherKindsArePlainHosts) {
  const Topology t = Read(R"(name: a
topology:
  nodes:
    leaf: {kind: nokia_srlinux, type: ixrd2, startup-config: leaf.json}
    pc:
      kind: linux
      exec:
        - ip address add 192.0.2.2/24 dev eth1
        - ip route add default via 192.0.2.1
        - apk add iperf3
        - sh -c 'cat /etc/hosts'
    sw: {kind: ovs-bridge, exec: [ip link]}
  links:
    - endpoints: ["leaf:e1-1", "pc:eth1"]
    - endpoints: ["leaf:ethernet-1/3", "sw:any"]
    - endpoints: ["leaf:eth1", "sw:other"]
)");
  EXPECT_EQ(t.nodes[0].kind, Kind::kHost);
  EXPECT_EQ(t.nodes[0].startup_config, "");
  EXPECT_EQ(t.nodes[1].startup_text,
            "interface GigabitEthernet0/1\nip address 192.0.2.2 255.255.255.0\nquit\n"
            "ip route-static 0.0.0.0 0.0.0.0 192.0.2.1\n");
  EXPECT_EQ(t.nodes[2].kind, Kind::kBridge);
  EXPECT_EQ(t.links[0].a.interface, "GigabitEthernet0/2");
  EXPECT_EQ(t.links[1].a.interface, "GigabitEthernet0/3");
  EXPECT_EQ(t.links[1].b.interface, "any");
  EXPECT_EQ(t.links[2].a.interface, "GigabitEthernet0/1");
  EXPECT_THAT(t.notes,
              ElementsAre("l.clab.yml:4: type means nothing in a lab of sw8800 and is left out",
                          "l.clab.yml:4: nodes of kind 'nokia_srlinux' are plain hosts here",
                          "l.clab.yml:4: a startup-config of another system is left out",
                          "l.clab.yml:5: nodes of kind 'linux' are plain hosts here",
                          "l.clab.yml:12: a bridge runs nothing: its exec is left out",
                          "l.clab.yml:4: leaf: 'e1-1' is GigabitEthernet0/2, 'ethernet-1/3' is GigabitEthernet0/3",
                          "l.clab.yml:5: pc: 2 command(s) of its exec left out, the first of 'apk add iperf3'"));
}

TEST(ContainerlabFile, KeysThatNobodyKnowsAreNamedOnce) {
  const Topology t = Read(
      "name: a\ncolour: red\ntopology:\n  taste: sour\n  nodes:\n    n: {kind: sw8800, smell: 1}\n"
      "    m: {kind: sw8800, smell: 2}\n");
  EXPECT_THAT(t.notes, ElementsAre("l.clab.yml:2: 'colour' is not known and is left out",
                                   "l.clab.yml:4: 'taste' is not known and is left out",
                                   "l.clab.yml:6: 'smell' is not known and is left out"));
}

TEST(ContainerlabFile, LinksOfEveryForm) {
  const Topology t = Read(R"(name: a
topology:
  nodes:
    one: {kind: sw8800}
    two: {kind: sw8800}
  links:
    - type: veth
      endpoints:
        - {node: one, interface: eth1, mac: "02:00:00:00:00:01"}
        - {node: two, interface: eth1}
      mtu: 1400
    - {endpoints: ["one:eth2", "two:eth2"], mtu: 9500, labels: {a: b}, vars: {c: d}}
    - {endpoints: ["one:eth3", "host:one-eth3"]}
    - {type: host, endpoint: {node: one, interface: eth4}, host-interface: there}
    - {type: dummy, endpoint: "one:eth5"}
    - {type: vxlan, endpoint: {node: two, interface: eth3}, remote: 192.0.2.1, vni: 7, dst-port: 4789}
)");
  ASSERT_THAT(t.links, SizeIs(6));
  EXPECT_EQ(t.links[0].mtu, 1400);
  EXPECT_EQ(t.links[1].mtu, 1920);
  for (const std::size_t n : {2, 3, 4, 5}) EXPECT_EQ(t.links[n].b.node, "");
  EXPECT_THAT(t.notes, ElementsAre("l.clab.yml:9: mac means nothing in a lab of sw8800 and is left out",
                                   HasSubstr("12: an mtu of more than 1920"), HasSubstr("12: labels means nothing"),
                                   HasSubstr("12: vars means nothing"), HasSubstr("13: host is outside of the lab"),
                                   HasSubstr("14: host-interface"), HasSubstr("14: a link with one end"),
                                   HasSubstr("16: remote"), HasSubstr("16: vni"), HasSubstr("16: dst-port")));

  VirtualScheduler scheduler;
  SeededRandom random(3);
  auto lab = LabNetwork::Build(t, scheduler, random);
  ASSERT_TRUE(lab.ok()) << lab.why();
  std::map<std::string, int> mtu;
  for (const InterfaceStatus& i : (*lab)->Find("one")->interfaces()) mtu[i.name] = i.mtu;
  EXPECT_EQ(mtu["GigabitEthernet0/1"], 1400);
  EXPECT_EQ(mtu["GigabitEthernet0/2"], 1920);
  EXPECT_EQ(mtu["GigabitEthernet0/3"], 1500);
}

TEST(ContainerlabFile, ANodeMayBeCalledAsWhatIsOutside) {
  const Topology t = Read(
      "name: a\ntopology:\n  nodes: {host: {kind: sw8800}, n: {kind: sw8800}}\n  links:\n"
      "    - endpoints: [\"n:eth1\", \"host:eth1\"]\n");
  EXPECT_EQ(t.links[0].b.node, "host");
  EXPECT_THAT(t.notes, IsEmpty());
}

}  // namespace
}  // namespace sw::device
