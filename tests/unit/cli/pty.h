// A device in virtual time behind a terminal on a real pseudo-terminal, and the head lines of a transcript that set it
// up. What the kernel delivers late is waited for: a key until the terminal can read it, the screen until a mark has
// come through that the test itself writes behind it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/session/key_terminal.h"
#include "cli/shell/terminal.h"
#include "device/event_loop.h"
#include "test_paths.h"
#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/screen.h"

namespace sw::cli {

// A transcript's first lines begin with #: remarks, and these options.
//   # level monitor     the session's level is 1
//   # virtual line      it sits at VTY 0 instead of the console
//   # login             it has to log in first, and is greeted
//   # plain terminal    the console does it another way: see tests/unit/cli/console_test.cc
//   # idles out         the user interface's idle time counts
//   # columns N         the screen's width; without: no end
//   # bytes             shown is what the terminal sends, byte by byte
//   # configured LINE   LINE was typed in system view before
struct Script {
  SessionOptions options{.interactive = true, .line = LineId{LineType::kConsole, 0}};
  std::size_t columns = 0;
  bool bytes = false, plain = false;
  std::vector<std::string> configured;
  std::string history_file;        // of the console
  std::string remarks;             // with the options, as they stand in the file
  std::vector<std::string> lines;  // what follows
};

inline Script LoadScript(const std::filesystem::path& path) {
  constexpr std::string_view kColumns = "# columns ", kConfigured = "# configured ";
  Script out;
  std::ifstream in(path);
  bool remarks = true;
  for (std::string line; std::getline(in, line);) {
    remarks = remarks && line.starts_with('#');
    if (!remarks) {
      out.lines.push_back(line);
      continue;
    }
    out.remarks += line + "\n";
    if (line == "# level monitor") out.options.level = kMonitor;
    if (line == "# virtual line") out.options.line = LineId{LineType::kVty, 0};
    if (line == "# login") out.options.login = out.options.banner = true;
    if (line == "# idles out") out.options.idles_out = true;
    if (line == "# plain terminal") out.plain = true;
    if (line == "# bytes") out.bytes = true;
    if (line.starts_with(kColumns)) out.columns = std::stoul(line.substr(kColumns.size()));
    if (line.starts_with(kConfigured)) out.configured.push_back(line.substr(kConfigured.size()));
  }
  return out;
}

// The two terminals: the console's, on readline, and the one that SSH sessions have, here on a pseudo-terminal as well.
enum class Kind : std::uint8_t { kConsole, kPlain };

class PlainTerminal {
 public:
  PlainTerminal(Console& console, device::EventLoop& loop, Scheduler& timers, std::function<void()> ended, int tty)
      : loop_(loop),
        tty_(tty),
        keys_(
            console, timers,
            [tty](std::string_view text) {
              EXPECT_EQ(::write(tty, text.data(), text.size()), static_cast<ssize_t>(text.size()));
            },
            std::move(ended)) {}
  void Start() {
    termios mode{};
    EXPECT_EQ(::tcgetattr(tty_, &mode), 0);
    ::cfmakeraw(&mode);
    EXPECT_EQ(::tcsetattr(tty_, TCSADRAIN, &mode), 0);
    winsize size{};
    if (::ioctl(tty_, TIOCGWINSZ, &size) == 0) keys_.set_width(size.ws_col);
    watch_ = loop_.WatchReadable(tty_, [this] {
      char bytes[4096];
      const ssize_t got = ::read(tty_, bytes, sizeof bytes);
      if (got > 0) keys_.Keys({bytes, static_cast<std::size_t>(got)});
    });
    keys_.Start();
  }

 private:
  device::EventLoop& loop_;
  int tty_;
  KeyTerminal keys_;
  std::unique_ptr<device::EventLoop::Watch> watch_;
};

class Pty {
 public:
  explicit Pty(const Script& script, Kind kind = Kind::kConsole) : screen_(script.columns) {
    ::setenv("INPUTRC", "/dev/null", 1);  // the tester's own keys are not the test's
    bench_.RunAll({"system-view"});
    for (const std::string& line : script.configured) {
      EXPECT_NE(bench_.OutcomeOf(line), Outcome::kRefused) << line << "\n" << bench_.screen.text;
    }
    bench_.Open(script.options);
    winsize size{};
    size.ws_row = 24;
    size.ws_col = static_cast<unsigned short>(script.columns);
    EXPECT_EQ(::openpty(&keyboard_, &tty_, nullptr, nullptr, &size), 0);
    const auto ended = [this] { ended_ = true; };
    if (kind == Kind::kConsole) {
      console_ = std::make_unique<LocalTerminal>(*bench_.session, loop_, bench_.scheduler, ended,
                                                 LocalTerminal::Tty{tty_, tty_, script.history_file});
      console_->Start();
    } else {
      plain_ = std::make_unique<PlainTerminal>(*bench_.session, loop_, bench_.scheduler, ended, tty_);
      plain_->Start();
    }
    Settle();
  }
  ~Pty() {
    console_.reset();
    plain_.reset();
    ::close(tty_);
    ::close(keyboard_);
  }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  // Bytes of one key, or several: they arrive at once.
  void Press(const std::string& bytes) {
    ASSERT_EQ(::write(keyboard_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    pollfd arrived{tty_, POLLIN, 0};
    ASSERT_EQ(::poll(&arrived, 1, 10'000), 1) << "a key that never came";
    const auto taken = [this] {
      int waiting = 0;
      return ::ioctl(tty_, FIONREAD, &waiting) == 0 && waiting == 0;
    };
    ASSERT_TRUE(loop_.RunUntil(taken, std::chrono::seconds(10)));
    bench_.scheduler.RunFor(Duration::zero());
    Look();  // the kernel's buffer never fills
  }
  void Wait(Duration time) {
    bench_.scheduler.RunFor(time);
    Look();
  }
  void Settle() {
    bench_.scheduler.RunFor(Duration::zero());  // what is due at once: the end of the terminal
    Look();
  }
  bool ended() const { return ended_; }
  TerminalScreen& screen() { return screen_; }
  std::string Log() {  // of the device, as a user who is there afterwards reads it
    console_.reset();
    plain_.reset();
    bench_.Open({});
    return bench_.Run("display logbuffer");
  }
  std::string TakeBytes() { return std::exchange(bytes_, {}); }  // sent since the last call

 private:
  void Look() {
    constexpr std::string_view kMark = "\x01mark\x01";
    ASSERT_EQ(::write(tty_, kMark.data(), kMark.size()), static_cast<ssize_t>(kMark.size()));
    std::string seen;
    while (!seen.ends_with(kMark)) {
      char bytes[4096];
      const ssize_t got = ::read(keyboard_, bytes, sizeof bytes);
      ASSERT_GT(got, 0);
      seen.append(bytes, static_cast<std::size_t>(got));
    }
    seen.resize(seen.size() - kMark.size());
    screen_.Show(seen);
    bytes_ += seen;
  }

  TestBench bench_;
  device::EventLoop loop_;
  TerminalScreen screen_;
  std::string bytes_;
  int keyboard_ = -1, tty_ = -1;
  bool ended_ = false;
  std::unique_ptr<LocalTerminal> console_;  // the one that is tested
  std::unique_ptr<PlainTerminal> plain_;
};

inline std::vector<std::filesystem::path> TranscriptFiles(const std::string& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(SW_SOURCE_DIR) + "/" + folder)) {
    if (entry.path().extension() == ".txt") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace sw::cli
