// A driver over a register bus that is a script, brought up access by access.
#pragma once

#include <gtest/gtest.h>

#include "hal/pcie/codes.h"
#include "hal/pcie/pcie_device.h"
#include "hal/testing/scripted_transport.h"

namespace sw::hal::pcie {

using namespace std::chrono_literals;

inline const std::uint32_t kReset = Control{.bits = {1, 0, 0, 0}}.raw, kTest = Control{.bits = {0, 1, 0, 0}}.raw,
                           kEnable = Control{.bits = {0, 0, 1, 0}}.raw;
inline constexpr std::uint32_t kSas = 16, kRings = kRegRings;
inline std::uint32_t StatusWord(CardState state, CardFault fault = CardFault::kNone) {
  return CardStatus{.bits = {state, fault, 0}}.raw;
}

class ScriptedDriver : public testing::Test {
 protected:
  void Identify(std::uint32_t revision = Revision{.bits = {0, 1}}.raw, std::uint32_t features = 3,
                std::uint32_t sas = kSas, std::uint32_t queues = Queues{.bits = {4, 1, 2}}.raw) {
    bus_.Reads(kRegId, kMagic).Reads(kRegRevision, revision);
    if (Revision{revision}.bits.major != kAbiMajor) return;
    bus_.Reads(kRegFeatures, features);
    if ((features & 1) == 0) return;
    bus_.Reads(kRegMaxSas, sas).Reads(kRegQueues, queues);
  }
  void Transforms() {
    for (std::uint32_t code = 0; code < transforms_; ++code) bus_.Reads(kRegTransforms + 4 * code, 7);
    bus_.Reads(kRegRevision, Revision{.bits = {0, 1}}.raw);
  }
  void ToReset() {
    Identify();
    Transforms();
    bus_.Reads(kRegGeneration, 1).Writes(kRegControl, kReset);
    driver_.Poll();
    bus_.Finish();
    ASSERT_EQ(driver_.state(), BringUp::kReset);
  }
  void ToSelfTest() {
    ToReset();
    bus_.Reads(kRegStatus, StatusWord(CardState::kIdle)).Reads(kRegGeneration, 2).Reads(kRegGeneration, 2);
    bus_.Writes(kRegControl, kTest);
    driver_.Poll();
    bus_.Finish();
    ASSERT_EQ(driver_.state(), BringUp::kSelfTest);
  }
  void ToEnable() {
    ToSelfTest();
    bus_.Reads(kRegStatus, StatusWord(CardState::kReady));
    const std::uint32_t entries = 256;  // twice four packets and 64 commands, as a power of two
    bus_.Writes(kRings + kRingSubmission, 0x1000).Writes(kRings + kRingSubmission + 4, 0);
    bus_.Writes(kRings + kRingCompletion, 0x1000 + entries * 64).Writes(kRings + kRingCompletion + 4, 0);
    bus_.Writes(kRings + kRingVector, 1).Writes(kRings + kRingEntries, entries);
    bus_.Writes(kRegControl, kEnable);
    driver_.Poll();
    bus_.Finish();
    ASSERT_EQ(driver_.state(), BringUp::kEnable);
  }
  void ToRunning() {
    ToEnable();
    bus_.Reads(kRegStatus, StatusWord(CardState::kRunning));
    driver_.Poll();
    bus_.Finish();
    ASSERT_EQ(driver_.state(), BringUp::kRunning);
  }
  void Fails(Trouble trouble, bool reset = true) {
    if (reset) bus_.Writes(kRegControl, kReset);
    driver_.Poll();
    bus_.Finish();
    EXPECT_EQ(driver_.state(), BringUp::kFailed);
    EXPECT_EQ(driver_.trouble(), trouble) << driver_.trouble_text();
    EXPECT_EQ(driver_.counters().troubles[static_cast<std::size_t>(trouble)], 1U);
    EXPECT_EQ(driver_.health(), Health::kDown);
  }

  static constexpr std::uint32_t transforms_ = static_cast<std::uint32_t>(std::size(kCipherTable));
  Time now_{1s};
  ScriptedTransport bus_;
  PcieDevice driver_{bus_, [this] { return now_; }};
};

}  // namespace sw::hal::pcie
