#include "hal/failover/probe.h"

#include <gtest/gtest.h>

#include "tests/unit/hal/failover/fake_card.h"

namespace sw::hal {
namespace {

using namespace std::chrono_literals;
using Outcome = Probe::Outcome;

class ProbeTest : public testing::Test {
 protected:
  static constexpr int kPackets = 10;
  FakeCard card_;
  std::unique_ptr<SoftwareDevice> software_ = *SoftwareDevice::Create({2, 8});
  SeededRandom random_{5};
  Probe probe_{card_, *software_, random_};
  const Time start_{100s}, deadline_ = start_ + 1s;
};

TEST_F(ProbeTest, ACardThatComputesAsSoftwareDoesIsRight) {
  ASSERT_TRUE(probe_.Start(kPackets, deadline_).ok());
  Outcome outcome = Outcome::kGoesOn;
  for (int i = 0; i < kPackets && outcome == Outcome::kGoesOn; ++i) outcome = probe_.Poll(start_);
  EXPECT_EQ(outcome, Outcome::kRight);
  EXPECT_EQ(probe_.done(), static_cast<std::uint64_t>(kPackets));
  probe_.End();
  ASSERT_TRUE(probe_.Start(kPackets, deadline_).ok()) << "software has room for its SA again";
  probe_.End();
}

TEST_F(ProbeTest, OneWrongBitIsEnough) {
  ASSERT_TRUE(probe_.Start(kPackets, deadline_).ok());
  card_.wrong = true;
  EXPECT_EQ(probe_.Poll(start_), Outcome::kWrong);
}

TEST_F(ProbeTest, TimeRunsOut) {
  ASSERT_TRUE(probe_.Start(kPackets, deadline_).ok());
  card_.takes = false;
  EXPECT_EQ(probe_.Poll(start_ + 999ms), Outcome::kGoesOn);
  EXPECT_EQ(probe_.Poll(deadline_), Outcome::kLate);
}

TEST_F(ProbeTest, ACardThatGoesDownIsWrong) {
  ASSERT_TRUE(probe_.Start(kPackets, deadline_).ok());
  card_.is = Health::kDown;
  EXPECT_EQ(probe_.Poll(start_), Outcome::kWrong);
}

TEST_F(ProbeTest, SaysWhichEngineRefusedItsSa) {
  card_.adds = {Code::kBusy, "no room"};
  EXPECT_EQ(probe_.Start(kPackets, deadline_).why(), "no room");
  card_.adds = {};
  ASSERT_TRUE(software_->AddSa(SpecOf()).ok());
  ASSERT_TRUE(software_->AddSa(SpecOf()).ok());
  EXPECT_EQ(probe_.Start(kPackets, deadline_).why(), "software refused the probe's SA");
}

}  // namespace
}  // namespace sw::hal
