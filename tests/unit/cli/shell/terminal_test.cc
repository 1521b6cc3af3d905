// The terminal on a real pseudo-terminal: a child process runs it, the test types keys and reads the screen.
#include "cli/shell/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "cli/session/session.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/event_loop.h"
#include "device/lab/lab_platform.h"
#include "device/log/monitor.h"
#include "hal/soft/software_device.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// In the child: a device and its terminal until the session closes.
void RunTerminal() {
  device::EventLoop loop;
  PacketPool packets;
  SeededRandom random(1);
  auto crypto = std::move(*hal::SoftwareDevice::Create());
  device::LabPlatform platform(loop, packets);
  auto device = std::move(
      *device::Device::Create(platform, std::move(*configdb::Store::Open(":memory:")),
                              {.crypto = *crypto, .random = random, .wall_clock = [] { return std::int64_t{0}; }}));
  const Grammar grammar = std::move(*BuildGrammar());
  Session session(*device, grammar, {.interactive = true, .monitor = true, .line = LineId{}});
  LocalTerminal terminal(session, loop, loop, [&loop] { loop.Stop(); }, {});
  loop.OnSignal(SIGINT, [&terminal] { terminal.Interrupt(); });
  loop.OnSignal(
      SIGUSR1, [&device] { device->monitor().Log(device::Severity::kWarnings, "DVPN", "TEST", "something happened"); });
  terminal.Start();
  loop.Run();
}

class Pty {
 public:
  Pty() {
    winsize size{};
    size.ws_row = 40;
    size.ws_col = 100;
    child_ = ::forkpty(&fd_, nullptr, nullptr, &size);
    if (child_ != 0) return;
    RunTerminal();
    ::_exit(0);
  }
  ~Pty() {
    ::close(fd_);
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }
  void Type(std::string_view keys) {
    ASSERT_EQ(::write(fd_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  // The screen's output since the last call, up to and with `text`; an end of time or of the terminal ends it too.
  std::string Until(std::string_view text) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (pending_.find(text) == std::string::npos && std::chrono::steady_clock::now() < end) {
      pollfd poll{fd_, POLLIN, 0};
      if (::poll(&poll, 1, 200) <= 0) continue;
      char bytes[1024];
      const ssize_t got = ::read(fd_, bytes, sizeof(bytes));
      if (got <= 0) break;
      pending_.append(bytes, static_cast<std::size_t>(got));
    }
    const std::size_t found = pending_.find(text);
    const std::size_t length = found == std::string::npos ? pending_.size() : found + text.size();
    std::string out = pending_.substr(0, length);
    pending_.erase(0, length);
    EXPECT_NE(found, std::string::npos) << "never seen: " << text << "\nseen: " << out;
    return out;
  }
  void Signal(int signal) { ::kill(child_, signal); }
  bool Ended() {
    int status = 0;
    const bool ended = ::waitpid(child_, &status, 0) == child_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    child_ = 0;
    return ended;
  }

 private:
  int fd_ = -1;
  pid_t child_ = -1;
  std::string pending_;
};

TEST(Terminal, ShowsPromptsAndRunsLines) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("display clock\r");
  EXPECT_THAT(pty.Until("<SecBlade_VPN>"), HasSubstr("00:00:00 UTC Thu 01/01/1970\r\n"));
  pty.Type("foo\r");
  EXPECT_THAT(pty.Until("<SecBlade_VPN>"), HasSubstr("\n              ^\r\n % Unrecognized command"));
  pty.Type("quit\r");
  EXPECT_TRUE(pty.Ended());
}

TEST(Terminal, HelpsAtOnceAndKeepsTheLine) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("display cl?");
  const std::string help = pty.Until("<SecBlade_VPN>display cl");
  EXPECT_THAT(help, HasSubstr("  clock  Clock status and configuration information\r\n"));
  pty.Type("ock\r");
  EXPECT_THAT(pty.Until("<SecBlade_VPN>"), HasSubstr("UTC"));
}

TEST(Terminal, CompletesAndCycles) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("sys\t");
  (void)pty.Until("system-view ");
  pty.Type("\r");
  (void)pty.Until("[SecBlade_VPN]");
  pty.Type("d\t");
  (void)pty.Until("delete ");
  pty.Type("\t");
  (void)pty.Until("isplay ");  // no more is drawn than what is different
  pty.Type("\t");
  (void)pty.Until("omain ");
  pty.Type("\t");
  (void)pty.Until("vpn ");
  pty.Type("service enable\r");
  (void)pty.Until("[SecBlade_VPN]");
  pty.Type("display this\r");
  (void)pty.Until(" dvpn service enable\r\n");
}

TEST(Terminal, ReturnsToUserViewOnControlZ) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("system-view\r");
  (void)pty.Until("[SecBlade_VPN]");
  pty.Type("interface loopback 1\r");
  (void)pty.Until("[SecBlade_VPN-LoopBack1]");
  pty.Type("half a line\x1a");
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("display clock\r");
  EXPECT_THAT(pty.Until("<SecBlade_VPN>"), HasSubstr("UTC"));
}

TEST(Terminal, DropsTheLineOnControlC) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("some words");
  (void)pty.Until("some words");
  pty.Type("\x03");
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("display clock\r");
  EXPECT_THAT(pty.Until("UTC"), Not(HasSubstr("words")));
}

TEST(Terminal, EndsAPingOnControlC) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("ping -c 1000 -t 60000 10.1.2.3\r");
  (void)pty.Until("press CTRL_C to break");
  pty.Type("\x03");
  EXPECT_THAT(pty.Until("<SecBlade_VPN>"), HasSubstr("packet loss"));
}

TEST(Terminal, PagesLongOutput) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type(
      "system-view\ruser-interface con 0\rscreen-length 14\rinterface tunnel 1\rinterface tunnel 2\rinterface tunnel "
      "3\rreturn\r");
  (void)pty.Until("[SecBlade_VPN-Tunnel3]return\r\n<SecBlade_VPN>");
  pty.Type("display current-configuration\r");
  const std::string first = pty.Until("  ---- More ----");
  EXPECT_EQ(std::ranges::count(first, '\n'), 14) << "the typed line and 13 more";
  pty.Type(" ");
  const std::string second = pty.Until("<SecBlade_VPN>");
  EXPECT_THAT(second, HasSubstr("\x1b[16D                \x1b[16D"));
  EXPECT_THAT(second, HasSubstr("return\r\n"));
  pty.Type("display current-configuration\r");
  (void)pty.Until("  ---- More ----");
  pty.Type("q");
  EXPECT_THAT(pty.Until("<SecBlade_VPN>"), Not(HasSubstr("return")));
}

TEST(Terminal, DoesNotGarbleTheLineWithNotices) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("display cl");
  (void)pty.Until("display cl");
  pty.Signal(SIGUSR1);
  EXPECT_THAT(pty.Until("<SecBlade_VPN>display cl"), HasSubstr("something happened\r\n"));
  pty.Type("ock\r");
  EXPECT_THAT(pty.Until("<SecBlade_VPN>"), HasSubstr("UTC"));
}

TEST(Terminal, RemembersLinesButNotAnswers) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("save\r");
  (void)pty.Until("[Y/N]:");
  pty.Type("n\r");
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("\x10");  // Ctrl+P
  (void)pty.Until("save");
  pty.Type("\r");
  (void)pty.Until("[Y/N]:");
}

TEST(Terminal, KeepsWhatIsTypedWhileACommandRuns) {
  Pty pty;
  (void)pty.Until("<SecBlade_VPN>");
  pty.Type("ping -c 1 -t 300 10.1.2.3\rdisplay clock\r");
  (void)pty.Until("packet loss");
  EXPECT_THAT(pty.Until("UTC"), HasSubstr("<SecBlade_VPN>display clock"));
}

}  // namespace
}  // namespace sw::cli
