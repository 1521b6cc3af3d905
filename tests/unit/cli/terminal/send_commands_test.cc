// `send`: who gets a message, and what is no message.
#include <gtest/gtest.h>

#include <array>

#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

class Send : public testing::Test {
 protected:
  Send() : bench({.lines = &lines, .line = LineId{}}) {
    for (int number = 0; number < 2; ++number) {
      others[number] = std::make_unique<Session>(
          *bench.device, bench.grammar,
          SessionOptions{.who = "bob", .from = "vty", .lines = &lines, .line = LineId{LineType::kVty, number}});
      others[number]->Listen(&screens[number]);
    }
  }
  ~Send() override {
    for (auto& each : others) each.reset();
    bench.session.reset();
  }
  UserInterfaces lines;
  TestBench bench;
  std::array<std::unique_ptr<Session>, 2> others;
  std::array<Screen, 2> screens;
};

TEST_F(Send, AllWhoSitThereGetItAndNotTheSender) {
  bench.RunAll({"send all", "the device restarts", "at noon"});
  EXPECT_NE(bench.Run(".").find("Sent to 2 user interface(s)."), std::string::npos);
  for (const Screen& screen : screens)
    EXPECT_EQ(screen.notices, "\n***Message from con0, user console:\nthe device restarts\nat noon\n***\n");
  EXPECT_EQ(bench.screen.notices, "");
}

TEST_F(Send, OneLineGetsItByItsNameOrNumber) {
  bench.RunAll({"send vty 1", "a", "."});
  EXPECT_EQ(screens[0].notices, "");
  EXPECT_NE(screens[1].notices.find("\na\n"), std::string::npos);
  bench.RunAll({"send 2", "b", "."});
  EXPECT_NE(screens[0].notices.find("\nb\n"), std::string::npos);
}

TEST_F(Send, WhatCannotBeSentIsRefused) {
  EXPECT_NE(bench.Run("send vty 4").find("Nobody is there"), std::string::npos);
  (void)bench.Run(".");
  EXPECT_NE(bench.Run("send con 0").find("in use"), std::string::npos);
  (void)bench.Run(".");
  (void)bench.Run("send all");
  EXPECT_NE(bench.Run(".").find("empty"), std::string::npos);
  (void)bench.Run("send all");
  (void)bench.Run("\x1b[2J");
  EXPECT_NE(bench.Run(".").find("control byte 0x1b (ESC)"), std::string::npos);
  (void)bench.Run("send all");
  (void)bench.Run(std::string(2001, 'x'));
  EXPECT_NE(bench.Run(".").find("at most"), std::string::npos);
  EXPECT_EQ(screens[0].notices, "");
}

TEST_F(Send, NothingOfAMessageIsRunAsACommand) {
  for (const char* first : {"send vty 4", "send con 0", "send everybody", "send all"}) {
    (void)bench.Run(first);
    bench.RunAll({"\x07", "system-view", "sysname wrong"});
    (void)bench.Run(".");
    EXPECT_EQ(bench.prompt(), "<SecBlade_VPN>") << first;
  }
  EXPECT_EQ(screens[0].notices, "");
}

}  // namespace
}  // namespace sw::cli
