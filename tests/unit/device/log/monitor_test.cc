#include "device/log/monitor.h"

#include <gtest/gtest.h>

#include <vector>

namespace sw::device {
namespace {

class MonitorTest : public testing::Test {
 protected:
  MonitorTest() { monitor_.set_sysname("SW8800"); }
  // 2003-06-07 05:23:03 UTC
  Monitor monitor_{{[] { return std::int64_t{1054963383}; }, [] { return Duration(std::chrono::seconds(62)); }}};
  std::vector<MonitorLine> lines_;
};

TEST_F(MonitorTest, WritesALogLineAsTheConfigurationGuideShowsIt) {
  monitor_.Subscribe([this](const MonitorLine& line) { lines_.push_back(line); });
  monitor_.Log(Severity::kNotifications, "IFNET", "UPDOWN",
               "Line protocol on interface Ethernet2/1/2, changed state to UP");
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0].kind, InfoKind::kLog);
  EXPECT_EQ(
      lines_[0].text,
      "%Jun  7 05:23:03 2003 SW8800 IFNET/6/UPDOWN:Line protocol on interface Ethernet2/1/2, changed state to UP");
}

TEST_F(MonitorTest, MarksDebuggingOutput) {
  monitor_.Subscribe([this](const MonitorLine& line) { lines_.push_back(line); });
  monitor_.Debug("DVPN", "REGISTER", "step 1");
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_EQ(lines_[0].kind, InfoKind::kDebug);
  EXPECT_EQ(lines_[0].text, "*62.000 SW8800 DVPN/8/REGISTER:step 1");
}

TEST_F(MonitorTest, TellsNobodyWhoHasUnsubscribedEvenInTheMiddleOfALine) {
  Monitor::SubscriberId second = 0;
  monitor_.Subscribe([&](const MonitorLine&) { monitor_.Unsubscribe(second); });
  second = monitor_.Subscribe([this](const MonitorLine& line) { lines_.push_back(line); });
  monitor_.Debug("DVPN", "MISC", "x");
  EXPECT_TRUE(lines_.empty());
}

TEST_F(MonitorTest, SendsLogHostsWhatTheirChannelLetsThrough) {
  InfoSettings settings;
  settings.hosts = {{*Ipv4::Parse("192.0.2.1")}, {*Ipv4::Parse("192.0.2.2"), kTrapBufferChannel, 16}};
  monitor_.info().Configure(settings);
  std::vector<std::string> sent;
  monitor_.OnLogHostLine(
      [&](const LogHost& host, const std::string& line) { sent.push_back(host.address.ToString() + " " + line); });
  monitor_.Log(Severity::kErrors, "CFM", "APPLY", "no");
  monitor_.Trap(Severity::kErrors, "DVPN", "MAP", "built");
  EXPECT_EQ(sent, (std::vector<std::string>{"192.0.2.1 <187>Jun  7 05:23:03 2003 SW8800 CFM/4/APPLY:no",
                                            "192.0.2.1 <187>Jun  7 05:23:03 2003 SW8800 DVPN/4/MAP:built",
                                            "192.0.2.2 <131>Jun  7 05:23:03 2003 SW8800 DVPN/4/MAP:built"}));
  EXPECT_EQ(monitor_.info().log_buffer().records.size(), 1U);
  EXPECT_EQ(monitor_.info().trap_buffer().records.size(), 1U);
}

TEST_F(MonitorTest, SaysWhichTerminalsALineIsFor) {
  InfoSettings settings;
  settings.filters[{kMonitorChannel, ""}].on[0] = false;
  monitor_.info().Configure(settings);
  monitor_.Subscribe([this](const MonitorLine& line) { lines_.push_back(line); });
  monitor_.Log(Severity::kErrors, "CFM", "APPLY", "no");
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_TRUE(lines_[0].console);
  EXPECT_FALSE(lines_[0].monitor);
}

}  // namespace
}  // namespace sw::device
