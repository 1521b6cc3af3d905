// Card first, software on fault, back when the card has proved itself: every fault of the plan through both engines.
#include "hal/failover/failover_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "hal/testing/crypto_device_contract.h"
#include "tests/unit/hal/failover/pair.h"

namespace sw::hal {
namespace {

using What = FailoverEvent::What;
using pcie::Trouble;

// For the contract: the pair as one engine.
class OwnedPair final : public CryptoDevice {
 public:
  OwnedPair(std::size_t max_sas, std::size_t depth, bool card_down) : pair_(max_sas, depth) {
    pair_.device->SetBackup(true);
    pair_.device->SetShadow(50);
    if (card_down) pair_.device->SetShutDown(true);
  }
  const Capabilities& capabilities() const override { return pair_.device->capabilities(); }
  Health health() const override { return pair_.device->health(); }
  Status Validate(const SaSpec& spec) const override { return pair_.device->Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return pair_.device->AddSa(spec); }
  Status RemoveSa(SaHandle sa) override { return pair_.device->RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return pair_.device->Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return pair_.device->Complete(done); }

 private:
  Pair pair_;
};
INSTANTIATE_TEST_SUITE_P(Failover, CryptoDeviceContract,
                         testing::Values(Engine{"card with backup",
                                                [](std::size_t s, std::size_t d) {
                                                  return std::make_unique<OwnedPair>(s, d, false);
                                                }},
                                         Engine{"backup of a card", [](std::size_t s, std::size_t d) {
                                                  return std::make_unique<OwnedPair>(s, d, true);
                                                }}));

// One row a fault: what it is called, whether the packets in flight at that moment are done again.
struct Row {
  const char* plan;
  Trouble trouble;
};
constexpr Row kRows[] = {
    {"fail@9", Trouble::kFaultState},       {"stuck@9", Trouble::kHung},
    {"drop@9", Trouble::kOutOfOrder},       {"double@9", Trouble::kCompletedTwice},
    {"reorder@9", Trouble::kOutOfOrder},    {"bad-index@9", Trouble::kBadIndex},
    {"reset@9", Trouble::kResetItself},     {"disappear@9", Trouble::kGone},
    {"overheat@9", Trouble::kFaultState},   {"slow@9=60", Trouble::kHung},
    {"corrupt@9x1", Trouble::kWrongResult},
};

class EveryFault : public testing::TestWithParam<Row> {};

TEST_P(EveryFault, IsSaidCountedTakenOverWithoutLossAndEndsWithTheCardBack) {
  for (const auto& [cipher, integrity] :
       {std::pair{Cipher::kAesCbc, Integrity::kHmacSha1}, std::pair{Cipher::kAesGcm128, Integrity::kAead}}) {
    Pair pair;
    ASSERT_TRUE(pair.device->on_card());
    pair.device->SetBackup(true);
    pair.device->SetShadow(100);
    Traffic traffic(pair, cipher, integrity);
    pair.transport.card().Arm(*card::ParseFaultPlan(GetParam().plan));
    traffic.Run(40);
    EXPECT_FALSE(pair.device->on_card());
    EXPECT_EQ(pair.card.trouble(), GetParam().trouble) << pair.card.trouble_text();
    EXPECT_EQ(pair.card.counters().troubles[static_cast<std::size_t>(GetParam().trouble)], 1U);
    EXPECT_NE(pair.Said(What::kCardFailed).find(pcie::Text(GetParam().trouble).sentence), std::string::npos);
    EXPECT_NE(pair.Said(What::kToSoftware).find("software takes over 1 SAs"), std::string::npos);
    // Nothing is lost, nothing doubled, nothing differs from what the key and the number alone decide.
    EXPECT_EQ(traffic.ok(), traffic.sent());
    EXPECT_EQ(traffic.wrong(), 0U);
    EXPECT_EQ(pair.device->counters().lost, 0U);
    pair.Pass(2s);
    EXPECT_TRUE(pair.device->on_card()) << pair.card.trouble_text();
    EXPECT_NE(pair.Said(What::kBackToCard).find("32 probe packets"), std::string::npos);
    const std::uint64_t on_card = pair.device->counters().on_card;
    traffic.Run(10);
    EXPECT_EQ(traffic.ok(), traffic.sent());
    EXPECT_EQ(traffic.wrong(), 0U);
    EXPECT_GT(pair.device->counters().on_card, on_card);
  }
}
INSTANTIATE_TEST_SUITE_P(Plan, EveryFault, testing::ValuesIn(kRows), [](const auto& row) {
  std::string name(row.param.plan);
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
});

TEST(FailoverDevice, WithoutBackupPacketsInFlightAreCountedAndTheRestWaits) {
  Pair pair;
  Traffic traffic(pair);
  pair.transport.card().Arm(*card::ParseFaultPlan("stuck@3"));
  traffic.Send(6);
  pair.Pass(60ms);
  traffic.Receive();
  EXPECT_EQ(traffic.faulted(), 4U);
  EXPECT_EQ(pair.device->counters().lost, 4U);
  EXPECT_EQ(pair.device->health(), Health::kDown);
  EXPECT_NE(pair.Said(What::kNoBackup).find("4 packets in flight are lost"), std::string::npos);
  const std::size_t sent = traffic.sent();
  traffic.Send(1);
  EXPECT_EQ(traffic.sent(), sent);
  EXPECT_EQ(pair.device->AddSa({}).status().code(), Code::kDevice);
  pair.Pass(2s);
  EXPECT_TRUE(pair.device->on_card());
  traffic.Run(5);
  EXPECT_EQ(traffic.ok(), traffic.sent() - 4);
}

TEST(FailoverDevice, EachFailureSoonAfterAReturnDoublesTheWait) {
  Pair pair;
  pair.device->SetBackup(true);
  Traffic traffic(pair);
  Duration last{};
  for (int i = 0; i < 5; ++i) {
    pair.transport.card().Arm(*card::ParseFaultPlan("fail@1"));
    traffic.Run(10);
    ASSERT_FALSE(pair.device->on_card());
    const Duration wait = pair.device->next_attempt() - pair.now;
    EXPECT_GT(wait, last + last / 2);
    last = wait;
    pair.Pass(wait + 100ms);
    ASSERT_TRUE(pair.device->on_card());
  }
  pair.Pass(31s, 100ms);  // good behaviour
  pair.transport.card().Arm(*card::ParseFaultPlan("fail@1"));
  traffic.Run(10);
  EXPECT_LE(pair.device->next_attempt() - pair.now, 1s);
}

TEST(FailoverDevice, ACardThatFailsItsSelfTestDoesNotComeBackUntilItPasses) {
  Pair pair;
  pair.device->SetBackup(true);
  Traffic traffic(pair);
  pair.transport.card().Arm(*card::ParseFaultPlan("fail@2,self-testx2"));
  traffic.Run(10);
  pair.Pass(2s);
  EXPECT_FALSE(pair.device->on_card());
  EXPECT_EQ(pair.card.trouble(), Trouble::kSelfTestFailed);
  traffic.Run(10);
  EXPECT_EQ(traffic.ok(), traffic.sent());
  pair.Pass(30s);
  EXPECT_TRUE(pair.device->on_card()) << pair.card.trouble_text();
}

TEST(FailoverDevice, ACardThatComputesAProbeWronglyDoesNotComeBack) {
  Pair pair;
  pair.device->SetBackup(true);
  Traffic traffic(pair);
  pair.transport.card().Arm(*card::ParseFaultPlan("fail@2,corrupt@20x3"));
  traffic.Run(10);
  pair.Pass(1200ms);
  EXPECT_FALSE(pair.device->on_card());
  EXPECT_EQ(pair.card.trouble(), Trouble::kProbeFailed);
  pair.Pass(10s);
  EXPECT_TRUE(pair.device->on_card());
}

// What one probe leaves behind in the driver is not taken for the next one's.
TEST(FailoverDevice, ASlowCardThatComputesAProbeWronglyComesBackToo) {
  Pair pair;
  pair.device->SetBackup(true);
  pair.device->SetShutDown(true);
  pair.transport.card().Arm(*card::ParseFaultPlan("corrupt@3,slow@1x40=1"));
  pair.device->SetShutDown(false);
  pair.Pass(200ms, 1ms);
  ASSERT_EQ(pair.card.trouble(), Trouble::kProbeFailed) << pair.card.trouble_text();
  pair.Pass(10s);
  EXPECT_TRUE(pair.device->on_card()) << pair.card.trouble_text();
}

// It got some of its SAs when it failed: none of them is taken to be there the next time.
TEST(FailoverDevice, ACardThatFailsWhileItGetsItsSasGetsThemAllTheNextTime) {
  Pair pair(80);
  for (int i = 0; i < 80; ++i) {
    ASSERT_TRUE(
        pair.device->AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)})
            .ok());
    pair.device->Poll();
  }
  pair.device->SetBackup(true);
  pair.device->SetShutDown(true);
  pair.transport.card().Arm(*card::ParseFaultPlan("slow@32x1000=5"));  // after the probe
  pair.device->SetShutDown(false);
  for (int i = 0; i < 1000 && pair.card.sas() < 2; ++i) pair.Pass(1ms, 1ms);
  ASSERT_GE(pair.card.sas(), 2U);
  ASSERT_FALSE(pair.device->on_card());
  pair.card.Fail(Trouble::kHung);
  pair.Pass(5s);
  ASSERT_TRUE(pair.device->on_card()) << pair.card.trouble_text();
  EXPECT_EQ(pair.card.sas(), 80U);
}

TEST(FailoverDevice, ARefusedIcvIsCheckedBySoftwareEvenWithoutShadow) {
  Pair pair;
  pair.device->SetBackup(true);
  const SaSpec spec{Direction::kOpen, Cipher::kNull, Integrity::kHmacSha1, {}, SecretBytes(20)};
  SaSpec seal_spec = spec;
  seal_spec.direction = Direction::kSeal;
  const SaHandle open = *pair.device->AddSa(spec), seal = *pair.device->AddSa(seal_spec);
  Bytes packet(44, 1);
  CryptoOp op, done;
  op.sa = seal;
  op.data = packet.data();
  op.size = 44;
  op.cipher_length = op.auth_length = op.icv_offset = 32;
  pair.device->Submit({&op, 1});
  ASSERT_EQ(pair.device->Complete({&done, 1}), 1U);
  op.sa = open;
  packet[3] ^= 1;  // forged by somebody: the card is right, and stays
  pair.device->Submit({&op, 1});
  ASSERT_EQ(pair.device->Complete({&done, 1}), 1U);
  EXPECT_EQ(done.verdict, Verdict::kBadIcv);
  EXPECT_TRUE(pair.device->on_card());
  EXPECT_EQ(pair.device->counters().shadowed, 1U);
}

TEST(FailoverDevice, TheOperatorTakesTheCardOutAndPutsItBack) {
  Pair pair;
  pair.device->SetBackup(true);
  Traffic traffic(pair);
  traffic.Run(3);
  traffic.Send(4);
  pair.device->SetShutDown(true);
  traffic.Run(3);
  EXPECT_EQ(pair.card.trouble(), Trouble::kShutDown);
  pair.Pass(120s, 100ms);
  EXPECT_FALSE(pair.device->on_card());
  pair.device->SetShutDown(false);
  pair.Pass(100ms);
  EXPECT_TRUE(pair.device->on_card());
  traffic.Run(3);
  EXPECT_EQ(traffic.ok(), traffic.sent());
}

TEST(FailoverDevice, SasThatComeAndGoWhileTheCardIsAwayAreRightWhenItReturns) {
  Pair pair;
  pair.device->SetBackup(true);
  const auto add = [&] {
    return *pair.device->AddSa(
        {Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
  };
  const SaHandle first = add(), second = add();
  pair.device->SetShutDown(true);
  EXPECT_TRUE(pair.device->RemoveSa(first).ok());
  const SaHandle third = add();
  EXPECT_NE(third, first);
  pair.device->SetShutDown(false);
  pair.Pass(200ms);
  ASSERT_TRUE(pair.device->on_card());
  EXPECT_EQ(pair.card.sas(), 2U);
  EXPECT_EQ(pair.device->RemoveSa(first).code(), Code::kNotFound);
  EXPECT_TRUE(pair.device->RemoveSa(second).ok());
  EXPECT_TRUE(pair.device->RemoveSa(third).ok());
  EXPECT_EQ(pair.card.sas(), 0U);
}

}  // namespace
}  // namespace sw::hal
