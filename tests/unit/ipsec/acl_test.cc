// What a rule says and which packets it fits, one condition at a time; then order, counters and time ranges.
#include "ipsec/acl.h"

#include <gtest/gtest.h>

#include <array>

namespace sw::ipsec {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17, kIcmp = 1;

AclPacket Udp(Ipv4 source, Ipv4 destination, std::uint16_t source_port = 1024, std::uint16_t destination_port = 53) {
  AclPacket out;
  out.source = source;
  out.destination = destination;
  out.protocol = kUdp;
  out.upper = true;
  out.source_port = source_port;
  out.destination_port = destination_port;
  return out;
}

AclRule Permit(int id = 0) {
  AclRule out;
  out.id = id;
  out.permit = true;
  return out;
}

bool Fits(AclRule rule, const AclPacket& packet) {
  Acl acl(3000);
  acl.Set(std::move(rule));
  return acl.Match(packet).decision == AclDecision::kPermit;
}

constexpr Ipv4 kA(10, 1, 1, 7), kB(10, 1, 2, 9);

TEST(Acl, NoRuleSaysNothing) {
  Acl acl(2000);
  EXPECT_EQ(acl.Match(Udp(kA, kB)).decision, AclDecision::kNone);
  EXPECT_EQ(acl.Match(Udp(kA, kB)).rule, -1);
}

TEST(Acl, WildcardBitsDoNotMatter) {
  AclRule rule = Permit();
  rule.source = {Ipv4(10, 1, 0, 5), Ipv4(0, 0, 255, 0)};  // not contiguous: the third octet alone
  EXPECT_TRUE(Fits(rule, Udp(Ipv4(10, 1, 77, 5), kB)));
  EXPECT_FALSE(Fits(rule, Udp(Ipv4(10, 1, 77, 6), kB)));
  EXPECT_FALSE(Fits(rule, Udp(Ipv4(10, 2, 77, 5), kB)));
  rule.source = {Ipv4(10, 1, 1, 200), Ipv4(0, 0, 0, 255)};  // address bits under the wildcard are ignored too
  EXPECT_TRUE(Fits(rule, Udp(kA, kB)));
  rule.destination = {kB, Ipv4()};
  EXPECT_TRUE(Fits(rule, Udp(kA, kB)));
  EXPECT_FALSE(Fits(rule, Udp(kA, kA)));
}

TEST(Acl, ProtocolByNumberOrAny) {
  AclRule rule = Permit();
  EXPECT_TRUE(Fits(rule, Udp(kA, kB)));
  rule.protocol = kTcp;
  EXPECT_FALSE(Fits(rule, Udp(kA, kB)));
  rule.protocol = kUdp;
  EXPECT_TRUE(Fits(rule, Udp(kA, kB)));
}

struct PortCase {
  PortCondition condition;
  std::uint16_t port;
  bool fits;
};
TEST(Acl, PortOperators) {
  using enum PortOperator;
  constexpr PortCase kCases[] = {
      {{kEqual, 53}, 53, true},          {{kEqual, 53}, 54, false},
      {{kNotEqual, 53}, 53, false},      {{kNotEqual, 53}, 0, true},
      {{kGreater, 53}, 53, false},       {{kGreater, 53}, 54, true},
      {{kGreater, 65535}, 65535, false}, {{kLess, 53}, 53, false},
      {{kLess, 53}, 52, true},           {{kLess, 0}, 0, false},
      {{kRange, 20, 21}, 20, true},      {{kRange, 20, 21}, 21, true},
      {{kRange, 20, 21}, 22, false},     {{kRange, 21, 20}, 20, true},
      {{kRange, 0, 65535}, 65535, true}, {{kAny}, 7, true},
  };
  for (const PortCase& c : kCases) {
    AclRule rule = Permit();
    rule.protocol = kUdp;
    rule.source_port = c.condition;
    EXPECT_EQ(Fits(rule, Udp(kA, kB, c.port, 9)), c.fits) << static_cast<int>(c.condition.op) << " " << c.port;
    rule.source_port = {};
    rule.destination_port = c.condition;
    EXPECT_EQ(Fits(rule, Udp(kA, kB, 9, c.port)), c.fits) << static_cast<int>(c.condition.op) << " " << c.port;
  }
}

TEST(Acl, PortsThatCannotBeSeenDoNotFit) {
  AclRule rule = Permit();
  rule.protocol = kUdp;
  rule.destination_port = {PortOperator::kEqual, 0};
  AclPacket packet = Udp(kA, kB, 0, 0);
  EXPECT_TRUE(Fits(rule, packet));
  packet.upper = false;
  EXPECT_FALSE(Fits(rule, packet));
  rule.destination_port = {};
  EXPECT_TRUE(Fits(rule, packet));
}

TEST(Acl, EstablishedIsAckOrRst) {
  AclRule rule = Permit();
  rule.protocol = kTcp;
  rule.established = true;
  AclPacket packet = Udp(kA, kB);
  packet.protocol = kTcp;
  packet.tcp_flags = 0x02;  // SYN
  EXPECT_FALSE(Fits(rule, packet));
  packet.tcp_flags = 0x12;  // SYN ACK
  EXPECT_TRUE(Fits(rule, packet));
  packet.tcp_flags = 0x04;  // RST
  EXPECT_TRUE(Fits(rule, packet));
}

TEST(Acl, IcmpTypeAndCode) {
  AclRule rule = Permit();
  rule.protocol = kIcmp;
  rule.icmp = IcmpCondition{3, 4};
  AclPacket packet = Udp(kA, kB);
  packet.protocol = kIcmp;
  packet.icmp = {3, 4};
  EXPECT_TRUE(Fits(rule, packet));
  packet.icmp = {3, 1};
  EXPECT_FALSE(Fits(rule, packet));
}

TEST(Acl, DscpPrecedenceAndTosLookAtTheirBits) {
  AclPacket packet = Udp(kA, kB);
  packet.tos = 0xb8;  // EF: DSCP 46, precedence 5, TOS bits 1100
  AclRule rule = Permit();
  rule.dscp = 46;
  EXPECT_TRUE(Fits(rule, packet));
  rule.dscp = 45;
  EXPECT_FALSE(Fits(rule, packet));
  rule.dscp.reset();
  rule.precedence = 5;
  EXPECT_TRUE(Fits(rule, packet));
  rule.tos = 12;
  EXPECT_TRUE(Fits(rule, packet));
  rule.tos = 8;
  EXPECT_FALSE(Fits(rule, packet));
  rule.tos.reset();
  rule.precedence = 0;
  EXPECT_FALSE(Fits(rule, packet));
}

TEST(Acl, FragmentIsForLaterFragmentsOnly) {
  AclPacket packet = Udp(kA, kB);
  packet.later_fragment = true;
  AclRule rule = Permit();
  EXPECT_FALSE(Fits(rule, packet)) << "a rule without the word does not match later fragments";
  rule.fragment = true;
  EXPECT_TRUE(Fits(rule, packet));
  packet.later_fragment = false;
  EXPECT_FALSE(Fits(rule, packet));
}

TEST(Acl, InterfaceOfTheRule) {
  AclRule rule = Permit();
  rule.interface = "GigabitEthernet0/0.1";
  AclPacket packet = Udp(kA, kB);
  EXPECT_FALSE(Fits(rule, packet));
  packet.interface = "GigabitEthernet0/0.1";
  EXPECT_TRUE(Fits(rule, packet));
}

TEST(Acl, TheFirstRuleThatFitsDecidesAndCounts) {
  Acl acl(3000);
  AclRule deny = Permit(5);
  deny.permit = false;
  deny.source = {kA, Ipv4()};
  deny.logging = true;
  acl.Set(Permit(9));
  acl.Set(deny);
  const AclVerdict verdict = acl.Match(Udp(kA, kB));
  EXPECT_EQ(verdict.decision, AclDecision::kDeny);
  EXPECT_EQ(verdict.rule, 5);
  EXPECT_TRUE(verdict.logging);
  EXPECT_EQ(acl.Match(Udp(kB, kA)).rule, 9);
  EXPECT_EQ(acl.Peek(Udp(kB, kA)).rule, 9);
  ASSERT_EQ(acl.entries().size(), 2U);
  EXPECT_EQ(acl.entries()[0].rule.id, 5);
  EXPECT_EQ(acl.entries()[0].matches, 1U);
  EXPECT_EQ(acl.entries()[1].matches, 1U) << "peeking does not count";
  acl.Set(deny);
  EXPECT_EQ(acl.entries()[0].matches, 1U) << "the same rule again keeps its counter";
  deny.logging = false;
  acl.Set(deny);
  EXPECT_EQ(acl.entries()[0].matches, 0U) << "a changed rule starts anew";
  acl.ResetCounters();
  EXPECT_EQ(acl.entries()[1].matches, 0U);
  EXPECT_TRUE(acl.Remove(5));
  EXPECT_FALSE(acl.Remove(5));
  EXPECT_EQ(acl.Match(Udp(kA, kB)).rule, 9);
}

TEST(Acl, AutoOrderIsDepthFirst) {
  Acl acl(3000, Acl::Order::kAuto);
  auto rule = [](int id, Ipv4 source, Ipv4 destination, PortCondition port) {
    AclRule out = Permit(id);
    out.protocol = kUdp;
    out.source = {kA, source};
    out.destination = {kB, destination};
    out.destination_port = port;
    return out;
  };
  constexpr Ipv4 kHost, kNet(0, 0, 0, 255), kAny(255, 255, 255, 255);
  acl.Set(rule(0, kAny, kAny, {}));
  acl.Set(rule(1, kNet, kHost, {}));
  acl.Set(rule(2, kHost, kAny, {}));
  acl.Set(rule(3, kHost, kNet, {PortOperator::kRange, 1, 10}));
  acl.Set(rule(4, kHost, kNet, {PortOperator::kEqual, 5}));
  acl.Set(rule(5, kHost, kNet, {PortOperator::kEqual, 5}));
  std::vector<int> order;
  for (const Acl::Entry& entry : acl.entries()) order.push_back(entry.rule.id);
  EXPECT_EQ(order, (std::vector<int>{4, 5, 3, 2, 1, 0}));
}

TEST(Acl, ARuleWithATimeRangeFitsWhileItIsActive) {
  bool active = false;
  Acl acl(2000, Acl::Order::kConfig, [&](std::string_view name) { return name == "work" && active; });
  AclRule rule = Permit(0);
  rule.time_range = "work";
  acl.Set(rule);
  rule.id = 1;
  rule.permit = false;
  rule.time_range = "other";
  acl.Set(rule);
  EXPECT_EQ(acl.Match(Udp(kA, kB)).decision, AclDecision::kNone);
  active = true;
  acl.RefreshTimeRanges();
  EXPECT_EQ(acl.Match(Udp(kA, kB)).rule, 0);
  EXPECT_TRUE(acl.entries()[0].active);
  EXPECT_FALSE(acl.entries()[1].active);
}

TEST(Acl, ReadsFieldsFromAPacket) {
  std::array<std::uint8_t, 40> packet{};
  packet[0] = 0x45;
  packet[1] = 0xb8;
  packet[9] = kTcp;
  Store32(&packet[12], kA.value);
  Store32(&packet[16], kB.value);
  Store16(&packet[20], 40000);
  Store16(&packet[22], 23);
  packet[33] = 0x10;
  std::optional<AclPacket> read = AclPacket::Read(packet);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->source, kA);
  EXPECT_EQ(read->destination, kB);
  EXPECT_EQ(read->tos, 0xb8);
  EXPECT_TRUE(read->upper);
  EXPECT_EQ(read->source_port, 40000);
  EXPECT_EQ(read->destination_port, 23);
  EXPECT_EQ(read->tcp_flags, 0x10);

  EXPECT_FALSE(AclPacket::Read(ByteView(packet).first(33))->upper) << "no flags: nothing is known";
  Store16(&packet[6], 0x2001);
  EXPECT_TRUE(AclPacket::Read(packet)->later_fragment);
  EXPECT_FALSE(AclPacket::Read(packet)->upper);
  packet[0] = 0x46;
  EXPECT_FALSE(AclPacket::Read(ByteView(packet).first(22)));
  packet[0] = 0x44;
  EXPECT_FALSE(AclPacket::Read(packet));
  packet[0] = 0x65;
  EXPECT_FALSE(AclPacket::Read(packet));
  EXPECT_FALSE(AclPacket::Read({}));
}

}  // namespace
}  // namespace sw::ipsec
