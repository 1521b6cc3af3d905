#include "cli/shell/terminal.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/session/key_terminal.h"
#include "cli/shell/readline_editor.h"

namespace sw::cli {
namespace {

// A person's screen has a width; where the tty does not say it, lines are not folded.
std::size_t Columns(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void Write(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote > 0) {
      text.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (wrote < 0 && errno == EAGAIN) {
      pollfd room{fd, POLLOUT, 0};
      (void)::poll(&room, 1, -1);
    } else if (wrote == 0 || errno != EINTR) {
      return;  // nobody is there to read it
    }
  }
}

// Keys come one by one, all of them as bytes, and what is written is not changed on its way to the screen.
class RawMode {
 public:
  explicit RawMode(int fd) : fd_(fd) {
    termios mode{};
    if (::tcgetattr(fd_, &mode) != 0) return;
    before_ = mode;
    ::cfmakeraw(&mode);
    ::tcsetattr(fd_, TCSADRAIN, &mode);
  }
  ~RawMode() {
    if (before_) ::tcsetattr(fd_, TCSADRAIN, &*before_);
  }
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  int fd_;
  std::optional<termios> before_;
};

}  // namespace

struct LocalTerminal::Impl {
  Impl(Console& console, device::EventLoop& event_loop, Scheduler& timers, std::function<void()> then, Tty which)
      : loop(event_loop),
        ended(std::move(then)),
        tty(which),
        keys(
            console, timers, [this](std::string_view text) { Write(tty.out, text); }, [this] { OnSessionEnd(); },
            MakeReadlineEditor(tty.history_file)) {}

  void Start() {
    raw.emplace(tty.in);
    watch = loop.WatchReadable(tty.in, [this] { OnReadable(); });
    keys.set_width(Columns(tty.out));
    keys.Start();
  }

  void OnReadable() {
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(tty.in, bytes.data(), bytes.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (over) return End();
    keys.set_width(Columns(tty.out));
    if (got > 0) return keys.Keys({bytes.data(), static_cast<std::size_t>(got)});
    watch.reset();
    keys.EndOfInput();
  }

  // Whoever comes back and types on, types here and not to what is behind this program.
  void OnSessionEnd() {
    if (!keys.idled_out() || watch == nullptr) return End();
    over = true;
    Write(tty.out,
          "\r\n % Nobody typed for the idle time of this line: the session is closed. Press a key to leave.\r\n");
    (void)::tcflush(tty.in, TCIFLUSH);
  }

  void End() {
    watch.reset();
    raw.reset();
    ended();
  }

  device::EventLoop& loop;
  std::function<void()> ended;
  Tty tty;
  bool over = false;  // the session has ended, and a key is waited for
  std::optional<RawMode> raw;
  KeyTerminal keys;
  std::unique_ptr<device::EventLoop::Watch> watch;
};

LocalTerminal::LocalTerminal(Console& console, device::EventLoop& loop, Scheduler& timers, std::function<void()> ended,
                             Tty tty)
    : impl_(std::make_unique<Impl>(console, loop, timers, std::move(ended), tty)) {}
LocalTerminal::~LocalTerminal() = default;
void LocalTerminal::Start() {
  impl_->Start();
}
void LocalTerminal::Interrupt() {
  impl_->keys.Keys("\x03");
}

}  // namespace sw::cli
