#include "hal/pcie/sw8800_map.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

namespace sw::hal::pcie {
namespace {

// Registers that hold what they are given.
class Registers final : public RegisterBus {
 public:
  std::uint32_t Read32(std::uint32_t offset) override { return gone ? kAllOnes : at[offset]; }
  void Write32(std::uint32_t offset, std::uint32_t value) override {
    at[offset] = value;
    ++writes;
  }
  std::map<std::uint32_t, std::uint32_t> at;
  bool gone = false;
  int writes = 0;
};

class Sw8800MapTest : public testing::Test {
 protected:
  Sw8800MapTest() {
    bus_.at = {{kRegId, kMagic},
               {kRegRevision, Revision{.bits = {kAbiMinor, kAbiMajor}}.raw},
               {kRegMaxSas, 16},
               {kRegQueues, Queues{.bits = {64, 2, 3}}.raw},
               {kRegFeatures, Features{.bits = {1, 1, 0}}.raw},
               {kRegTransforms + 4U * 1, 2}};
  }
  Registers bus_;
  std::unique_ptr<RegisterMap> map_ = Sw8800Map(bus_);
};

TEST_F(Sw8800MapTest, IdentifiesItsCardAndSaysWhatItIsNot) {
  EXPECT_EQ(map_->Identify().trouble, Trouble::kNone);
  bus_.at[kRegFeatures] = 0;
  EXPECT_EQ(map_->Identify().trouble, Trouble::kOwnCounters);
  bus_.at[kRegRevision] = Revision{.bits = {0, kAbiMajor + 1}}.raw;
  EXPECT_EQ(map_->Identify().trouble, Trouble::kWrongRevision);
  bus_.at[kRegId] = 1;
  EXPECT_EQ(map_->Identify().trouble, Trouble::kWrongCard);
  bus_.gone = true;
  EXPECT_EQ(map_->Identify().trouble, Trouble::kAbsent);
  EXPECT_TRUE(map_->Identify().silent);
}

TEST_F(Sw8800MapTest, ANewerMinorRevisionIsTaken) {
  bus_.at[kRegRevision] = Revision{.bits = {99, kAbiMajor}}.raw;
  EXPECT_EQ(map_->Identify().trouble, Trouble::kNone);
}

TEST_F(Sw8800MapTest, ReadsTheShapeAndRefusesWhatNoCardCanHave) {
  const std::optional<CardShape> shape = map_->ReadShape();
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->sas, 16U);
  EXPECT_EQ(shape->depth, 64U);
  EXPECT_EQ(shape->queues, 2U);
  EXPECT_EQ(shape->transforms.size(), 1U);
  const std::map<std::uint32_t, std::uint32_t> right = bus_.at;
  const std::pair<std::uint32_t, std::uint32_t> wrong[] = {
      {kRegMaxSas, 0},
      {kRegMaxSas, kAllOnes},
      {kRegQueues, Queues{.bits = {0, 2, 3}}.raw},
      {kRegQueues, Queues{.bits = {kMostDepth + 1, 2, 3}}.raw},
      {kRegQueues, Queues{.bits = {64, 0, 3}}.raw},
      {kRegQueues, Queues{.bits = {64, kMostRings + 1, 255}}.raw},
      {kRegQueues, Queues{.bits = {64, 2, 2}}.raw},
      {kRegTransforms + 4U * 1, kAllOnes},
      {kRegTransforms + 4U * 1, 0},
  };
  for (const auto& [offset, value] : wrong) {
    bus_.at = right;
    bus_.at[offset] = value;
    EXPECT_FALSE(map_->ReadShape()) << offset << " " << value;
  }
}

TEST_F(Sw8800MapTest, LooksAndReads) {
  bus_.at[kRegStatus] = CardStatus{.bits = {CardState::kFault, CardFault::kOverheated, 0}}.raw;
  EXPECT_EQ(map_->Look().state, CardState::kFault);
  EXPECT_EQ(map_->Look().fault, "overheated");
  bus_.at[kRegStatus] = CardStatus{.bits = {CardState::kFault, static_cast<CardFault>(77), 0}}.raw;
  EXPECT_EQ(map_->Look().fault, "unknown");
  bus_.at[kRegTemperature] = static_cast<std::uint32_t>(-55);
  bus_.at[kRegStatistics + 8 * kStatBytes] = 1;
  bus_.at[kRegStatistics + 8 * kStatBytes + 4] = 2;
  const CardReading reading = map_->Read();
  EXPECT_EQ(reading.temperature, -5.5);
  EXPECT_EQ(reading.statistics[kStatBytes], 0x2'0000'0001U);
  bus_.gone = true;
  EXPECT_TRUE(map_->Look().gone);
}

class Sw8800QueueTest : public Sw8800MapTest {
 protected:
  static constexpr std::uint32_t kEntries = 8;
  Sw8800QueueTest() {
    memory_.resize(map_->QueueBytes(kEntries) / sizeof(std::uint64_t));
    block_ = {reinterpret_cast<std::uint8_t*>(memory_.data()), 0x1'0000'0000, map_->QueueBytes(kEntries)};
    queue_ = map_->MakeQueue(1, kEntries, block_);
  }
  Descriptor Posted(std::size_t slot) const {
    Descriptor out;
    std::memcpy(&out, block_.bytes + slot * sizeof out, sizeof out);
    return out;
  }
  void Complete(std::size_t number, std::uint16_t tag, std::uint32_t pass) {
    const Completion done{tag, CompletionStatus::kBadIcv, 0, 5, 9, pass};
    std::memcpy(block_.bytes + kEntries * sizeof(Descriptor) + number % kEntries * sizeof done, &done, sizeof done);
  }
  std::vector<std::uint64_t> memory_;
  DmaBlock block_;
  std::unique_ptr<QueuePair> queue_;
};

TEST_F(Sw8800QueueTest, IsToldWhereItsRingsAre) {
  const std::uint32_t base = std::uint32_t{kRegRings} + kRingStride;
  EXPECT_EQ(bus_.at[base + kRingSubmission], 0U);
  EXPECT_EQ(bus_.at[base + kRingSubmission + 4], 1U);
  EXPECT_EQ(bus_.at[base + kRingCompletion], kEntries * sizeof(Descriptor));
  EXPECT_EQ(bus_.at[base + kRingVector], 2U);
  EXPECT_EQ(bus_.at[base + kRingEntries], kEntries);
}

TEST_F(Sw8800QueueTest, WritesPacketsDownAndRingsOnce) {
  const Segment list[] = {{0x100, 10, 0}, {0x200, 20, 0}, {0x300, 30, 0}};
  CryptoOp op;
  op.sa = 5;
  op.cipher_length = 64;
  queue_->Packet(3, op, {std::span(list).first(2), 0x900});
  queue_->Packet(4, op, {list, 0x900});
  EXPECT_EQ(Posted(0).opcode, Opcode::kPacket);
  EXPECT_EQ(Posted(0).tag, 3U);
  EXPECT_EQ(Posted(0).packet.cipher_length, 64U);
  EXPECT_EQ(Posted(0).inline_segments[1].address, 0x200U);
  EXPECT_EQ(Posted(1).segments, 3U);
  EXPECT_EQ(Posted(1).inline_segments[0].address, 0x900U) << "the list of them";
  EXPECT_EQ(Posted(1).inline_segments[0].length, sizeof list);
  const int writes = bus_.writes;
  queue_->Ring();
  queue_->Ring();
  EXPECT_EQ(bus_.writes, writes + 1);
  EXPECT_EQ(bus_.at[kRegDoorbells + 8], 2U);
}

TEST_F(Sw8800QueueTest, TakesAnswersOfThePassItIsInAndNoOldOnes) {
  Answer answer;
  EXPECT_FALSE(queue_->Next(answer));
  for (std::uint32_t i = 0; i < 3 * kEntries; ++i) {
    Complete(i, static_cast<std::uint16_t>(i), i / kEntries % 2 == 0 ? 1 : 0);
    ASSERT_TRUE(queue_->Next(answer)) << i;
    EXPECT_EQ(answer.tag, i);
    EXPECT_EQ(answer.status, CompletionStatus::kBadIcv);
    EXPECT_EQ(answer.sa, 5U);
    EXPECT_EQ(answer.generation, 9U);
    EXPECT_FALSE(queue_->Next(answer)) << "what is there is of the pass before";
    queue_->Acknowledge();
  }
  EXPECT_EQ(bus_.at[kRegDoorbells + 8 + 4], 0U) << "the whole ring is the card's again";
}

}  // namespace
}  // namespace sw::hal::pcie
