// Where a record goes and what it looks like there.
#include "device/log/info_center.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

InfoRecord Record(InfoKind kind = InfoKind::kLog, Severity severity = Severity::kInformational) {
  return {kind, severity, "SW8800", "IFNET", "UPDOWN", "it is up", 1054963323, std::chrono::milliseconds(62007)};
}

TEST(InfoCenter, LinesAreMarkedAndStampedByKind) {
  InfoCenter info;
  EXPECT_EQ(info.Line(Record()), "%Jun  7 05:22:03 2003 SW8800 IFNET/7/UPDOWN:it is up");
  EXPECT_EQ(info.Line(Record(InfoKind::kTrap)), "#Jun  7 05:22:03 2003 SW8800 IFNET/7/UPDOWN:it is up");
  EXPECT_EQ(info.Line(Record(InfoKind::kDebug, Severity::kDebugging)), "*62.007 SW8800 IFNET/8/UPDOWN:it is up");
  InfoSettings settings;
  settings.timestamps = {InfoTimestamp::kNone, InfoTimestamp::kBoot, InfoTimestamp::kDate};
  info.Configure(settings);
  EXPECT_EQ(info.Line(Record()), "%SW8800 IFNET/7/UPDOWN:it is up");
}

TEST(InfoCenter, SyslogLinesBeginWithThePriority) {
  InfoCenter info;
  EXPECT_EQ(info.SyslogLine(Record(), {}), "<190>Jun  7 05:22:03 2003 SW8800 IFNET/7/UPDOWN:it is up")
      << "local7 is 23: 23 * 8 + 7 - 1";
  EXPECT_TRUE(info.SyslogLine(Record(InfoKind::kLog, Severity::kEmergencies), {Ipv4(), 2, 16}).starts_with("<128>"));
}

TEST(InfoCenter, DefaultsOfTheChannels) {
  InfoCenter info;
  EXPECT_TRUE(info.Passes(kConsoleChannel, Record()));
  EXPECT_TRUE(info.Passes(LogHost{}.channel, Record()));
  EXPECT_TRUE(info.Passes(kConsoleChannel, Record(InfoKind::kDebug, Severity::kDebugging)));
  EXPECT_FALSE(info.Passes(LogHost{}.channel, Record(InfoKind::kDebug, Severity::kDebugging)));
  EXPECT_FALSE(info.Passes(kLogBufferChannel, Record(InfoKind::kTrap)));
  EXPECT_TRUE(info.Passes(kTrapBufferChannel, Record(InfoKind::kTrap)));
  EXPECT_FALSE(info.Passes(kTrapBufferChannel, Record()));
}

TEST(InfoCenter, AModulesFilterBeatsTheOneForAll) {
  InfoSettings settings;
  settings.filters[{LogHost{}.channel, ""}].level[0] = Severity::kErrors;
  settings.filters[{LogHost{}.channel, "DVPN"}].level[0] = Severity::kDebugging;
  settings.filters[{LogHost{}.channel, "ACL"}].on[0] = false;
  InfoCenter info;
  info.Configure(settings);
  InfoRecord record = Record(InfoKind::kLog, Severity::kWarnings);
  EXPECT_FALSE(info.Passes(LogHost{}.channel, record));
  record.severity = Severity::kErrors;
  EXPECT_TRUE(info.Passes(LogHost{}.channel, record));
  record.module = "ACL";
  EXPECT_FALSE(info.Passes(LogHost{}.channel, record));
  record.module = "DVPN";
  record.severity = Severity::kInformational;
  EXPECT_TRUE(info.Passes(LogHost{}.channel, record));
  settings.enabled = false;
  info.Configure(settings);
  EXPECT_FALSE(info.Passes(LogHost{}.channel, record));
}

TEST(InfoCenter, BuffersKeepTheNewest) {
  InfoSettings settings;
  settings.log_buffer_size = 3;
  InfoCenter info;
  info.Configure(settings);
  for (int i = 0; i < 5; ++i) {
    InfoRecord record = Record();
    record.text = std::to_string(i);
    info.Store(record);
  }
  info.Store(Record(InfoKind::kTrap));
  ASSERT_EQ(info.log_buffer().records.size(), 3U);
  EXPECT_EQ(info.log_buffer().records.front().text, "2");
  EXPECT_EQ(info.log_buffer().overwritten, 2U);
  EXPECT_EQ(info.log_buffer().total, 5U);
  EXPECT_EQ(info.trap_buffer().records.size(), 1U);
  settings.log_buffer_size = 0;
  info.Configure(settings);
  EXPECT_TRUE(info.log_buffer().records.empty());
  info.Store(Record());
  EXPECT_TRUE(info.log_buffer().records.empty());
  info.ResetTrapBuffer();
  EXPECT_TRUE(info.trap_buffer().records.empty());
}

TEST(InfoCenter, ChannelsHaveNumbersAndNames) {
  InfoSettings settings;
  EXPECT_EQ(settings.ChannelOf("loghost"), LogHost{}.channel);
  EXPECT_EQ(settings.ChannelOf("5"), kSnmpChannel);
  EXPECT_EQ(settings.ChannelOf("10"), std::nullopt);
  settings.channel_names[6] = "audit";
  EXPECT_EQ(settings.ChannelOf("audit"), 6);
  EXPECT_EQ(settings.ChannelOf("channel6"), std::nullopt);
  EXPECT_EQ(SeverityOf("warnings"), Severity::kWarnings);
  EXPECT_EQ(SeverityOf("warning"), std::nullopt);
}

}  // namespace
}  // namespace sw::device
