// `reset encrypt-card sa`: the card's table is emptied and written anew while traffic runs.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/hal/failover/pair.h"

namespace sw::hal {
namespace {

using pcie::Trouble;

TEST(FailoverDevice, TheCardsTableIsWrittenAnewUnderTrafficInOrder) {
  for (const bool backup : {false, true}) {
    Pair pair;
    pair.device->SetBackup(backup);
    pair.device->SetShadow(100);
    Traffic traffic(pair);
    const SaHandle idle = *pair.device->AddSa(
        {Direction::kOpen, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
    std::vector<std::string> said;
    pair.card.trace().Listen([&](pcie::TraceTopic, std::string text) { said.push_back(std::move(text)); },
                             [](pcie::TraceTopic topic) { return topic == pcie::TraceTopic::kSa; });
    traffic.Run(3);
    traffic.Send(3);  // with the card
    ASSERT_TRUE(pair.device->RewriteSas());
    EXPECT_EQ(said.size(), 1U);  // the idle one at once
    const std::size_t sent = traffic.sent();
    traffic.Send(1);
    EXPECT_EQ(traffic.sent(), sent);  // waits for those before it
    traffic.Run(4);
    EXPECT_EQ(said.size(), 2U);
    EXPECT_GT(traffic.sent(), sent + 8);
    EXPECT_EQ(traffic.ok(), traffic.sent());
    EXPECT_EQ(traffic.wrong(), 0U);
    EXPECT_EQ(pair.card.sas(), 2U);
    EXPECT_EQ(pair.device->counters().on_software, 0U);
    EXPECT_TRUE(pair.device->RemoveSa(idle).ok());
    pair.card.trace().Listen({}, {});
  }
}

TEST(FailoverDevice, ATableThatIsFullIsWrittenAnewToo) {
  Pair pair(80, 16);
  std::vector<SaHandle> sas;
  const SaSpec spec{Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)};
  for (int i = 0; i < 80; ++i) {
    const auto sa = pair.device->AddSa(spec);
    ASSERT_TRUE(sa.ok()) << i << sa.why();
    sas.push_back(*sa);
    pair.device->Poll();
  }
  ASSERT_TRUE(pair.device->RewriteSas());
  pair.Pass(50ms);
  EXPECT_TRUE(pair.device->on_card());
  EXPECT_EQ(pair.card.sas(), 80U);
  EXPECT_EQ(pair.card.counters().troubles[static_cast<std::size_t>(Trouble::kSaRefused)], 0U);
  for (const SaHandle sa : sas) EXPECT_TRUE(pair.device->RemoveSa(sa).ok());
  pair.device->SetShutDown(true);
  EXPECT_FALSE(pair.device->RewriteSas());
}

TEST(FailoverDevice, ACardThatFailsWhileItsTableIsWrittenLeavesNothingWaiting) {
  Pair pair;
  pair.device->SetBackup(true);
  Traffic traffic(pair);
  traffic.Run(2);
  pair.transport.card().Arm(*card::ParseFaultPlan("stuck@1"));
  traffic.Send(3);
  ASSERT_TRUE(pair.device->RewriteSas());
  traffic.Run(40);
  EXPECT_FALSE(pair.device->on_card());
  pair.Pass(3s);
  EXPECT_TRUE(pair.device->on_card());
  traffic.Run(4);
  EXPECT_EQ(traffic.ok(), traffic.sent());
  EXPECT_EQ(traffic.wrong(), 0U);
}

}  // namespace
}  // namespace sw::hal
