// Arguments with a spelling of their own: what is accepted, stored and printed.
#include <gtest/gtest.h>

#include "cli/grammar/argument.h"

namespace sw::cli {
namespace {

std::optional<std::string> Accept(const char* spec, const char* token) {
  return AcceptArgument(*ParseArgumentSpec(spec), token);
}

TEST(ArgumentWords, NamesStandForNumbers) {
  EXPECT_EQ(Accept("named:tcp-port:0-65535", "telnet"), "23");
  EXPECT_EQ(Accept("named:tcp-port:0-65535", "tel"), "23");
  EXPECT_EQ(Accept("named:tcp-port:0-65535", "ftp"), "21") << "a full name beats the longer ones";
  EXPECT_EQ(Accept("named:tcp-port:0-65535", "pop"), std::nullopt) << "pop2 or pop3";
  EXPECT_EQ(Accept("named:tcp-port:0-65535", "0080"), "80");
  EXPECT_EQ(Accept("named:tcp-port:0-65535", "65536"), std::nullopt);
  EXPECT_EQ(Accept("named:udp-port:0-65535", "telnet"), std::nullopt);
  EXPECT_EQ(Accept("named:icmp-type", "ttl-exceeded"), "11 0");
  EXPECT_EQ(Accept("named:icmp-type", "11"), std::nullopt);
  EXPECT_FALSE(ParseArgumentSpec("named:nothing:0-1"));
  const ArgumentSpec port = *ParseArgumentSpec("named:tcp-port:0-65535");
  EXPECT_EQ(PrintArgument(port, "80"), "www");
  EXPECT_EQ(PrintArgument(port, "8080"), "8080");
  EXPECT_EQ(DescribeArgument(port), "INTEGER<0-65535>");
}

TEST(ArgumentWords, Times) {
  EXPECT_EQ(Accept("time", "9:5:07"), "09:05:07");
  EXPECT_EQ(Accept("time", "23:59"), "23:59:00");
  for (const char* bad : {"24:00:00", "1:60:00", "1", "a:b:c", "1:2:3:4", "-1:00", "001:00"}) {
    EXPECT_EQ(Accept("time", bad), std::nullopt) << bad;
  }
  EXPECT_EQ(Accept("hour-minute", "8:00"), "08:00");
  EXPECT_EQ(Accept("hour-minute", "24:00"), "24:00");
  EXPECT_EQ(Accept("hour-minute", "24:01"), std::nullopt);
}

TEST(ArgumentWords, DatesEitherWay) {
  EXPECT_EQ(Accept("date", "2007/1/5"), "2007/01/05");
  EXPECT_EQ(Accept("date", "1/5/2007"), "2007/01/05");
  EXPECT_EQ(Accept("us-date", "2007/1/5"), "01/05/2007");
  for (const char* bad : {"2/30/2007", "1999/1/1", "2036/1/1", "1/2", "2007-1-5", "//"}) {
    EXPECT_EQ(Accept("date", bad), std::nullopt) << bad;
  }
}

TEST(ArgumentWords, MacAndHex) {
  EXPECT_EQ(Accept("mac", "E0-fc01-1"), "00e0-fc01-0001");
  for (const char* bad : {"00e0-fc01", "0-0-0-0", "g-0-0", "12345-0-0", "--"}) {
    EXPECT_EQ(Accept("mac", bad), std::nullopt) << bad;
  }
  EXPECT_EQ(Accept("hex", "0x806"), "0806");
  EXPECT_EQ(Accept("hex", "AAAA"), "aaaa");
  EXPECT_EQ(Accept("hex", "10000"), std::nullopt);
}

}  // namespace
}  // namespace sw::cli
