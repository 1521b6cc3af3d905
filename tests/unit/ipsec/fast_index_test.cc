// A flow keeps the policy its first packet found, exactly, in a bounded number of places, until something changes.
#include "ipsec/fast_index.h"

#include <gtest/gtest.h>

#include "hal/ports/ipv4.h"
#include "hal/soft/software_device.h"
#include "ipsec/gateway.h"

namespace sw::ipsec {
namespace {

AclPacket Udp(std::uint16_t port) {
  AclPacket packet;
  packet.source = Ipv4(10, 1, 1, 1);
  packet.destination = Ipv4(10, 1, 2, 1);
  packet.protocol = 17;
  packet.upper = true;
  packet.source_port = packet.destination_port = port;
  return packet;
}

TEST(FastIndex, WhateverARuleCanLookAtMakesAnotherFlow) {
  const auto changed = [](auto change) {
    AclPacket packet = Udp(53);
    change(packet);
    return FastIndex::Flow::Of(1, packet);
  };
  const FastIndex::Flow flow = FastIndex::Flow::Of(1, Udp(53));
  FastIndex index;
  index.Enable(true);
  index.Remember(flow, 7);
  EXPECT_EQ(index.Find(flow), 7U);
  EXPECT_EQ(index.Find(FastIndex::Flow::Of(2, Udp(53))), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.source = Ipv4(10, 1, 1, 2); })), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.destination = Ipv4(10, 1, 2, 2); })), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.protocol = 6; })), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.tos = 0x20; })), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.upper = false; })), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.source_port = 54; })), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.destination_port = 54; })), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.icmp.type = 8; })), 0U);
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.tcp_flags = 0x10; })), 0U);  // established
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.tcp_flags = 0x02; })), 7U);  // no rule looks at SYN
  EXPECT_EQ(index.Find(changed([](AclPacket& p) { p.interface = "the port's own"; })), 7U);
  index.Forget();
  EXPECT_EQ(index.Find(flow), 0U);
  EXPECT_TRUE(index.entries().empty());
}

TEST(FastIndex, ManyFlowsTakeEachOthersPlacesAndNoMore) {
  FastIndex index;
  index.Enable(true);
  for (unsigned i = 0; i < 20 * FastIndex::kPlaces; ++i) index.Remember(FastIndex::Flow::Of(1, Udp(i & 0xffff)), i + 1);
  const std::vector<FastIndex::Entry> entries = index.entries();
  EXPECT_LE(entries.size(), FastIndex::kPlaces);
  EXPECT_GT(entries.size(), FastIndex::kPlaces / 2);
  for (const FastIndex::Entry& entry : entries) EXPECT_EQ(entry.policy, entry.flow.source_port + 1U);
  index.Enable(false);
  EXPECT_FALSE(index.enabled());
}

class FastGateway : public testing::Test {
 protected:
  FastGateway() {
    AclRule rule;
    rule.permit = true;
    rule.protocol = 17;
    list.Set(rule);
    gateway.Configure({{1, "GigabitEthernet0/0", Ipv4(192, 0, 2, 1), 1500, {Manual()}}});
    gateway.SetFastSwitch(true);
  }
  static Policy Manual() {
    Policy policy;
    policy.name = "p";
    policy.number = 10;
    policy.mode = PolicyMode::kManual;
    policy.acl = 3000;
    policy.proposals = {{.ah = {}, .esp = EspAlgorithms{hal::Cipher::kAesCbc, hal::Integrity::kHmacSha1}}};
    policy.remote = Ipv4(192, 0, 2, 2);
    policy.in_esp = SaKeys{1000, SecretBytes(36)};
    policy.out_esp = SaKeys{1001, SecretBytes(36)};
    return policy;
  }
  std::size_t Sealed(std::uint16_t fragment_offset = 0) {
    hal::Ipv4Header header;
    header.protocol = 17;
    header.total_length = 60;
    header.source = Ipv4(10, 1, 1, 1);
    header.destination = Ipv4(10, 1, 2, 1);
    header.fragment_offset = fragment_offset;
    PacketPtr packet = packets.Take();
    const ByteSpan bytes = packet->Append(60);
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{1});
    hal::WriteIpv4(bytes, header);
    std::vector<PacketPtr> burst;
    burst.push_back(std::move(packet));
    GatewayOutput out;
    gateway.Outbound(1, burst, out);
    return out.sent.size();
  }
  std::uint64_t Matches() const { return list.entries().front().matches; }

  SeededRandom random{1};
  PacketPool packets;
  std::unique_ptr<hal::SoftwareDevice> device = *hal::SoftwareDevice::Create();
  Acl list{3000};
  Gateway gateway{
      {*device, random, packets, [] { return Time(); }, [this](int acl) { return acl == 3000 ? &list : nullptr; }}};
};

TEST_F(FastGateway, OnlyTheFirstPacketOfAFlowWalksTheList) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Sealed(), 1U);
  EXPECT_EQ(Matches(), 1U);
  const std::vector<FastFlowView> flows = gateway.fast_flows();
  ASSERT_EQ(flows.size(), 1U);
  EXPECT_EQ(flows[0].interface, "GigabitEthernet0/0");
  EXPECT_EQ(flows[0].policy, "p");
  EXPECT_EQ(flows[0].destination, Ipv4(10, 1, 2, 1));
  EXPECT_EQ(flows[0].packets, 4U);
  gateway.ForgetFastSwitch();
  EXPECT_EQ(Sealed(), 1U);
  EXPECT_EQ(Matches(), 2U);
  gateway.SetFastSwitch(false);
  EXPECT_EQ(Sealed(), 1U);
  EXPECT_EQ(Sealed(), 1U);
  EXPECT_EQ(Matches(), 4U);
  EXPECT_TRUE(gateway.fast_flows().empty());
}

TEST_F(FastGateway, WhatIsConfiguredAnewIsLookedAtAnew) {
  EXPECT_EQ(Sealed(), 1U);
  AclRule deny;
  deny.id = 0;
  deny.permit = false;
  list.Set(deny);
  gateway.Configure({{1, "GigabitEthernet0/0", Ipv4(192, 0, 2, 1), 1500, {Manual()}}});
  EXPECT_EQ(Sealed(), 0U);                    // in clear
  EXPECT_TRUE(gateway.fast_flows().empty());  // what is not protected has no entry
}

}  // namespace
}  // namespace sw::ipsec
