// Pairs of SAs of a gateway: used, renewed, replaced, ended.
#include "tests/unit/ipsec/gateways.h"

namespace sw::ipsec {
namespace {

using SaStoreTest = GatewayTest;

TEST_F(SaStoreTest, RenewsBeforeTheEndWithoutLosingAPacket) {
  Protect({100, 0});
  (void)Carries();
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(Carries()) << i;
    Wait(std::chrono::seconds(1));
  }
  EXPECT_GE(agreement.asked, 6);
  EXPECT_LE(a.gateway.bundles().size(), 3U);
}

TEST_F(SaStoreTest, RenewsByTraffic) {
  Protect({0, 256});
  (void)Carries();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(Carries(1000)) << i;
  EXPECT_GE(agreement.asked, 4);
}

TEST_F(SaStoreTest, TheInitiatorSendsByTheOldSaUntilTheNewOneIsHeardOrHasSettled) {
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

TEST_F(SaStoreTest, TheResponderReceivesByPreparedSasAndSendsOnceTheyAreConfirmed) {
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

TEST_F(SaStoreTest, NothingIsSentByAnSaThatThePeerHasNeitherConfirmedNorUsed) {
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

TEST_F(SaStoreTest, AbandonedSasAreGoneAndTheOldOnesStay) {
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

TEST_F(SaStoreTest, ReplacedSasFadeAlsoWhereOnlyTrafficEndsThem) {
  Protect({0, 256});
  (void)Carries();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(Carries(1000)) << i;
  Wait(std::chrono::seconds(30));
  EXPECT_EQ(a.gateway.bundles().size(), 1U);
  EXPECT_EQ(b.gateway.bundles().size(), 1U);
}

TEST_F(SaStoreTest, EndsAtTheHardLifetimeWhenNobodyAnswers) {
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

TEST_F(SaStoreTest, ForgetsWhatThePeerDeletesOrThatDies) {
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
