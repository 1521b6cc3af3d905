#include "hal/vfio/card_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/card/model_transport.h"
#include "hal/pcie/pcie_device.h"
#include "hal/soft/software_device.h"
#include "tests/unit/hal/pcie/fake_tree.h"

namespace sw::hal::vfio {
namespace {

using testing::HasSubstr;

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

class CardCheckTest : public testing::Test {
 protected:
  CardCheck Check(const std::string& plan = {}) {
    return CheckCard(
        "0000:01:00.0", fake_.tree(), pcie::KnownCards(), rights_,
        [&](const std::string&, const pcie::KnownCard& card) {
          auto transport =
              std::make_unique<card::ModelTransport>(card::CardLimits{8, 16, 2}, *SoftwareDevice::Create({8, 1}), Now);
          transport->card().Arm(*card::ParseFaultPlan(plan));
          return std::make_unique<pcie::PcieDevice>(std::move(transport), Now, pcie::DriverOptions{}, card.map);
        });
  }
  pcie::FakeTree fake_;
  Rights rights_{true, 0, [](const std::string&) { return true; }};
};

TEST_F(CardCheckTest, ACardThatPassesItsSelfTestIsWell) {
  fake_.Add("0000:01:00.0", "5357", "8800");
  const CardCheck check = Check();
  EXPECT_TRUE(check.well);
  EXPECT_THAT(check.text,
              HasSubstr("0000:01:00.0 5357:8800: Switch 8800 crypto card, IOMMU group 7\nself test: passed"));
}

TEST_F(CardCheckTest, ACardThatFailsItIsNot) {
  fake_.Add("0000:01:00.0", "5357", "8800");
  const CardCheck check = Check("self-test");
  EXPECT_FALSE(check.well);
  EXPECT_THAT(check.text, HasSubstr("self test: failed, the card failed its self test"));
}

TEST_F(CardCheckTest, WhatIsMissingIsListedAndTheCardLeftAlone) {
  fake_.Add("0000:01:00.0", "5357", "8800", "nvme");
  fake_.Remove("/dev/vfio");
  const CardCheck check = Check();
  EXPECT_FALSE(check.well);
  EXPECT_THAT(check.text, HasSubstr("missing: there is no /dev/vfio/vfio"));
  EXPECT_THAT(check.text, HasSubstr("missing: 0000:01:00.0 has the driver nvme"));
  EXPECT_EQ(check.text.find("self test"), std::string::npos);
}

TEST_F(CardCheckTest, ADeviceThatIsNotThereIsSaid) {
  EXPECT_THAT(Check().text, HasSubstr("missing: 0000:01:00.0: there is no such PCI device"));
}

TEST_F(CardCheckTest, TheFirstCardThatCanBeUsedIsChosenElseWhyNone) {
  std::string chosen;
  const auto survey = [&] { return Survey(fake_.tree(), pcie::KnownCards(), rights_); };
  EXPECT_THAT(WhyNone(survey(), chosen), HasSubstr("there is no PCI device"));
  fake_.Add("0000:00:02.0", "8086", "1572", "i40e", "2");
  fake_.Add("0000:01:00.0", "5357", "8800", "");
  const std::string why = WhyNone(survey(), chosen);
  EXPECT_THAT(why, HasSubstr("\n  0000:00:02.0 is 8086:1572, which is not a known card; mend it with: "));
  EXPECT_THAT(why, HasSubstr("\n  0000:01:00.0 has no driver"));
  EXPECT_TRUE(chosen.empty());
  fake_.Add("0000:02:00.0", "5357", "8800", "vfio-pci", "9");
  EXPECT_TRUE(WhyNone(survey(), chosen).empty());
  EXPECT_EQ(chosen, "0000:02:00.0");
}

}  // namespace
}  // namespace sw::hal::vfio
