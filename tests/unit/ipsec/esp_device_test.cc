// Esp over an engine that is slow, full, broken or gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "hal/testing/mock_crypto_device.h"
#include "ipsec/esp.h"

namespace sw::ipsec {
namespace {

using hal::CryptoOp;
using hal::Verdict;
using testing::InSequence;
using testing::NiceMock;
using testing::Return;
using testing::ReturnRef;

constexpr hal::SaHandle kHandle = 77;
constexpr std::size_t kMaxBurst = 4;

class CountingRandom final : public Random {
 public:
  void Fill(ByteSpan out) override {
    fills.push_back(out.size());
    for (std::uint8_t& b : out) b = next_++;
  }
  std::vector<std::size_t> fills;

 private:
  std::uint8_t next_ = 1;
};

// Keeps what was submitted until a test lets go of it.
class HoldingDevice : public NiceMock<hal::MockCryptoDevice> {
 public:
  HoldingDevice() {
    capabilities_.max_burst = kMaxBurst;
    ON_CALL(*this, capabilities).WillByDefault(ReturnRef(capabilities_));
    ON_CALL(*this, health).WillByDefault(Return(hal::Health::kUp));
    ON_CALL(*this, AddSa).WillByDefault([](const hal::SaSpec&) { return Result<hal::SaHandle>(kHandle); });
    ON_CALL(*this, Submit).WillByDefault([this](std::span<const CryptoOp> burst) { return Take(burst, burst.size()); });
    ON_CALL(*this, Complete).WillByDefault([this](std::span<CryptoOp> done) {
      std::size_t n = 0;
      for (; n < done.size() && !finished.empty(); ++n, finished.pop_front()) done[n] = finished.front();
      return n;
    });
  }
  std::size_t Take(std::span<const CryptoOp> burst, std::size_t most) {
    const std::size_t n = std::min(burst.size(), most);
    held.insert(held.end(), burst.begin(), burst.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }
  void Release(Verdict verdict) {
    held.front().verdict = verdict;
    finished.push_back(held.front());
    held.pop_front();
  }

  std::deque<CryptoOp> held, finished;

 private:
  hal::Capabilities capabilities_;
};

class EspOverMock : public testing::Test {
 protected:
  void TearDown() override {
    while (!device_.held.empty()) device_.Release(Verdict::kOk);
    Poll();
  }

  std::vector<Finished> Poll() {
    std::vector<Finished> out;
    esp_.Poll(out);
    return out;
  }
  SaId Outbound(int suite = 11) {
    return *esp_.AddOutbound({}, {0x1234, suite, SecretBytes(KeyBytes(suite)), {Duration(100)}});
  }
  SaId Inbound() { return *esp_.AddInbound({}, {0x5678, 11, SecretBytes(KeyBytes(11)), {Duration(100)}}); }
  void Protect(SaId sa, std::uint64_t context) {
    esp_.Protect({}, sa, pool_.Copy(AsBytes("inner packet")), kNextHeaderIpv4, context);
  }
  // As it arrives: header, IV, `text` as the engine leaves it after opening, ICV.
  void Unprotect(std::uint32_t sequence, ByteView text) {
    Bytes packet(8);
    Store32(packet.data(), 0x5678);
    Store32(packet.data() + 4, sequence);
    packet.resize(8 + 16);
    packet.insert(packet.end(), text.begin(), text.end());
    packet.resize(packet.size() + 12);
    esp_.Unprotect({}, pool_.Copy(packet), sequence);
  }

  HoldingDevice device_;
  CountingRandom random_;
  PacketPool pool_;
  Esp esp_{device_, random_};
};

TEST_F(EspOverMock, SubmitsNothingBeforeFlushAndTheWholeBurstThenInOneCall) {
  const SaId sa = Outbound();
  EXPECT_CALL(device_, Submit).Times(0);
  for (std::uint64_t i = 0; i < 3; ++i) Protect(sa, i);
  EXPECT_TRUE(Poll().empty());
  testing::Mock::VerifyAndClearExpectations(&device_);
  EXPECT_CALL(device_, Submit(testing::SizeIs(3))).Times(1);
  esp_.Flush();
}

TEST_F(EspOverMock, DrawsTheIvsOfABurstAtOnceAndGivesEachPacketItsOwn) {
  const SaId aes = Outbound(11);
  const SaId des = Outbound(1);
  Protect(aes, 0);
  Protect(des, 1);
  Protect(aes, 2);
  esp_.Flush();
  EXPECT_EQ(random_.fills, std::vector<std::size_t>({16 + 8 + 16}));
  ASSERT_EQ(device_.held.size(), 3U);
  EXPECT_EQ(device_.held[0].data[device_.held[0].iv_offset], 1);
  EXPECT_EQ(device_.held[1].data[device_.held[1].iv_offset], 17);
  EXPECT_EQ(device_.held[2].data[device_.held[2].iv_offset], 25);
}

TEST_F(EspOverMock, KeepsWhatWasNotTakenAndSubmitsItWithTheNextPollInOrder) {
  const SaId sa = Outbound();
  for (std::uint64_t i = 0; i < 4; ++i) Protect(sa, i);
  {
    InSequence order;
    EXPECT_CALL(device_, Submit(testing::SizeIs(4))).WillOnce([this](auto burst) { return device_.Take(burst, 1); });
    EXPECT_CALL(device_, Submit(testing::SizeIs(3))).WillOnce([this](auto burst) { return device_.Take(burst, 2); });
    EXPECT_CALL(device_, Submit(testing::SizeIs(1))).WillOnce(Return(0));
    EXPECT_CALL(device_, Submit(testing::SizeIs(1))).WillOnce([this](auto burst) { return device_.Take(burst, 1); });
  }
  esp_.Flush();
  EXPECT_TRUE(Poll().empty());
  EXPECT_TRUE(Poll().empty());
  ASSERT_EQ(device_.held.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(Load32(device_.held[i].data + 4), i + 1);  // sequence numbers
  EXPECT_EQ(random_.fills.size(), 1U);  // a resubmitted packet keeps its IV
}

TEST_F(EspOverMock, ReturnsPacketsAsTheyCompleteHoweverLate) {
  const SaId sa = Outbound();
  Protect(sa, 10);
  Protect(sa, 11);
  esp_.Flush();
  EXPECT_TRUE(Poll().empty());
  device_.Release(Verdict::kOk);
  auto done = Poll();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].context, 10U);
  EXPECT_TRUE(Poll().empty());
  device_.Release(Verdict::kOk);
  done = Poll();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].context, 11U);
  EXPECT_EQ(esp_.Info(sa)->counters.packets, 2U);
}

TEST_F(EspOverMock, DropsWhenTwiceTheBurstIsWaitingWithoutUsingANumberUp) {
  const SaId sa = Outbound();
  ON_CALL(device_, Submit).WillByDefault(Return(0));
  for (std::uint64_t i = 0; i < 2 * kMaxBurst + 1; ++i) Protect(sa, i);
  esp_.Flush();
  const auto done = Poll();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].drop, Drop::kDeviceBusy);
  EXPECT_EQ(done[0].context, 2 * kMaxBurst);
  EXPECT_EQ(esp_.Info(sa)->sequence, 2 * kMaxBurst);
  EXPECT_EQ(esp_.drops()[static_cast<std::size_t>(Drop::kDeviceBusy)], 1U);
  Unprotect(1, Bytes(16));  // no such SA: not for want of room
  EXPECT_EQ(Poll().at(0).drop, Drop::kUnknownSpi);
}

TEST_F(EspOverMock, EveryFailureOfTheEngineIsADropWithItsReason) {
  const std::pair<Verdict, Drop> cases[] = {{Verdict::kFault, Drop::kDeviceFault},
                                            {Verdict::kNoSa, Drop::kDeviceFault},
                                            {Verdict::kBadShape, Drop::kDeviceFault},
                                            {Verdict::kBadIcv, Drop::kBadIcv}};
  const SaId sa = Outbound();
  for (const auto& [verdict, drop] : cases) {
    Protect(sa, 0);
    esp_.Flush();
    device_.Release(verdict);
    const auto done = Poll();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].drop, drop);
    EXPECT_EQ(done[0].sa, sa);
  }
  EXPECT_EQ(esp_.Info(sa)->counters.drops, 4U);
  EXPECT_EQ(esp_.Info(sa)->counters.packets, 0U);
}

TEST_F(EspOverMock, AnEngineThatIsDownAndTakesNothingFailsWhatWaits) {
  const SaId sa = Outbound();
  ON_CALL(device_, Submit).WillByDefault(Return(0));
  ON_CALL(device_, health).WillByDefault(Return(hal::Health::kDown));
  Protect(sa, 0);
  Protect(sa, 1);
  esp_.Flush();
  const auto done = Poll();
  ASSERT_EQ(done.size(), 2U);
  EXPECT_EQ(done[0].drop, Drop::kDeviceFault);
  EXPECT_EQ(done[1].context, 1U);
  EXPECT_EQ(esp_.Info(sa)->sequence, 2U);  // their numbers are not given out again
}

TEST_F(EspOverMock, CompletionsThatWereNeverAskedForAreCountedAndHarmNothing) {
  const SaId sa = Outbound();
  CryptoOp made_up;
  made_up.context = 12345;
  device_.finished.push_back(made_up);
  EXPECT_TRUE(Poll().empty());
  Protect(sa, 0);
  esp_.Flush();
  CryptoOp twice = device_.held.front();
  device_.Release(Verdict::kOk);
  device_.finished.push_back(twice);
  EXPECT_EQ(Poll().size(), 1U);
  Protect(sa, 1);  // takes the same place: the old completion must not end it
  esp_.Flush();
  device_.finished.push_back(twice);
  EXPECT_TRUE(Poll().empty());
  device_.Release(Verdict::kOk);
  EXPECT_EQ(Poll().at(0).context, 1U);
  EXPECT_EQ(esp_.drops()[static_cast<std::size_t>(Drop::kDeviceFault)], 3U);
}

TEST_F(EspOverMock, AnSaLeavesTheEngineOnlyAfterItsLastOperationIsBack) {
  const SaId sa = Outbound();
  Protect(sa, 1);
  Protect(sa, 2);
  esp_.Flush();
  Protect(sa, 3);  // not flushed: ends with the removal itself
  EXPECT_CALL(device_, RemoveSa).Times(0);
  esp_.Remove(sa);
  EXPECT_FALSE(esp_.Info(sa));
  auto done = Poll();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].context, 3U);
  device_.Release(Verdict::kOk);
  done = Poll();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].drop, Drop::kUnknownSpi);
  EXPECT_EQ(done[0].sa, sa);
  testing::Mock::VerifyAndClearExpectations(&device_);
  EXPECT_CALL(device_, RemoveSa(kHandle)).WillOnce(Return(Status()));
  device_.Release(Verdict::kOk);
  EXPECT_EQ(Poll().size(), 1U);
  Protect(sa, 4);
  EXPECT_EQ(Poll().at(0).drop, Drop::kUnknownSpi);
}

TEST_F(EspOverMock, AnIdleSaLeavesTheEngineAtOnceAndItsIdIsNeverGivenOutAgain) {
  const SaId sa = Inbound();
  EXPECT_EQ(esp_.FindInbound(0x5678), sa);
  EXPECT_CALL(device_, RemoveSa(kHandle)).WillOnce(Return(Status()));
  esp_.Remove(sa);
  testing::Mock::VerifyAndClearExpectations(&device_);
  EXPECT_FALSE(esp_.FindInbound(0x5678));
  esp_.Remove(sa);
  const SaId next = Inbound();
  EXPECT_NE(next, sa);
  EXPECT_FALSE(esp_.Info(sa));
}

TEST_F(EspOverMock, TheSpiOfARemovedSaIsFreeWhileItsPacketsAreStillOut) {
  const SaId old = Inbound();
  Unprotect(1, Bytes(16));
  esp_.Flush();
  esp_.Remove(old);
  const SaId next = Inbound();
  EXPECT_EQ(esp_.FindInbound(0x5678), next);
  device_.Release(Verdict::kOk);
  EXPECT_EQ(Poll().at(0).drop, Drop::kUnknownSpi);
  EXPECT_EQ(esp_.FindInbound(0x5678), next);
}

TEST_F(EspOverMock, WhatTheEngineRefusesToInstallIsRefusedWithItsReason) {
  ON_CALL(device_, AddSa).WillByDefault(Return(Result<hal::SaHandle>(Code::kBusy, "table full")));
  const auto sa = esp_.AddOutbound({}, {0x1234, 11, SecretBytes(KeyBytes(11)), Time::Never()});
  ASSERT_FALSE(sa.ok());
  EXPECT_EQ(sa.status().code(), Code::kBusy);
  EXPECT_NE(sa.why().find("table full"), std::string::npos);
}

TEST_F(EspOverMock, DescribesThePacketAsRfc4303LaysItOut) {
  const SaId sa = Outbound(11);
  Protect(sa, 0);
  esp_.Flush();
  const CryptoOp& op = device_.held.front();
  EXPECT_EQ(op.sa, kHandle);
  EXPECT_EQ(op.size, 8U + 16 + 16 + 12);
  EXPECT_EQ(op.iv_offset, 8U);
  EXPECT_EQ(op.cipher_offset, 24U);
  EXPECT_EQ(op.cipher_length, 16U);
  EXPECT_EQ(op.auth_offset, 0U);
  EXPECT_EQ(op.auth_length, 40U);
  EXPECT_EQ(op.icv_offset, 40U);
  const Bytes expected{'i', 'n', 'n', 'e', 'r', ' ', 'p', 'a', 'c', 'k', 'e', 't', 1, 2, 2, kNextHeaderIpv4};
  EXPECT_EQ(Bytes(op.data + 24, op.data + 40), expected);
  EXPECT_EQ(Load32(op.data), 0x1234U);
  EXPECT_EQ(Load32(op.data + 4), 1U);
}

// What the engine opened is checked as strictly as if it were clear text.
TEST_F(EspOverMock, RefusesWrongTrailersAfterOpeningAndLeavesTheWindowAlone) {
  const SaId sa = Inbound();
  const std::pair<const char*, Bytes> cases[] = {
      {"pad length past the front", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 4}},
      {"largest pad length", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 4}},
      {"padding that counts from 0", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4}},
      {"padding of zeroes", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4}},
      {"last padding byte wrong", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 2, 4}},
  };
  for (const auto& [name, text] : cases) {
    SCOPED_TRACE(name);
    Unprotect(9, text);
    esp_.Flush();
    device_.Release(Verdict::kOk);
    EXPECT_EQ(Poll().at(0).drop, Drop::kBadPadding);
    EXPECT_EQ(esp_.Info(sa)->sequence, 0U);
  }
  Unprotect(9, Bytes{'a', 'b', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 4});
  esp_.Flush();
  device_.Release(Verdict::kOk);
  const auto done = Poll();
  EXPECT_EQ(done.at(0).drop, Drop::kNone);
  EXPECT_EQ(AsText(std::as_const(*done[0].packet).data()), "ab");
  EXPECT_EQ(esp_.Info(sa)->sequence, 9U);
}

TEST_F(EspOverMock, AllPaddingAndNoPayloadIsAnEmptyPacket) {
  Inbound();
  Unprotect(1, Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 14, kNextHeaderNone});
  esp_.Flush();
  device_.Release(Verdict::kOk);
  const auto done = Poll();
  EXPECT_EQ(done.at(0).drop, Drop::kNone);
  EXPECT_EQ(done[0].next_header, kNextHeaderNone);
  EXPECT_EQ(done[0].packet->size(), 0U);
}

TEST(EspLifetime, TakesItsSasOutOfTheEngineWhenItGoes) {
  HoldingDevice device;
  SeededRandom random(1);
  EXPECT_CALL(device, RemoveSa(kHandle)).Times(2).WillRepeatedly(Return(Status()));
  Esp esp(device, random);
  ASSERT_TRUE(esp.AddOutbound({}, {0x1234, 13, {}, Time::Never()}).ok());
  ASSERT_TRUE(esp.AddInbound({}, {0x1234, 13, {}, Time::Never()}).ok());
}

}  // namespace
}  // namespace sw::ipsec
