#include "device/monitor.h"

#include <gtest/gtest.h>

#include <vector>

namespace sw::device {
namespace {

class MonitorTest : public testing::Test {
 protected:
  MonitorTest() { monitor_.set_sysname("SW8800"); }
  Monitor monitor_{[] { return std::int64_t{1054963383}; }};  // 2003-06-07 05:23:03 UTC
  std::vector<MonitorLine> lines_;
};

TEST_F(MonitorTest, WritesALogLineAsTheConfigurationGuideShowsIt) {
  monitor_.Subscribe([this](const MonitorLine& line) { lines_.push_back(line); });
  monitor_.Log(Severity::kNotifications, "IFNET", "UPDOWN", "Line protocol on interface Ethernet2/1/2, changed state to UP");
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_FALSE(lines_[0].debugging);
  EXPECT_EQ(lines_[0].text,
            "%Jun  7 05:23:03 2003 SW8800 IFNET/6/UPDOWN:Line protocol on interface Ethernet2/1/2, changed state to UP");
}

TEST_F(MonitorTest, MarksDebuggingOutput) {
  monitor_.Subscribe([this](const MonitorLine& line) { lines_.push_back(line); });
  monitor_.Debug("DVPN", "REGISTER", "step 1");
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_TRUE(lines_[0].debugging);
  EXPECT_EQ(lines_[0].text, "*Jun  7 05:23:03 2003 SW8800 DVPN/8/REGISTER:step 1");
}

TEST_F(MonitorTest, TellsNobodyWhoHasUnsubscribedEvenInTheMiddleOfALine) {
  Monitor::SubscriberId second = 0;
  monitor_.Subscribe([&](const MonitorLine&) { monitor_.Unsubscribe(second); });
  second = monitor_.Subscribe([this](const MonitorLine& line) { lines_.push_back(line); });
  monitor_.Debug("DVPN", "MISC", "x");
  EXPECT_TRUE(lines_.empty());
}

}  // namespace
}  // namespace sw::device
