#include "cli/shell/terminal.h"

// stdio must come first: readline's header uses FILE without declaring it.
#include <stdio.h>

#include <readline/history.h>
#include <readline/readline.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "cli/session/pager.h"

namespace sw::cli {
namespace {

constexpr char kControlC = 3;

// Ctrl+Z is a key of the command line and must not stop the program. What readline saved is restored by its own call.
void PrepareTerminal(int meta) {
  ::rl_prep_terminal(meta);
  termios mode{};
  if (::tcgetattr(STDIN_FILENO, &mode) != 0) return;
  mode.c_cc[VSUSP] = _POSIX_VDISABLE;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

void Write(std::string_view text) {
  ::fwrite(text.data(), 1, text.size(), ::stdout);
  ::fflush(::stdout);
}

}  // namespace

struct LocalTerminal::Impl final : ConsoleListener {
  Impl(Console& c, device::EventLoop& l, std::function<void()> e)
      : console(c), loop(l), ended(std::move(e)), pager(0) {}

  // readline calls plain functions; they find their terminal here while it has the keyboard.
  static Impl*& Current() {
    static Impl* current = nullptr;
    return current;
  }

  void Start() {
    Current() = this;
    console.Listen(this);
    ::rl_catch_signals = 0;
    ::rl_catch_sigwinch = 1;
    ::rl_prep_term_function = PrepareTerminal;
    ::rl_initialize();
    ::rl_variable_bind("enable-bracketed-paste", "off");  // its escape sequences would stand among the output
    Bind('?', [](int, int) { return Current()->Help(); });
    Bind('\t', [](int, int) { return Current()->Tab(); });
    Bind('Z' & 0x1f, [](int, int) { return Current()->Special(Control::kReturn); });
    Bind('X' & 0x1f, [](int, int) { return ::rl_unix_line_discard(1, 0); });
    BindHotkeys();
    ::rl_redisplay_function = Redisplay;
    Bind('Y' & 0x1f, [](int, int) { return ::rl_kill_line(1, 0); });
    ready = console.ready();
    if (ready.closed) {
      Write(ready.prompt);
      return End();
    }
    ShowPrompt();
    ArmIdle();
    Watch();
  }

  ~Impl() override {
    HidePrompt();
    RawMode(false);
    console.Listen(nullptr);
    if (Current() == this) Current() = nullptr;
  }

  void Watch() {
    watch = loop.WatchReadable(STDIN_FILENO, [this] { OnReadable(); });
  }

  // While a command runs or the pager waits, keys are read here and not by readline.
  void OnReadable() {
    last_key = loop.now();
    if (prompt_shown) return ::rl_callback_read_char();
    char key = 0;
    if (::read(STDIN_FILENO, &key, 1) != 1) return End();
    if (key == kControlC) return Interrupt();
    if (!pager.waiting()) return typed_ahead.push_back(key);
    Write(pager.Key(key));
    if (!pager.waiting() && pending_ready) Continue();
  }

  void RawMode(bool on) {
    if (on == raw) return;
    raw = on;
    if (on) {
      PrepareTerminal(0);
    } else {
      ::rl_deprep_terminal();
    }
  }

  void ShowPrompt() {
    if (prompt_shown || finished) return;
    RawMode(false);
    prompt_shown = true;
    // A prompt of several lines is a question: readline redraws only the last one.
    std::string prompt = ready.prompt;
    if (const std::size_t newline = prompt.rfind('\n'); newline != std::string::npos) {
      Write(prompt.substr(0, newline + 1));
      prompt.erase(0, newline + 1);
    }
    shown_prompt = prompt;
    secret_prompted = false;
    ::rl_callback_handler_install(shown_prompt.c_str(), [](char* line) { Current()->OnLine(line); });
    if (!typed_ahead.empty()) loop.Post([this] { StuffTypedAhead(); });
  }

  void StuffTypedAhead() {
    const std::string keys = std::exchange(typed_ahead, {});
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!prompt_shown) {
        typed_ahead += keys.substr(i);
        return;
      }
      ::rl_stuff_char(keys[i]);
      ::rl_callback_read_char();
    }
  }

  void HidePrompt() {
    if (!prompt_shown) return;
    ::rl_callback_handler_remove();
    prompt_shown = false;
  }

  void OnLine(char* raw_line) {
    HidePrompt();
    if (raw_line == nullptr) {
      Write("\n");
      return End();
    }
    const std::string line(raw_line);
    ::free(raw_line);
    pager.Reset();
    pager.set_lines(ready.page_lines);
    submitted = ready.question ? std::string() : line;
    RawMode(true);
    console.Execute(line);
  }

  // The session says which lines are worth it.
  void Remember() {
    ::stifle_history(ready.history_size);
    const std::string line = std::exchange(submitted, {});
    if (!ready.remember || line.empty()) return;
    const HIST_ENTRY* last = ::history_length > 0 ? ::history_get(::history_base + ::history_length - 1) : nullptr;
    if (last == nullptr || line != last->line) ::add_history(line.c_str());
  }

  // A secret answer leaves no trace on the screen.
  static void Redisplay() {
    if (Current() == nullptr || !Current()->ready.secret) return ::rl_redisplay();
    if (std::exchange(Current()->secret_prompted, true)) return;
    Write(Current()->shown_prompt);
  }

  void BindHotkeys() {
    Bind('G' & 0x1f, [](int, int) { return Current()->Special(Control::kHotkeyG); });
    Bind('L' & 0x1f, [](int, int) { return Current()->Special(Control::kHotkeyL); });
    Bind('O' & 0x1f, [](int, int) { return Current()->Special(Control::kHotkeyO); });
    Bind('T' & 0x1f, [](int, int) { return Current()->Special(Control::kHotkeyT); });
    Bind('U' & 0x1f, [](int, int) { return Current()->Special(Control::kHotkeyU); });
    Bind(']' & 0x1f, [](int, int) { return Current()->Special(Control::kHangUp); });
  }

  // Console listener.
  void OnOutput(std::string_view text) override { Write(pager.Feed(text)); }
  void OnNotice(std::string_view text) override {
    if (!prompt_shown) return Write(text);
    ::rl_clear_visible_line();
    Write(text);
    ::rl_on_new_line();
    ::rl_redisplay();
  }
  void OnReady(const Ready& now) override {
    ready = now;
    pending_ready = true;
    Remember();
    if (!pager.waiting() || ready.closed) Continue();
  }
  void Continue() {
    pending_ready = false;
    if (ready.closed) return End();
    ShowPrompt();
    ArmIdle();
  }

  void ArmIdle() {
    loop.Cancel(std::exchange(idle_timer, 0));
    if (ready.idle_seconds == 0 || finished) return;
    const Time end = last_key + std::chrono::seconds(ready.idle_seconds);
    idle_timer = loop.At(end, [this, end] {
      idle_timer = 0;
      if (last_key + std::chrono::seconds(ready.idle_seconds) > end) return ArmIdle();
      Write("\n");
      console.Send(Control::kHangUp);
    });
  }

  void End() {
    if (std::exchange(finished, true)) return;
    loop.Cancel(idle_timer);
    HidePrompt();
    RawMode(false);
    // Not from inside: the caller may destroy the terminal.
    loop.Post([then = ended] { then(); });
    watch.reset();
  }

  std::string TextToCursor() const { return std::string(::rl_line_buffer, static_cast<std::size_t>(::rl_point)); }

  int Help() {
    if (ready.question) return ::rl_insert(1, '?');
    console.Help(TextToCursor(), [](std::string help) {
      Write("?\n" + help);
      ::rl_on_new_line();
      ::rl_redisplay();
    });
    return 0;
  }

  int Tab() {
    const std::string text = TextToCursor();
    if (!cycle.empty() && text == cycle_text) {
      Insert(cycle_begin, cycle[cycle_at = (cycle_at + 1) % cycle.size()]);
      return 0;
    }
    console.Complete(text, [this](Completion completion) {
      cycle = std::move(completion.words);
      cycle_begin = completion.begin;
      cycle_at = 0;
      if (!cycle.empty()) return Insert(cycle_begin, cycle.front());
      Write("\n");
      ::rl_on_new_line();
      ::rl_redisplay();
    });
    return 0;
  }

  void Insert(std::size_t begin, const std::string& word) {
    ::rl_delete_text(static_cast<int>(begin), ::rl_point);
    ::rl_point = static_cast<int>(begin);
    ::rl_insert_text((word + " ").c_str());
    cycle_text = TextToCursor();
    if (cycle.size() == 1) cycle.clear();
    ::rl_redisplay();
  }

  int Special(Control control) {
    Write("\n");
    HidePrompt();
    RawMode(true);
    console.Send(control);
    return 0;
  }

  void Interrupt() {
    if (pager.waiting()) {
      Write(pager.Key(kControlC));
      if (pending_ready) Continue();
      return;
    }
    if (!prompt_shown) return console.Send(Control::kCancel);
    Write("\n");
    if (ready.question) {
      HidePrompt();
      return console.Send(Control::kCancel);
    }
    ::rl_replace_line("", 1);
    ::rl_on_new_line();
    ::rl_redisplay();
  }

  static void Bind(int key, int (*function)(int, int)) { ::rl_bind_key(key, function); }

  Console& console;
  device::EventLoop& loop;
  std::function<void()> ended;
  Pager pager;
  std::unique_ptr<device::EventLoop::Watch> watch;
  Ready ready;
  std::string shown_prompt, typed_ahead, submitted;
  bool prompt_shown = false, pending_ready = false, finished = false, raw = false, secret_prompted = false;
  std::vector<std::string> cycle;
  Time last_key = loop.now();
  Scheduler::TimerId idle_timer = 0;
  std::size_t cycle_begin = 0, cycle_at = 0;
  std::string cycle_text;
};

LocalTerminal::LocalTerminal(Console& console, device::EventLoop& loop, std::function<void()> ended)
    : impl_(std::make_unique<Impl>(console, loop, std::move(ended))) {}
LocalTerminal::~LocalTerminal() = default;
void LocalTerminal::Start() {
  impl_->Start();
}
void LocalTerminal::Interrupt() {
  impl_->Interrupt();
}

}  // namespace sw::cli
