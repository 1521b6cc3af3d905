// Two gateways and a key manager that agrees at once, in virtual time: selection, negotiation, renewal, ends.
#include "ipsec/gateway.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hal/soft/software_device.h"
#include "ipsec/ip_header.h"

namespace sw::ipsec {
namespace {

constexpr std::uint8_t kUdp = 17;

struct End {
  explicit End(unsigned number)
      : n(number),
        random(number),
        gateway({*device, random, packets, [this] { return now; },
                 [this](int acl) { return acl == 3000 ? &list : nullptr; }}) {}
  Ipv4 address() const { return Ipv4(192, 0, 2, n); }

  void Protect(Policy policy) {
    policy.name = "p";
    policy.number = 10;
    policy.acl = 3000;
    policy.peer = "peer";
    AclRule rule;
    rule.permit = true;
    rule.source = {Ipv4(10, 1, n, 0), Ipv4(255)};
    rule.destination = {Ipv4(10, 1, 3 - n, 0), Ipv4(255)};
    list.Set(rule);
    gateway.Configure({{1, "GigabitEthernet0/0", address(), 1500, {policy}}});
  }

  PacketPtr Datagram(std::size_t payload, bool dont_fragment = false, unsigned to = 0) {
    hal::Ipv4Header header;
    header.protocol = kUdp;
    header.total_length = 20 + payload;
    header.dont_fragment = dont_fragment;
    header.source = Ipv4(10, 1, n, 1);
    header.destination = to == 0 ? Ipv4(10, 1, 3 - n, 1) : Ipv4(to);
    PacketPtr packet = packets.Take();
    const ByteSpan bytes = packet->Append(header.total_length);
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0x5a});
    hal::WriteIpv4(bytes, header);
    return packet;
  }
  // What goes out of the port for one packet: sealed, and what stayed clear.
  std::pair<GatewayOutput, std::size_t> Out(PacketPtr packet) {
    std::vector<PacketPtr> burst;
    burst.push_back(std::move(packet));
    GatewayOutput out;
    gateway.Outbound(1, burst, out);
    return {std::move(out), burst.size()};
  }

  const unsigned n;
  Time now;
  SeededRandom random;
  PacketPool packets;
  std::unique_ptr<hal::SoftwareDevice> device = *hal::SoftwareDevice::Create();
  Acl list{3000};
  Gateway gateway;
};

Policy Isakmp(Lifetime lifetime = {3600, 1000}) {
  Policy policy;
  policy.mode = PolicyMode::kIsakmp;
  policy.proposals = {{.ah = {}, .esp = EspAlgorithms{hal::Cipher::kAesCbc, hal::Integrity::kHmacSha1}}};
  policy.lifetime = lifetime;
  return policy;
}

// Plays both ends of IKE: asks the other end's policies, installs on both sides.
class Agreement final : public KeyManager {
 public:
  Agreement(End& a, End& b) : a_(a), b_(b) { a.gateway.SetKeyManager(this); }
  ~Agreement() override { a_.gateway.SetKeyManager(nullptr); }

  void Acquire(const Wish& wish) override {
    ++asked;
    if (silent) return;
    const Selector mirrored{wish.flow.remote, wish.flow.local, wish.flow.protocol, wish.flow.remote_port,
                            wish.flow.local_port};
    const auto accepted =
        b_.gateway.Judge({"peer", b_.address(), a_.address(), mirrored, wish.proposals, wish.pfs, wish.lifetime});
    if (!accepted) return a_.gateway.Failed(wish, "no proposal");
    const Protection protection = wish.proposals[accepted->proposal];
    const std::size_t size = KeyBytes(protection, SaProtocol::kEsp);
    SaKeys there{b_.gateway.AllocateSpi(SaProtocol::kEsp), SecretBytes(size)};
    SaKeys here{a_.gateway.AllocateSpi(SaProtocol::kEsp), SecretBytes(size)};
    a_.random.Fill(there.keys.span());
    a_.random.Fill(here.keys.span());
    AgreedSas sas{.policy = accepted->policy,
                  .peer = "peer",
                  .local = b_.address(),
                  .remote = a_.address(),
                  .nat_port = {},
                  .flow = mirrored,
                  .protection = protection,
                  .lifetime = accepted->lifetime,
                  .initiator = false,
                  .in_esp = there,
                  .in_ah = {},
                  .out_esp = here,
                  .out_ah = {}};
    b_.gateway.Install(sas);
    sas = {.policy = wish.policy,
           .peer = "peer",
           .local = a_.address(),
           .remote = b_.address(),
           .nat_port = {},
           .flow = wish.flow,
           .protection = protection,
           .lifetime = accepted->lifetime,
           .initiator = true,
           .in_esp = here,
           .in_ah = {},
           .out_esp = there,
           .out_ah = {}};
    a_.gateway.Install(sas);
  }
  void Withdraw(const std::string&, Ipv4, SaProtocol, std::uint32_t) override { ++withdrawn; }
  void Heard(const std::string&, Ipv4) override { ++heard; }
  void Sending(const std::string&, Ipv4) override { ++sending; }

  bool silent = false;
  int asked = 0, withdrawn = 0, heard = 0, sending = 0;

 private:
  End &a_, &b_;
};

class GatewayTest : public testing::Test {
 protected:
  void Protect(Lifetime lifetime = {3600, 1000}) {
    a.Protect(Isakmp(lifetime));
    b.Protect(Isakmp());
  }
  // From a to b: true when it came out whole and equal.
  bool Carries(std::size_t payload = 100) {
    const PacketPtr before = a.Datagram(payload);
    auto [sent, clear] = a.Out(a.Datagram(payload));
    if (clear != 0 || sent.sent.size() != 1) return false;
    std::vector<PacketPtr> burst;
    burst.push_back(std::move(sent.sent[0].packet));
    GatewayOutput out;
    b.gateway.Receive(burst, out);
    return out.delivered.size() == 1 && std::ranges::equal(out.delivered[0].packet->data(), before->data());
  }
  void Wait(std::chrono::seconds time) {
    a.now = b.now = a.now + time;
    a.gateway.OnTimer();
    b.gateway.OnTimer();
  }
  End a{1}, b{2};
  Agreement agreement{a, b};
};

TEST_F(GatewayTest, DropsWhileNegotiatingAndCarriesAfterwards) {
  Protect();
  EXPECT_FALSE(Carries());  // it asked
  EXPECT_EQ(agreement.asked, 1);
  EXPECT_TRUE(Carries());
  EXPECT_TRUE(Carries());
  EXPECT_EQ(agreement.asked, 1);
  EXPECT_EQ(agreement.sending, 2);
}

TEST_F(GatewayTest, SendsInClearWhatNoPolicyPermits) {
  Protect();
  auto [out, clear] = a.Out(a.Datagram(10, false, Ipv4(203, 0, 113, 1).value));
  EXPECT_EQ(clear, 1U);
  EXPECT_EQ(agreement.asked, 0);
}

TEST_F(GatewayTest, RenewsBeforeTheEndWithoutLosingAPacket) {
  Protect({100, 0});
  (void)Carries();
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(Carries()) << i;
    Wait(std::chrono::seconds(1));
  }
  EXPECT_GE(agreement.asked, 6);
  EXPECT_LE(a.gateway.bundles().size(), 3U);
}

TEST_F(GatewayTest, RenewsByTraffic) {
  Protect({0, 256});
  (void)Carries();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(Carries(1000)) << i;
  EXPECT_GE(agreement.asked, 4);
}

TEST_F(GatewayTest, TheInitiatorSendsByTheOldSaUntilTheNewOneIsHeardOrHasSettled) {
  Protect({200, 0});
  (void)Carries();
  const auto spi = [this] {
    auto [sent, clear] = a.Out(a.Datagram(100));
    return sent.sent.size() == 1 ? Load32(&sent.sent[0].packet->data()[20]) : 0;
  };
  for (const bool heard : {false, true}) {
    ASSERT_TRUE(Carries());
    const std::uint32_t old = spi();
    Wait(std::chrono::seconds(161));  // 80 percent
    ASSERT_EQ(a.gateway.bundles().size(), 2U);
    EXPECT_EQ(spi(), old);
    if (heard) {
      auto [sent, clear] = b.Out(b.Datagram(100));
      ASSERT_EQ(sent.sent.size(), 1U);
      GatewayOutput out;
      std::vector<PacketPtr> burst;
      burst.push_back(std::move(sent.sent[0].packet));
      a.gateway.Receive(burst, out);
      ASSERT_EQ(out.delivered.size(), 1U);
    } else {
      Wait(std::chrono::seconds(1));
    }
    EXPECT_NE(spi(), old);
    EXPECT_TRUE(Carries());
    Wait(std::chrono::seconds(30));
    EXPECT_EQ(a.gateway.bundles().size(), 1U);  // the old one has faded
  }
}

TEST_F(GatewayTest, ReplacedSasFadeAlsoWhereOnlyTrafficEndsThem) {
  Protect({0, 256});
  (void)Carries();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(Carries(1000)) << i;
  Wait(std::chrono::seconds(30));
  EXPECT_EQ(a.gateway.bundles().size(), 1U);
  EXPECT_EQ(b.gateway.bundles().size(), 1U);
}

TEST_F(GatewayTest, EndsAtTheHardLifetimeWhenNobodyAnswers) {
  Protect({100, 0});
  (void)Carries();
  EXPECT_TRUE(Carries());
  agreement.silent = true;
  Wait(std::chrono::seconds(99));
  EXPECT_TRUE(Carries());
  Wait(std::chrono::seconds(2));
  EXPECT_FALSE(Carries());
  EXPECT_TRUE(a.gateway.bundles().empty());
  EXPECT_EQ(agreement.withdrawn, 1);
}

TEST_F(GatewayTest, AgreesOnTheSmallerLifetimeAndRefusesWiderFlows) {
  Protect({200, 500});
  Offer offer{"peer", b.address(), a.address(), {}, Isakmp().proposals, hal::DhGroup::kNone, {200, 5000}};
  offer.flow.local = {Ipv4(10, 1, 2, 0), Ipv4(10, 1, 2, 255)};
  offer.flow.remote = {Ipv4(10, 1, 1, 0), Ipv4(10, 1, 1, 255)};
  const auto accepted = b.gateway.Judge(offer);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(accepted->lifetime, (Lifetime{200, 1000}));
  offer.flow.remote.last = Ipv4(10, 1, 9, 255);
  EXPECT_FALSE(b.gateway.Judge(offer).has_value());
  offer.flow.remote.last = Ipv4(10, 1, 1, 7);
  EXPECT_TRUE(b.gateway.Judge(offer).has_value());
  offer.pfs = hal::DhGroup::kModp1024;
  EXPECT_FALSE(b.gateway.Judge(offer).has_value());
}

TEST_F(GatewayTest, TellsThePathMtuToWhoForbidsFragments) {
  Protect();
  (void)Carries();
  auto [out, clear] = a.Out(a.Datagram(1460, true));
  ASSERT_EQ(out.sent.size(), 1U);
  const auto error = hal::ParseIpv4(out.sent[0].packet->data());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->protocol, hal::kProtocolIcmp);
  EXPECT_EQ(error->destination, Ipv4(10, 1, 1, 1));
  const std::uint16_t mtu = Load16(&out.sent[0].packet->data()[26]);
  EXPECT_EQ(mtu, 1438);  // AES and SHA1: 20 + 8 + 16 + 1440 + 12 = 1496
  auto [fits, none] = a.Out(a.Datagram(mtu - 20U, true));
  ASSERT_EQ(fits.sent.size(), 1U);
  EXPECT_LE(fits.sent[0].packet->size(), 1500U);
}

TEST_F(GatewayTest, BelievesIcmpAboutItsOwnSasOnly) {
  Protect();
  (void)Carries();
  auto [sealed, clear] = a.Out(a.Datagram(100));
  Bytes quoted(sealed.sent[0].packet->data().begin(), sealed.sent[0].packet->data().begin() + 28);
  a.gateway.PathMtu(quoted, 1300);
  EXPECT_EQ(a.gateway.bundles()[0].path_mtu, 1300U);
  a.gateway.PathMtu(quoted, 68);
  EXPECT_EQ(a.gateway.bundles()[0].path_mtu, 1300U);
  quoted[23] ^= 1;  // the SPI
  a.gateway.PathMtu(quoted, 1000);
  EXPECT_EQ(a.gateway.bundles()[0].path_mtu, 1300U);
}

TEST_F(GatewayTest, RefusesReplaysAndForgeries) {
  Protect();
  (void)Carries();
  auto [sealed, clear] = a.Out(a.Datagram(100));
  const Bytes wire(sealed.sent[0].packet->data().begin(), sealed.sent[0].packet->data().end());
  for (std::size_t i = 28; i < wire.size(); ++i) {
    Bytes forged = wire;
    forged[i] ^= 0x40;
    std::vector<PacketPtr> burst;
    burst.push_back(b.packets.Copy(forged));
    GatewayOutput out;
    b.gateway.Receive(burst, out);
    EXPECT_TRUE(out.delivered.empty()) << i;
  }
  for (const std::size_t expected : {std::size_t{1}, std::size_t{0}}) {
    std::vector<PacketPtr> burst;
    burst.push_back(b.packets.Copy(wire));
    GatewayOutput out;
    b.gateway.Receive(burst, out);
    EXPECT_EQ(out.delivered.size(), expected);
  }
  EXPECT_EQ(b.gateway.statistics().causes[static_cast<std::size_t>(Cause::kReplay)], 1U);
}

TEST_F(GatewayTest, ForgetsWhatThePeerDeletesOrThatDies) {
  Protect();
  (void)Carries();
  const BundleView bundle = b.gateway.bundles().at(0);
  b.gateway.Deleted("peer", SaProtocol::kEsp, bundle.out_esp->spi);
  EXPECT_TRUE(b.gateway.bundles().empty());
  a.gateway.PeerLost("peer", b.address());
  EXPECT_TRUE(a.gateway.bundles().empty());
  EXPECT_EQ(agreement.withdrawn, 0);
}

}  // namespace
}  // namespace sw::ipsec
