// Keys and screens: tests/transcripts/keys/*.txt are what somebody types on a real pseudo-terminal and what then stands
// on its screen.
//
// A line that begins with "> " is typed as it is, without Enter; keys have names in < >: see kKeys. <WAIT> lets a
// minute pass on the device. The lines up to the next "> " are the screen from the row the cursor was in, down to where
// it is: a row "^ cursor" shows it where it is not at the end, "(bell)" stands behind when it rang. Remarks and options
// as in the transcripts; "# columns N" is the screen's width.
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "cli/shell/terminal.h"
#include "device/event_loop.h"
#include "test_paths.h"
#include "tests/unit/cli/bench_device.h"
#include "tests/unit/cli/screen.h"

namespace sw::cli {
namespace {

constexpr std::pair<std::string_view, std::string_view> kKeys[] = {
    {"ENTER", "\r"},
    {"TAB", "\t"},
    {"BACKSPACE", "\x7f"},
    {"UP", "\x1b[A"},
    {"DOWN", "\x1b[B"},
    {"RIGHT", "\x1b[C"},
    {"LEFT", "\x1b[D"},
    {"HOME", "\x1b[H"},
    {"END", "\x1b[F"},
    {"DELETE", "\x1b[3~"},
    {"ESC-B",
     "\x1b"
     "b"},
    {"ESC-F",
     "\x1b"
     "f"},
    {"ESC-D",
     "\x1b"
     "d"},
    {"SPACE", " "},
};

struct Script {
  SessionOptions options{.interactive = true, .line = LineId{LineType::kConsole, 0}};
  std::size_t columns = 0;
  std::string remarks, rest;
  std::vector<std::string> typed;
};

Script Load(const std::filesystem::path& path) {
  Script out;
  std::ifstream in(path);
  bool remarks = true;
  for (std::string line; std::getline(in, line);) {
    remarks = remarks && line.starts_with('#');
    (remarks ? out.remarks : out.rest) += line + "\n";
    if (line.starts_with("# columns ")) out.columns = std::stoul(line.substr(10));
    if (line == "# level monitor") out.options.level = kMonitor;
    if (line == "# virtual line") out.options.line = LineId{LineType::kVty, 0};
    if (!remarks && line.starts_with("> ")) out.typed.push_back(line.substr(2));
  }
  return out;
}

// A device in virtual time behind a terminal on a real pty. What the kernel delivers late is waited for: a key until
// the terminal can read it, the screen until a mark has come through that the test itself writes behind it.
class Pty {
 public:
  explicit Pty(const Script& script) : bench_(script.options), screen_(script.columns) {
    winsize size{};
    size.ws_row = 24;
    size.ws_col = static_cast<unsigned short>(script.columns);
    EXPECT_EQ(::openpty(&keyboard_, &tty_, nullptr, nullptr, &size), 0);
    terminal_ = std::make_unique<LocalTerminal>(
        *bench_.session, loop_, [this] { ended_ = true; }, LocalTerminal::Tty{tty_, tty_});
    terminal_->Start();
  }
  ~Pty() {
    terminal_.reset();
    ::close(tty_);
    ::close(keyboard_);
  }

  // What the screen then shows.
  std::string Type(std::string_view text) {
    const std::size_t row = screen_.row();
    while (!text.empty() && !ended_) {
      const std::size_t end = text.front() == '<' ? text.find('>') : std::string_view::npos;
      const std::string name(end == std::string_view::npos ? "" : text.substr(1, end - 1));
      const std::string key = Key(name);
      text.remove_prefix(key.empty() && name != "WAIT" ? 1 : end + 1);
      if (name == "WAIT") {
        bench_.scheduler.RunFor(std::chrono::minutes(1));
      } else {
        Press(key.empty() ? std::string(1, *(text.data() - 1)) : key);
      }
    }
    (void)loop_.RunFor(std::chrono::milliseconds(1));  // what the loop has to do at once: the end of the terminal
    Look();
    std::string out = screen_.From(row);
    if (screen_.TakeBells() > 0) out += "(bell)\n";
    if (ended_) out += "(ended)\n";
    return out;
  }

 private:
  static std::string Key(const std::string& name) {
    if (name.starts_with("CTRL-") && name.size() == 6) return {static_cast<char>(name[5] & 0x1f)};
    const auto it = std::ranges::find(kKeys, name, &std::pair<std::string_view, std::string_view>::first);
    return it == std::end(kKeys) ? std::string() : std::string(it->second);
  }
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
    screen_.Show(std::string_view(seen).substr(0, seen.size() - kMark.size()));
  }

  TestBench bench_;
  device::EventLoop loop_;
  TerminalScreen screen_;
  int keyboard_ = -1, tty_ = -1;
  bool ended_ = false;
  std::unique_ptr<LocalTerminal> terminal_;
};

class KeysTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(KeysTest, ShowsWhatIsWritten) {
  const Script script = Load(GetParam());
  ASSERT_FALSE(script.typed.empty());
  Pty pty(script);
  std::string screen;
  for (const std::string& typed : script.typed) screen += "> " + typed + "\n" + pty.Type(typed);
  EXPECT_EQ(screen, script.rest);
  // After a change that is meant: write down what there is now, and read the difference.
  if (std::getenv("SW_WRITE_TRANSCRIPTS") != nullptr) std::ofstream(GetParam()) << script.remarks << screen;
}

std::vector<std::filesystem::path> Files() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(SW_SOURCE_DIR) + "/tests/transcripts/keys")) {
    out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Keys, KeysTest, testing::ValuesIn(Files()),
                         [](const auto& each) { return each.param.stem().string(); });

}  // namespace
}  // namespace sw::cli
