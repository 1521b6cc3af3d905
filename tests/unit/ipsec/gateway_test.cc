// Two gateways in virtual time: selection, negotiation, renewal, ends.
#include "tests/unit/ipsec/gateways.h"

namespace sw::ipsec {
namespace {

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

TEST_F(GatewayTest, TheResponderReceivesByPreparedSasAndSendsOnceTheyAreConfirmed) {
  Protect();
  agreement.unconfirmed = true;
  EXPECT_FALSE(Carries());
  EXPECT_TRUE(b.gateway.bundles().empty());
  EXPECT_TRUE(Carries());  // by SAs that the responder has only prepared
  agreement.Confirm();
  ASSERT_EQ(b.gateway.bundles().size(), 1U);
  auto [sent, clear] = b.Out(b.Datagram(100));
  EXPECT_EQ(sent.sent.size(), 1U);
}

TEST_F(GatewayTest, NothingIsSentByAnSaThatThePeerHasNeitherConfirmedNorUsed) {
  Protect();
  agreement.unconfirmed = true;
  EXPECT_FALSE(Carries());
  auto [sent, clear] = b.Out(b.Datagram(100));
  EXPECT_EQ(clear, 0U);
  EXPECT_TRUE(sent.sent.empty());
  EXPECT_TRUE(Carries());  // using them says that it has them
  auto [later, still] = b.Out(b.Datagram(100));
  EXPECT_EQ(later.sent.size(), 1U);
}

TEST_F(GatewayTest, AbandonedSasAreGoneAndTheOldOnesStay) {
  Protect({200, 0});
  (void)Carries();
  ASSERT_TRUE(Carries());
  agreement.unconfirmed = true;
  Wait(std::chrono::seconds(161));  // 80 percent: renewed, never confirmed
  agreement.Abandon();
  ASSERT_EQ(b.gateway.bundles().size(), 1U);
  EXPECT_EQ(b.gateway.bundles()[0].seconds_left, 200 - 161);
  EXPECT_TRUE(Carries());  // by the old ones, until the new ones settle
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
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(accepted->lifetime, (Lifetime{200, 1000}));
  offer.flow.remote.last = Ipv4(10, 1, 9, 255);
  EXPECT_FALSE(b.gateway.Judge(offer).ok());
  offer.flow.remote.last = Ipv4(10, 1, 1, 7);
  EXPECT_TRUE(b.gateway.Judge(offer).ok());
  offer.pfs = hal::DhGroup::kModp1024;
  EXPECT_FALSE(b.gateway.Judge(offer).ok());
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
  b.gateway.Deleted(SaProtocol::kEsp, bundle.in_esp->spi);
  EXPECT_TRUE(b.gateway.bundles().empty());
  a.gateway.PeerLost("peer", b.address());
  EXPECT_TRUE(a.gateway.bundles().empty());
  EXPECT_EQ(agreement.withdrawn, 0);
}

}  // namespace
}  // namespace sw::ipsec
