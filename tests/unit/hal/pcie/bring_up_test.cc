// The bring-up, access by access, and every way it can end badly.
#include <gtest/gtest.h>

#include "tests/unit/hal/pcie/scripted_driver.h"

namespace sw::hal::pcie {
namespace {

class BringUpTest : public ScriptedDriver {};

TEST_F(BringUpTest, RunsAfterResetSelfTestAndEnableAndResetsWhenItEnds) {
  ToRunning();
  EXPECT_EQ(driver_.capabilities().max_sas, kSas);
  EXPECT_EQ(driver_.capabilities().max_burst, 4U);
  EXPECT_EQ(driver_.health(), Health::kUp);
  bus_.Writes(kRegControl, kReset);  // by the destructor
}

TEST_F(BringUpTest, WaitsForACardThatReadsAllOnesAndGivesUpAtTheDeadline) {
  bus_.Reads(kRegId, kAllOnes);
  driver_.Poll();
  EXPECT_EQ(driver_.state(), BringUp::kIdentify);
  now_ = now_ + 200ms;
  bus_.Reads(kRegId, kAllOnes);
  Fails(Trouble::kAbsent, false);
}
TEST_F(BringUpTest, ATransportThatReachesNobodyIsAnAbsentCard) {
  bus_.reached = {Code::kDevice, "nobody there"};
  Fails(Trouble::kAbsent, false);
  EXPECT_NE(driver_.trouble_text().find("nobody there"), std::string::npos);
}
TEST_F(BringUpTest, ATransportThatFindsAnotherDeviceIsAWrongCard) {
  bus_.reached = {Code::kUnsupported, "1234:11e8"};
  Fails(Trouble::kWrongCard, false);
  EXPECT_EQ(driver_.trouble_text(), "the device at this address is not this card (1234:11e8)");
}
TEST_F(BringUpTest, AnotherDeviceIsLeftAlone) {
  bus_.Reads(kRegId, 0x010000ed);
  Fails(Trouble::kWrongCard, false);
}
TEST_F(BringUpTest, AnotherMajorRevision) {
  Identify(Revision{.bits = {0, 2}}.raw);
  Fails(Trouble::kWrongRevision);
}
TEST_F(BringUpTest, ACardWithCountersOfItsOwn) {
  Identify(Revision{.bits = {0, 1}}.raw, 2);
  Fails(Trouble::kOwnCounters);
}
TEST_F(BringUpTest, CapabilitiesThatNoCardHas) {
  const std::pair<std::uint32_t, Queues> bad[] = {
      {0, {.bits = {4, 1, 2}}},    {kAllOnes, {.bits = {4, 1, 2}}},
      {kSas, {.bits = {0, 1, 2}}}, {kSas, {.bits = {kMostDepth + 1, 1, 2}}},
      {kSas, {.bits = {4, 0, 2}}}, {kSas, {.bits = {4, kMostRings + 1, 20}}},
      {kSas, {.bits = {4, 2, 2}}}};
  for (const auto& [sas, queues] : bad) {
    Identify(Revision{.bits = {0, 1}}.raw, 3, sas, queues.raw);
    bus_.Writes(kRegControl, kReset);
    driver_.Poll();
    bus_.Finish();
    EXPECT_EQ(driver_.trouble(), Trouble::kBadCapabilities);
    driver_.Restart();
  }
}
TEST_F(BringUpTest, ACardThatVanishesWhileItsTransformsAreRead) {
  Identify();
  bus_.Reads(kRegTransforms, kAllOnes);
  Fails(Trouble::kBadCapabilities);
}
TEST_F(BringUpTest, ACardThatCanComputeNothing) {
  Identify();
  for (std::uint32_t code = 0; code < transforms_; ++code) bus_.Reads(kRegTransforms + 4 * code, 0);
  Fails(Trouble::kBadCapabilities);
}
TEST_F(BringUpTest, NoMemory) {
  bus_.memory = false;
  Identify();
  Transforms();
  Fails(Trouble::kNoMemory);
}
TEST_F(BringUpTest, AResetThatDoesNotEnd) {
  ToReset();
  bus_.Reads(kRegStatus, StatusWord(CardState::kReset));
  driver_.Poll();
  EXPECT_EQ(driver_.state(), BringUp::kReset);
  now_ = now_ + 500ms;
  bus_.Reads(kRegStatus, StatusWord(CardState::kReset));
  Fails(Trouble::kResetTimeout);
}
TEST_F(BringUpTest, AResetThatDidNotHappen) {  // idle, but still of the old generation
  ToReset();
  now_ = now_ + 500ms;
  bus_.Reads(kRegStatus, StatusWord(CardState::kIdle)).Reads(kRegGeneration, 1);
  Fails(Trouble::kResetTimeout);
}
TEST_F(BringUpTest, AllOnesInEachState) {
  ToReset();
  bus_.Reads(kRegStatus, kAllOnes);
  Fails(Trouble::kGone, false);
}
TEST_F(BringUpTest, ASelfTestThatFailsNamesItsRegister) {
  ToSelfTest();
  bus_.Reads(kRegStatus, StatusWord(CardState::kFault, CardFault::kSelfTest)).Reads(kRegSelfTest, 2);
  Fails(Trouble::kSelfTestFailed);
  EXPECT_NE(driver_.trouble_text().find("0x00000002"), std::string::npos);
}
TEST_F(BringUpTest, ASelfTestThatDoesNotEnd) {
  ToSelfTest();
  now_ = now_ + 1s;
  bus_.Reads(kRegStatus, StatusWord(CardState::kTesting));
  Fails(Trouble::kTestTimeout);
}
TEST_F(BringUpTest, RingsThatDoNotStart) {
  ToEnable();
  now_ = now_ + 200ms;
  bus_.Reads(kRegStatus, StatusWord(CardState::kReady));
  Fails(Trouble::kEnableTimeout);
}
TEST_F(BringUpTest, RingsThatTheCardRefuses) {
  ToEnable();
  bus_.Reads(kRegStatus, StatusWord(CardState::kFault, CardFault::kBadRing));
  Fails(Trouble::kFaultState);
  EXPECT_NE(driver_.trouble_text().find("ring"), std::string::npos);
}
TEST_F(BringUpTest, ARunningCardIsLookedAtOnlyAtIntervals) {
  ToRunning();
  driver_.Poll();  // too early: no access
  now_ = now_ + 25ms;
  bus_.Reads(kRegStatus, StatusWord(CardState::kRunning)).Reads(kRegGeneration, 2);
  driver_.Poll();
  bus_.Finish();
  now_ = now_ + 25ms;
  bus_.Reads(kRegStatus, kAllOnes);
  Fails(Trouble::kGone, false);
}
TEST_F(BringUpTest, ARunningCardThatReportsAFault) {
  ToRunning();
  now_ = now_ + 25ms;
  bus_.Reads(kRegStatus, StatusWord(CardState::kFault, CardFault::kOverheated));
  Fails(Trouble::kFaultState);
  EXPECT_NE(driver_.trouble_text().find("overheated"), std::string::npos);
}
TEST_F(BringUpTest, ARunningCardThatResetItself) {
  ToRunning();
  now_ = now_ + 25ms;
  bus_.Reads(kRegStatus, StatusWord(CardState::kRunning)).Reads(kRegGeneration, 3);
  Fails(Trouble::kResetItself);
}
TEST_F(BringUpTest, ACardThatIsWantedBackIsResetAndLetGo) {
  ToRunning();
  now_ = now_ + 25ms;
  bus_.event = BusEvent::kLeaves;
  Fails(Trouble::kRemoved);
  EXPECT_EQ(bus_.released, 1);
  EXPECT_EQ(driver_.trouble_text(), "the card is taken out of the system and was let go");
}
TEST_F(BringUpTest, AFailedCardThatIsWantedBackIsLetGoToo) {
  ToRunning();
  now_ = now_ + 25ms;
  bus_.Reads(kRegStatus, StatusWord(CardState::kFault, CardFault::kInternal));
  Fails(Trouble::kFaultState);
  EXPECT_EQ(bus_.released, 0);
  bus_.event = BusEvent::kLeaves;
  now_ = now_ + 25ms;
  driver_.Poll();
  EXPECT_EQ(bus_.released, 1);
  EXPECT_EQ(driver_.trouble(), Trouble::kFaultState);
}
TEST_F(BringUpTest, ACardThatIsGoneIsLetGoAndAnErrorOfTheBusHasItsName) {
  ToRunning();
  now_ = now_ + 25ms;
  bus_.event = BusEvent::kError;
  bus_.Reads(kRegStatus, StatusWord(CardState::kRunning));
  Fails(Trouble::kBusError);
  EXPECT_EQ(bus_.released, 0);
  driver_.Restart();
  ToRunning();
  now_ = now_ + 25ms;
  bus_.event = BusEvent::kError;
  bus_.Reads(kRegStatus, kAllOnes);
  Fails(Trouble::kGone, false);
  EXPECT_EQ(bus_.released, 1);
}
TEST_F(BringUpTest, OnceFailedItDoesNothingUntilItIsRestarted) {
  bus_.Reads(kRegId, 7);
  Fails(Trouble::kWrongCard, false);
  driver_.Poll();
  EXPECT_EQ(driver_.Submit({}), 0U);
  driver_.Restart();
  EXPECT_EQ(driver_.state(), BringUp::kIdentify);
  driver_.Restart();  // not failed: nothing happens
  bus_.Reads(kRegId, 7);
  driver_.Poll();
  EXPECT_EQ(driver_.counters().troubles[static_cast<std::size_t>(Trouble::kWrongCard)], 2U);
}

}  // namespace
}  // namespace sw::hal::pcie
