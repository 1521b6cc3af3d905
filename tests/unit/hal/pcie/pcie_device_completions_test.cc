// What a card may write into a completion ring, and what the driver makes of each: every branch that doubts it.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/hal/pcie/scripted_driver.h"

namespace sw::hal::pcie {
namespace {

constexpr std::uint16_t kPacketTag = 0, kNextTag = 1, kCommandTag = 4;  // the driver's first, with four packets
constexpr std::uint32_t kSa = 16, kGeneration = 2, kEntries = 256;

struct Row {
  const char* name;
  Completion completion;
  Trouble trouble;  // kNone: the card is believed
};
constexpr CompletionStatus kUnknown{9};
constexpr Row kRows[] = {
    {"Done", {kPacketTag, CompletionStatus::kOk, 0, kSa, kGeneration, 1}, Trouble::kNone},
    {"NotWrittenYet", {kPacketTag, CompletionStatus::kOk, 0, kSa, kGeneration, 0}, Trouble::kNone},
    {"RangesImpossible", {kPacketTag, CompletionStatus::kBadShape, 0, kSa, kGeneration, 1}, Trouble::kNone},
    {"OfAnotherGeneration", {kPacketTag, CompletionStatus::kOk, 0, kSa, 3, 1}, Trouble::kResetItself},
    {"OfNoIndex", {999, CompletionStatus::kOk, 0, kSa, kGeneration, 1}, Trouble::kBadIndex},
    {"OfAnIndexThatIsFree", {3, CompletionStatus::kOk, 0, kSa, kGeneration, 1}, Trouble::kCompletedTwice},
    {"OfAnotherSa", {kPacketTag, CompletionStatus::kOk, 0, kSa + 1, kGeneration, 1}, Trouble::kBadIndex},
    {"BeforeItsPredecessor", {kNextTag, CompletionStatus::kOk, 0, kSa, kGeneration, 1}, Trouble::kOutOfOrder},
    {"BadIcvOfASeal", {kPacketTag, CompletionStatus::kBadIcv, 0, kSa, kGeneration, 1}, Trouble::kBadCompletion},
    {"NoSaOfAnSaThatIsThere", {kPacketTag, CompletionStatus::kNoSa, 0, kSa, kGeneration, 1}, Trouble::kBadCompletion},
    {"PacketRefused", {kPacketTag, CompletionStatus::kRefused, 0, kSa, kGeneration, 1}, Trouble::kBadCompletion},
    {"UnknownStatus", {kPacketTag, kUnknown, 0, kSa, kGeneration, 1}, Trouble::kBadCompletion},
    {"Failed", {kPacketTag, CompletionStatus::kFault, 0, kSa, kGeneration, 1}, Trouble::kOperationFailed},
    {"SaDone", {kCommandTag, CompletionStatus::kOk, 0, kSa, kGeneration, 1}, Trouble::kNone},
    {"SaRefused", {kCommandTag, CompletionStatus::kRefused, 0, kSa, kGeneration, 1}, Trouble::kSaRefused},
};

class EveryCompletion : public ScriptedDriver, public testing::WithParamInterface<Row> {};

TEST_P(EveryCompletion, IsBelievedOrTakesTheCardOutWithItsName) {
  ToRunning();
  bus_.Answer(StatusWord(CardState::kRunning));
  const auto sa =
      driver_.AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
  ASSERT_TRUE(sa.ok());
  ASSERT_EQ(*sa, kSa);
  const Bytes before(16 + 32 + 12, 7);
  Bytes packets[2] = {before, before};
  CryptoOp ops[2];
  for (std::size_t i = 0; i < 2; ++i) {
    ops[i].sa = *sa;
    ops[i].data = packets[i].data();
    ops[i].size = 60;
    ops[i].cipher_offset = 16;
    ops[i].cipher_length = 32;
    ops[i].auth_length = ops[i].icv_offset = 48;
    ops[i].context = i;
  }
  ASSERT_EQ(driver_.Submit(ops), 2U);
  std::memcpy(bus_.blocks.front().get() + kEntries * sizeof(Descriptor), &GetParam().completion, sizeof(Completion));
  driver_.Poll();
  EXPECT_EQ(driver_.trouble(), GetParam().trouble) << driver_.trouble_text();
  CryptoOp done[2];
  if (GetParam().trouble == Trouble::kNone) {
    EXPECT_EQ(driver_.state(), BringUp::kRunning);
    const bool packet = GetParam().completion.tag == kPacketTag && GetParam().completion.flag == 1;
    EXPECT_EQ(driver_.Complete(done), packet ? 1U : 0U);
    return;
  }
  EXPECT_EQ(driver_.state(), BringUp::kFailed);
  EXPECT_EQ(driver_.counters().troubles[static_cast<std::size_t>(GetParam().trouble)], 1U);
  // Both come back, in order, undone and untouched.
  ASSERT_EQ(driver_.Complete(done), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(done[i].context, i);
    EXPECT_EQ(done[i].verdict, Verdict::kFault);
    EXPECT_EQ(packets[i], before);
  }
  EXPECT_EQ(driver_.in_flight(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Card, EveryCompletion, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace sw::hal::pcie
