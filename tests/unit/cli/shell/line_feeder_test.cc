#include "cli/shell/line_feeder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

class LineFeederTest : public testing::Test {
 protected:
  LineFeederTest()
      : feeder(
            *bench.session, loop, [this](std::string_view text) { screen += text; },
            [this] {
              ++ends;
              loop.Stop();
            }) {
    EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  }
  ~LineFeederTest() override {
    ::close(pipe[0]);
    CloseInput();
  }
  void CloseInput() {
    if (pipe[1] >= 0) ::close(pipe[1]);
    pipe[1] = -1;
  }
  void Send(std::string_view text) {
    EXPECT_EQ(::write(pipe[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  bool RunUntilScreen(std::string_view text) {
    return loop.RunUntil([&] { return screen.find(text) != std::string::npos; }, std::chrono::seconds(10));
  }

  TestBench bench;
  device::EventLoop loop;
  std::string screen;
  int ends = 0;
  std::array<int, 2> pipe{-1, -1};
  LineFeeder feeder;
};

TEST_F(LineFeederTest, ReadsLikeASession) {
  feeder.Run({"system-view", "sysname X", "foo"});
  loop.RunFor(std::chrono::seconds(10));
  EXPECT_EQ(screen,
            "<SecBlade_VPN>system-view\nSystem View: return to User View with Ctrl+Z.\n[SecBlade_VPN]sysname X\n"
            "[X]foo\n   ^\n % Unrecognized command found at '^' position.\n");
  EXPECT_EQ(ends, 1);
  EXPECT_TRUE(feeder.refused());
}

TEST_F(LineFeederTest, TakesAPipePieceByPiece) {
  feeder.Read(pipe[0]);
  EXPECT_EQ(screen, "<SecBlade_VPN>") << "whoever writes the pipe may wait for the prompt";
  Send("system-");
  Send("view\r\nsysname");
  ASSERT_TRUE(RunUntilScreen("[SecBlade_VPN]"));
  Send(" Y");
  CloseInput();
  loop.RunFor(std::chrono::seconds(10));
  EXPECT_EQ(screen.substr(screen.find("[SecBlade_VPN]")), "[SecBlade_VPN]sysname Y\n");
  EXPECT_EQ(bench.prompt(), "[Y]");
  EXPECT_EQ(ends, 1);
  EXPECT_FALSE(feeder.refused());
}

TEST_F(LineFeederTest, EndsWithTheSession) {
  feeder.Read(pipe[0]);
  Send("quit\ndisplay clock\n");
  loop.RunFor(std::chrono::seconds(10));
  EXPECT_EQ(screen, "<SecBlade_VPN>quit\n");
  EXPECT_EQ(ends, 1);
}

TEST_F(LineFeederTest, KeepsNoEndlessLine) {
  feeder.Read(pipe[0]);
  for (int i = 0; i < 8; ++i) Send(std::string(8000, 'x'));
  Send("\n");
  CloseInput();
  loop.RunFor(std::chrono::seconds(10));
  EXPECT_LT(screen.size(), 10000U);
  EXPECT_TRUE(feeder.refused());
}

}  // namespace
}  // namespace sw::cli
