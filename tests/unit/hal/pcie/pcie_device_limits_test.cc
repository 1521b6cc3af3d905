// The driver at its limits and the card's: tables that fill, rings that wrap, packets that are none, reports that come
// while another is looked at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "hal/pcie/codes.h"
#include "hal/pcie/pcie_device.h"
#include "hal/testing/mock_transport.h"

namespace sw::hal::pcie {
namespace {

using namespace std::chrono_literals;
using testing::_;
using testing::AnyNumber;
using testing::AtLeast;
using testing::NiceMock;

constexpr std::uint32_t kEntries = 256;  // twice four packets and 64 commands, as a power of two
constexpr std::uint16_t kFirstCommand = 4, kCommands = 64;

class Limits : public testing::Test {
 protected:
  void Run() {
    for (int i = 0; i < 8 && driver_->state() != BringUp::kRunning; ++i) driver_->Poll();
    ASSERT_EQ(driver_->state(), BringUp::kRunning) << driver_->trouble_text();
  }
  static SaSpec Spec(Direction direction = Direction::kSeal) {
    return {direction, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)};
  }
  // An SA that the card has taken: the first of its command tags.
  SaHandle Sa(Direction direction = Direction::kSeal) {
    const Result<SaHandle> sa = driver_->AddSa(Spec(direction));
    EXPECT_TRUE(sa.ok());
    if (sa.ok()) Completes(kFirstCommand, *sa);
    driver_->Poll();
    return sa.ok() ? *sa : 0;
  }
  static CryptoOp Op(SaHandle sa, Bytes& packet) {
    CryptoOp op;
    op.sa = sa;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    op.cipher_offset = 16;
    op.cipher_length = op.size - 28;
    op.auth_length = op.icv_offset = op.size - 12;
    return op;
  }
  // What the card writes next into a completion ring.
  void Completes(std::uint16_t tag, SaHandle sa, CompletionStatus status = CompletionStatus::kOk,
                 std::uint32_t ring = 0) {
    const std::uint32_t head = heads_[ring]++;
    const Completion completion{tag, status, 0, sa, bus_.registers[kRegGeneration], head / kEntries % 2 == 0 ? 1U : 0U};
    std::memcpy(bus_.memory() + (ring + 1) * kEntries * sizeof(Descriptor) + ring * kEntries * sizeof(Completion) +
                    head % kEntries * sizeof(Completion),
                &completion, sizeof completion);
  }
  const Descriptor& Posted(std::uint32_t index) {
    return *reinterpret_cast<const Descriptor*>(bus_.memory() + index * sizeof(Descriptor));
  }

  Time now_{1s};
  NiceMock<MockTransport> bus_;
  std::array<std::uint32_t, 2> heads_{};
  std::unique_ptr<PcieDevice> driver_ = std::make_unique<PcieDevice>(bus_, [this] { return now_; });
};

TEST_F(Limits, NothingIsTakenBeforeItRuns) {
  EXPECT_CALL(bus_, Reconnect()).WillRepeatedly([] { return Status(Code::kDevice, "empty slot"); });
  EXPECT_CALL(bus_, Read32(_)).Times(0);
  EXPECT_EQ(driver_->AddSa(Spec()).status().code(), Code::kDevice);
  EXPECT_EQ(driver_->RemoveSa(16).code(), Code::kNotFound);
  Bytes packet(60);
  const CryptoOp op = Op(16, packet);
  EXPECT_EQ(driver_->Submit({&op, 1}), 0U);
  EXPECT_EQ(driver_->Read().generation, 0U);
}

TEST_F(Limits, ARunningCardIsResetWhenItsDriverEnds) {
  Run();
  EXPECT_CALL(bus_, Write32(kRegControl, Control{.bits = {1, 0, 0, 0}}.raw)).Times(1);
  driver_.reset();
}

TEST_F(Limits, AReadingIsOfAllItsRegisters) {
  Run();
  bus_.registers[kRegTemperature] = 415;
  bus_.registers[kRegTemperatureLimit] = 850;
  for (std::uint32_t i = 0; i < kStatistics; ++i) {
    bus_.registers[kRegStatistics + 8 * i] = 7 + i;
    bus_.registers[kRegStatistics + 8 * i + 4] = i;
  }
  const CardReading reading = driver_->Read();
  EXPECT_EQ(reading.generation, bus_.registers[kRegGeneration]);
  EXPECT_DOUBLE_EQ(reading.temperature, 41.5);
  EXPECT_DOUBLE_EQ(reading.temperature_limit, 85);
  for (std::uint32_t i = 0; i < kStatistics; ++i)
    EXPECT_EQ(reading.statistics[i], std::uint64_t{i} << 32 | (7 + i)) << i;
}

TEST_F(Limits, SaCommandsTheCardHasNotTakenAreBoundedAndGoOnLater) {
  Run();
  std::vector<SaHandle> sas;
  for (int i = 0; i < kCommands; ++i) {
    const Result<SaHandle> sa = driver_->AddSa(Spec());
    ASSERT_TRUE(sa.ok()) << i;
    sas.push_back(*sa);
  }
  EXPECT_EQ(driver_->AddSa(Spec()).status().code(), Code::kBusy);
  EXPECT_EQ(driver_->RemoveSa(sas.front()).code(), Code::kBusy);
  EXPECT_EQ(driver_->sas(), std::size_t{kCommands});
  for (std::uint16_t i = 0; i < 2; ++i) Completes(static_cast<std::uint16_t>(kFirstCommand + i), sas[i]);
  EXPECT_TRUE(driver_->RemoveSa(sas.front()).ok());
  EXPECT_TRUE(driver_->AddSa(Spec()).ok());
  EXPECT_EQ(driver_->state(), BringUp::kRunning);
}

TEST_F(Limits, ASaOfAnotherShapeOrOneTooManyIsRefused) {
  driver_ = std::make_unique<PcieDevice>(
      bus_, [this] { return now_; }, DriverOptions{.max_sas = 1});
  bus_.registers[kRegTransforms + 4 * *CodeOf(Cipher::kDesCbc)] = 0;
  Run();
  SaSpec spec = Spec();
  spec.cipher = Cipher::kDesCbc;
  EXPECT_EQ(driver_->AddSa(spec).status().code(), Code::kUnsupported);
  spec = Spec();
  spec.cipher_key = SecretBytes(17);
  EXPECT_EQ(driver_->AddSa(spec).status().code(), Code::kBadValue);
  spec = Spec();
  spec.integrity_key = SecretBytes(16);
  EXPECT_EQ(driver_->AddSa(spec).status().code(), Code::kBadValue);
  EXPECT_TRUE(driver_->AddSa(Spec()).ok());
  EXPECT_EQ(driver_->AddSa(Spec()).status().code(), Code::kBusy);
}

TEST_F(Limits, AHandleThatWouldOverflowStartsAgain) {
  bus_.registers[kRegMaxSas] = 0x80000000;
  Run();
  for (int i = 0; i < 3; ++i) {
    const SaHandle sa = Sa();
    EXPECT_EQ(sa, 0x80000000U);
    ASSERT_TRUE(driver_->RemoveSa(sa).ok());
    Completes(kFirstCommand, sa);
    driver_->Poll();
  }
}

TEST_F(Limits, LargePacketsWaitForPages) {
  bus_.registers[kRegQueues] = Queues{.bits = {16, 1, 2}}.raw;
  Run();
  const Result<SaHandle> sa = driver_->AddSa(Spec());
  ASSERT_TRUE(sa.ok());
  std::vector<Bytes> packets(8, Bytes(60'000));  // 30 pages each, 29 beyond their own: there are 64
  std::vector<CryptoOp> ops;
  for (Bytes& packet : packets) ops.push_back(Op(*sa, packet));
  EXPECT_EQ(driver_->Submit(ops), 2U);
  Bytes small(60);
  const CryptoOp one = Op(*sa, small);
  EXPECT_EQ(driver_->Submit({&one, 1}), 1U);
  EXPECT_EQ(driver_->in_flight(), 3U);
}

TEST_F(Limits, MoreThanTheCardHoldsWaits) {
  Run();
  const SaHandle sa = Sa();
  Bytes packet(60);
  const std::vector<CryptoOp> ops(9, Op(sa, packet));
  EXPECT_EQ(driver_->Submit(ops), 4U);
  EXPECT_EQ(driver_->Submit(ops), 0U);
  EXPECT_EQ(driver_->RemoveSa(sa).code(), Code::kInUse);
}

TEST_F(Limits, RingsWrapAndTheirHeadsAreTold) {
  Run();
  const SaHandle sa = Sa();
  EXPECT_CALL(bus_, Write32(_, _)).Times(AnyNumber());
  EXPECT_CALL(bus_, Write32(kRegDoorbells, _)).Times(700);
  EXPECT_CALL(bus_, Write32(kRegDoorbells + 4, _)).Times(AtLeast(700 / (kEntries / 4)));
  Bytes packet(60);
  const CryptoOp op = Op(sa, packet);
  CryptoOp done;
  for (std::uint32_t i = 0; i < 700; ++i) {
    ASSERT_EQ(driver_->Submit({&op, 1}), 1U);
    Completes(Posted((i + 1) % kEntries).tag, sa);
    ASSERT_EQ(driver_->Complete({&done, 1}), 1U) << i;
    ASSERT_EQ(done.verdict, Verdict::kOk);
  }
}

TEST_F(Limits, WhatIsWrongInOneRingEndsTheOthersToo) {
  bus_.registers[kRegQueues] = Queues{.bits = {4, 2, 3}}.raw;
  Run();
  const Result<SaHandle> one = driver_->AddSa(Spec()), two = driver_->AddSa(Spec());
  ASSERT_TRUE(one.ok() && two.ok());
  ASSERT_NE(*one % 2, *two % 2);
  Bytes packets[2] = {Bytes(60), Bytes(60)};
  const CryptoOp ops[] = {Op(*one, packets[0]), Op(*two, packets[1])};
  ASSERT_EQ(driver_->Submit(ops), 2U);
  Completes(999, *one, CompletionStatus::kOk, 0);
  Completes(1, *two, CompletionStatus::kOk, 1);
  driver_->Poll();
  EXPECT_EQ(driver_->trouble(), Trouble::kBadIndex);
  CryptoOp done[2];
  ASSERT_EQ(driver_->Complete(done), 2U);
  for (const CryptoOp& op : done) EXPECT_EQ(op.verdict, Verdict::kFault);
}

TEST_F(Limits, ACompletionInAnotherRingIsNotItsOwn) {
  bus_.registers[kRegQueues] = Queues{.bits = {4, 2, 3}}.raw;
  Run();
  const Result<SaHandle> sa = driver_->AddSa(Spec());
  ASSERT_TRUE(sa.ok());
  Completes(kFirstCommand, *sa, CompletionStatus::kOk, 1 - *sa % 2);
  driver_->Poll();
  EXPECT_EQ(driver_->trouble(), Trouble::kBadIndex);
}

TEST_F(Limits, APacketOfNoSaMayComeBackSoAndNoOtherWay) {
  for (const CompletionStatus status : {CompletionStatus::kNoSa, CompletionStatus::kOk}) {
    NiceMock<MockTransport> bus;
    PcieDevice driver(bus, [this] { return now_; });
    for (int i = 0; i < 8; ++i) driver.Poll();
    Bytes packet(60);
    const CryptoOp op = Op(4711, packet);
    ASSERT_EQ(driver.Submit({&op, 1}), 1U);
    const Completion completion{0, status, 0, 4711, bus.registers[kRegGeneration], 1};
    std::memcpy(bus.memory() + kEntries * sizeof(Descriptor), &completion, sizeof completion);
    CryptoOp done;
    ASSERT_EQ(driver.Complete({&done, 1}), 1U);
    const bool possible = status == CompletionStatus::kNoSa;
    EXPECT_EQ(done.verdict, possible ? Verdict::kNoSa : Verdict::kFault);
    EXPECT_EQ(driver.trouble(), possible ? Trouble::kNone : Trouble::kBadCompletion);
  }
}

TEST_F(Limits, ACardThatAcceptsImpossibleRangesChangesNothing) {
  Run();
  const SaHandle sa = Sa();
  const Bytes before(60, 7);
  Bytes packet = before;
  CryptoOp op = Op(sa, packet);
  op.cipher_offset = 50;
  op.cipher_length = 0xffffffff;
  op.icv_offset = 61;
  CryptoOp beyond = Op(sa, packet);
  beyond.cipher_length = 0;
  beyond.icv_offset = 49;  // twelve bytes from there are one too many
  const CryptoOp ops[] = {op, beyond};
  ASSERT_EQ(driver_->Submit(ops), 2U);
  std::fill_n(bus_.memory() + 2 * kEntries * sizeof(Completion) + kEntries * sizeof(Descriptor), 4096, std::uint8_t{9});
  Completes(0, sa);
  Completes(1, sa);
  CryptoOp done[2];
  ASSERT_EQ(driver_->Complete(done), 2U);
  EXPECT_EQ(packet, before);
}

TEST_F(Limits, APacketOfNothingHasNoSegments) {
  Run();
  const SaHandle sa = Sa();
  Bytes packet(60);
  CryptoOp nowhere = Op(sa, packet), empty = Op(sa, packet), huge = Op(sa, packet);
  nowhere.data = nullptr;
  empty.size = 0;
  huge.size = 2048 * kMostSegments + 1;
  const CryptoOp ops[] = {nowhere, empty, huge};
  ASSERT_EQ(driver_->Submit(ops), 3U);
  CryptoOp done;
  for (std::uint16_t i = 0; i < 3; ++i) {
    EXPECT_EQ(Posted(i + 1U).segments, 0) << i;
    Completes(i, sa, CompletionStatus::kBadShape);
    ASSERT_EQ(driver_->Complete({&done, 1}), 1U);
    EXPECT_EQ(done.verdict, Verdict::kBadShape);
  }
}

// An operation is late; what the card says of itself decides what is wrong.
class Late : public Limits {
 protected:
  void SetUp() override {
    Run();
    sa_ = Sa();
    op_ = Op(sa_, packet_);
    ASSERT_EQ(driver_->Submit({&op_, 1}), 1U);
    now_ = now_ + 26ms;
    driver_->Poll();  // looks at the status, the next time at 51 ms
    now_ = now_ + 18ms;
    driver_->Poll();  // looks for what is late, the next time at 49 ms
    now_ = now_ + 6ms;
  }
  SaHandle sa_ = 0;
  Bytes packet_ = Bytes(60);
  CryptoOp op_;
};

TEST_F(Late, ACardThatRunsIsHung) {
  driver_->Poll();
  EXPECT_EQ(driver_->trouble(), Trouble::kHung) << driver_->trouble_text();
}

TEST_F(Late, ACardThatSaysWhyIsBelieved) {
  bus_.Become(CardState::kFault, CardFault{9});
  driver_->Poll();
  EXPECT_EQ(driver_->trouble(), Trouble::kFaultState);
  EXPECT_NE(driver_->trouble_text().find("unknown"), std::string::npos) << driver_->trouble_text();
}

TEST_F(Late, ACardThatIsGoneIsGone) {
  bus_.registers[kRegStatus] = kAllOnes;
  driver_->Poll();
  EXPECT_EQ(driver_->trouble(), Trouble::kGone);
}

TEST_F(Late, WhatComesWhileItIsAskedIsNotLate) {
  bool came = false;
  EXPECT_CALL(bus_, Read32(_)).Times(AnyNumber());
  EXPECT_CALL(bus_, Read32(kRegStatus)).WillRepeatedly([&](std::uint32_t) {
    if (!std::exchange(came, true)) Completes(0, sa_);
    return CardStatus{.bits = {CardState::kRunning, CardFault::kNone, 0}}.raw;
  });
  driver_->Poll();
  EXPECT_TRUE(came);
  EXPECT_EQ(driver_->state(), BringUp::kRunning) << driver_->trouble_text();
}

TEST_F(Late, WhatIsWrongWhileItIsAskedHasItsOwnName) {
  EXPECT_CALL(bus_, Read32(_)).Times(AnyNumber());
  EXPECT_CALL(bus_, Read32(kRegStatus)).WillRepeatedly([&](std::uint32_t) {
    Completes(999, sa_);
    return CardStatus{.bits = {CardState::kRunning, CardFault::kNone, 0}}.raw;
  });
  driver_->Poll();
  EXPECT_EQ(driver_->trouble(), Trouble::kBadIndex);
}

TEST_F(Late, WhoeverTakesItOutDoesSoOnce) {
  driver_->Fail(Trouble::kHung, "by hand");
  driver_->Fail(Trouble::kGone);
  driver_->Poll();
  EXPECT_EQ(driver_->trouble(), Trouble::kHung);
  EXPECT_EQ(driver_->Read().generation, 0U);
  EXPECT_EQ(driver_->counters().troubles[static_cast<std::size_t>(Trouble::kGone)], 0U);
}

}  // namespace
}  // namespace sw::hal::pcie
