#include "hal/pcie/reset_ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/failover/failover_device.h"
#include "hal/pcie/pcie_device.h"
#include "hal/soft/software_device.h"
#include "hal/testing/mock_transport.h"
#include "hal/testing/scripted_transport.h"

namespace sw::hal::pcie {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr ResetKind kFunction = ResetKind::kFunction, kBus = ResetKind::kBus;

// What each of `attempts` failures is called.
std::vector<Trouble> Names(ResetLadder& ladder, Transport& transport, int attempts) {
  std::vector<Trouble> out;
  for (int i = 0; i < attempts; ++i) {
    ladder.Climb(transport);
    out.push_back(ladder.Failed(Trouble::kSelfTestFailed));
  }
  return out;
}

TEST(ResetLadder, TriesSomethingHarderEachTimeAndGivesUp) {
  ScriptedTransport bus;
  bus.function_reset = bus.bus_reset = {};
  ResetLadder ladder;
  EXPECT_THAT(Names(ladder, bus, 5), ElementsAre(Trouble::kSelfTestFailed, Trouble::kFunctionReset, Trouble::kBusReset,
                                                 Trouble::kBusReset, Trouble::kGivenUp));
  EXPECT_THAT(bus.resets, ElementsAre(kFunction, kBus, kBus, kBus));
  EXPECT_TRUE(ladder.given_up());
  EXPECT_THAT(Names(ladder, bus, 1), ElementsAre(Trouble::kSelfTestFailed));  // somebody asked for it again
  ladder.Climb(bus);
  ladder.Works();
  EXPECT_THAT(Names(ladder, bus, 1), ElementsAre(Trouble::kSelfTestFailed));
}

TEST(ResetLadder, StaysWithTheFunctionWhereTheBusMayNotBeReset) {
  ScriptedTransport bus;
  bus.function_reset = {};
  ResetLadder ladder;
  EXPECT_THAT(Names(ladder, bus, 5), ElementsAre(Trouble::kSelfTestFailed, Trouble::kFunctionReset,
                                                 Trouble::kFunctionReset, Trouble::kFunctionReset, Trouble::kGivenUp));
}

TEST(ResetLadder, TriesForEverWhereThereIsNoReset) {
  ScriptedTransport bus;
  ResetLadder ladder;
  EXPECT_THAT(Names(ladder, bus, 20), testing::Each(Trouble::kSelfTestFailed));
  EXPECT_FALSE(ladder.given_up());
}

TEST(ResetLadder, DoesNotCountAnEmptySlotOrAnotherCard) {
  ScriptedTransport bus;
  bus.function_reset = bus.bus_reset = {};
  ResetLadder ladder;
  for (const Trouble trouble : {Trouble::kAbsent, Trouble::kWrongCard, Trouble::kNoMemory, Trouble::kGone}) {
    ladder.Climb(bus);
    EXPECT_EQ(ladder.Failed(trouble), trouble);
  }
  EXPECT_THAT(bus.resets, testing::IsEmpty());
}

// A card whose self test never passes, on a bus that resets.
class Hopeless : public MockTransport {
 public:
  Hopeless() {
    ON_CALL(*this, Write32(kRegControl, testing::_)).WillByDefault([this](std::uint32_t, std::uint32_t value) {
      const Control control{value};
      if (control.bits.reset) ++registers[kRegGeneration];
      Become(control.bits.reset       ? CardState::kIdle
             : control.bits.self_test ? broken ? CardState::kFault : CardState::kReady
                                      : CardState::kRunning,
             CardFault::kSelfTest);
    });
  }
  Status Reset(ResetKind) override { return {}; }
  BusEvent Event() override { return std::exchange(event, BusEvent::kNone); }
  bool broken = true;
  BusEvent event = BusEvent::kNone;
};

TEST(ResetLadder, LeavesTheWorkToSoftwareForGoodUntilSomebodyActs) {
  testing::NiceMock<Hopeless> bus;
  Time now{1s};
  SeededRandom random(1);
  PcieDevice driver(bus, [&] { return now; });
  const auto software = *SoftwareDevice::Create({8, 8});
  std::vector<std::string> said;
  FailoverOptions options;
  options.probes = 0;  // this card computes nothing
  FailoverDevice device(
      driver, *software, [&] { return now; }, random, [&](const FailoverEvent& event) { said.push_back(event.text); },
      options);
  const auto pass = [&](Duration d) {
    for (const Time end = now + d; now < end; now = now + 5ms) device.Poll();
  };
  pass(120s);
  EXPECT_TRUE(driver.given_up());
  EXPECT_EQ(driver.trouble_text(),
            "no reset brings the card back: software works for good (the card failed its self test)");
  EXPECT_EQ(device.next_attempt(), Time::Never());
  for (const Trouble trouble :
       {Trouble::kSelfTestFailed, Trouble::kFunctionReset, Trouble::kBusReset, Trouble::kGivenUp})
    EXPECT_GE(driver.counters().troubles[static_cast<std::size_t>(trouble)], 1U) << Text(trouble).name;
  EXPECT_EQ(said.size(), 5U);
  bus.broken = false;
  pass(120s);
  EXPECT_FALSE(device.on_card());
  device.SetShutDown(true);
  device.SetShutDown(false);
  pass(1s);
  EXPECT_EQ(driver.trouble(), Trouble::kHung) << driver.trouble_text();  // it came up; it is a mock, and does no work
}

TEST(ResetLadder, ACardThatIsPutIntoTheSlotIsTriedAtOnce) {
  testing::NiceMock<Hopeless> bus;
  Time now{1s};
  SeededRandom random(1);
  PcieDevice driver(bus, [&] { return now; });
  const auto software = *SoftwareDevice::Create({8, 8});
  FailoverOptions options;
  options.probes = 0;
  FailoverDevice device(
      driver, *software, [&] { return now; }, random, {}, options);
  const auto pass = [&](Duration d) {
    for (const Time end = now + d; now < end; now = now + 5ms) device.Poll();
  };
  pass(120s);
  ASSERT_TRUE(driver.given_up());
  bus.broken = false;
  bus.event = BusEvent::kArrives;
  pass(1s);
  EXPECT_EQ(driver.trouble(), Trouble::kHung) << driver.trouble_text();
}

}  // namespace
}  // namespace sw::hal::pcie
