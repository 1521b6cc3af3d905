// Stories told to the model of the card: a right one ends them as software does, and every planted mistake is found and
// cut down to the packet that shows it.
#include "hal/fuzz/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "hal/card/model_transport.h"
#include "hal/pcie/pcie_device.h"
#include "hal/recorder/replay.h"
#include "hal/soft/software_device.h"
#include "tests/fakes/planted_engine.h"

namespace sw::hal::fuzz {
namespace {

using namespace std::chrono_literals;

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

std::unique_ptr<CryptoDevice> EngineOf(const card::Plant* plant) {
  std::unique_ptr<CryptoDevice> engine = *SoftwareDevice::Create({16, 1});
  return plant == nullptr ? std::move(engine) : std::make_unique<card::PlantedEngine>(std::move(engine), *plant);
}

struct Rig {
  explicit Rig(const card::Plant* plant) : bus({16, 32, 2}, EngineOf(plant), Now) {
    while (driver.health() == Health::kDown) driver.Poll();
  }
  card::ModelTransport bus;
  pcie::PcieDevice driver{bus, Now};
};

std::optional<Difference> TellTo(const card::Plant* plant, const Story& story) {
  Rig rig(plant);
  const auto software = *SoftwareDevice::Create({64, 64});
  return Tell(story, rig.driver, *software, Now, 5s);
}

Story Make(std::uint64_t seed) {
  const Rig rig(nullptr);
  SeededRandom random(seed);
  const auto software = *SoftwareDevice::Create({64, 64});
  return MakeStory(random, rig.driver.capabilities(), *software, 60);
}

TEST(Story, IsTheSameForASeedAndHoldsEveryKindOfStep) {
  const Story one = Make(3), again = Make(3);
  ASSERT_EQ(one.size(), 60U);
  EXPECT_EQ(Packets(one), Packets(again));
  EXPECT_GT(Packets(one), 60U);
  std::size_t kinds[3] = {};
  for (const Step& step : one) ++kinds[static_cast<std::size_t>(step.what)];
  EXPECT_THAT(kinds, testing::Each(testing::Gt(0U)));
}

TEST(Story, EndsAlikeOnACardWithoutMistakes) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto difference = TellTo(nullptr, Make(seed));
    EXPECT_FALSE(difference) << seed << ": " << difference->text;
  }
}

TEST(Story, ShowsEveryPlantedMistakeInOnePacketAndAsARecording) {
  for (const card::Plant& plant : card::kPlants) {
    SCOPED_TRACE(plant.what);
    const auto differs = [&plant](const Story& story) { return TellTo(&plant, story).has_value(); };
    Story story;
    for (std::uint64_t seed = 1; seed <= 30 && story.empty(); ++seed)
      if (Story told = Make(seed); differs(told)) story = std::move(told);
    ASSERT_FALSE(story.empty());
    story = Minimise(std::move(story), differs, 400);
    EXPECT_EQ(story.size(), 2U);  // the SA, and its packet
    EXPECT_EQ(Packets(story), 1U);

    const auto software = *SoftwareDevice::Create();
    const std::string recording = Recording(story, *software);
    const auto other = *SoftwareDevice::Create();
    recorder::Replay right(*other, Now);
    std::istringstream text(recording), again(recording);
    EXPECT_EQ(recorder::ReplayText(text, right)->differences, 0U);
    Rig rig(&plant);
    recorder::Replay wrong(rig.driver, Now);
    EXPECT_EQ(recorder::ReplayText(again, wrong)->differences, 1U);
  }
}

TEST(Story, OfACardThatFailsDiffersThere) {
  Rig rig(nullptr);
  rig.bus.card().Arm(*card::ParseFaultPlan("double@5"));
  const auto software = *SoftwareDevice::Create({64, 64});
  const auto difference = Tell(Make(1), rig.driver, *software, Now, 5s);
  ASSERT_TRUE(difference);
  EXPECT_EQ(rig.driver.trouble(), pcie::Trouble::kCompletedTwice);
}

TEST(Story, KeepsWhatIsNeededWhenItIsCutDown) {
  Story story(9);
  for (std::uint32_t i = 0; i < story.size(); ++i) {
    story[i].sa = i;
    story[i].packets.resize(i);
  }
  const Story less = Minimise(
      story,
      [](const Story& s) {
        const auto has = [&](std::uint32_t sa, std::size_t packets) {
          return std::ranges::any_of(s,
                                     [=](const Step& step) { return step.sa == sa && step.packets.size() >= packets; });
        };
        return has(2, 0) && has(7, 3);
      },
      1000);
  ASSERT_EQ(less.size(), 2U);
  EXPECT_EQ(less[0].packets.size(), 0U);
  EXPECT_EQ(less[1].packets.size(), 3U);
  EXPECT_EQ(Minimise(
                story, [](const Story&) { return true; }, 0)
                .size(),
            9U);  // nothing was tried
}

}  // namespace
}  // namespace sw::hal::fuzz
