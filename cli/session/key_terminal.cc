#include "cli/session/key_terminal.h"

#include <utility>

namespace sw::cli {
namespace {

// A client that types on while a command runs is kept this far; what is more is lost with a bell. Whoever feeds the
// terminal from a network stops reading long before.
constexpr std::size_t kMostTypedAhead = 256 << 10;

struct Hotkey {
  Key key;
  Control control;
};
constexpr Hotkey kHotkeys[] = {
    {Key::kControlG, Control::kHotkeyG}, {Key::kControlL, Control::kHotkeyL}, {Key::kControlO, Control::kHotkeyO},
    {Key::kControlT, Control::kHotkeyT}, {Key::kControlU, Control::kHotkeyU},
};

}  // namespace

KeyTerminal::KeyTerminal(Console& console, Scheduler& scheduler, Sink write, std::function<void()> ended)
    : console_(console),
      scheduler_(scheduler),
      write_(std::move(write)),
      ended_(std::move(ended)),
      last_key_(scheduler.now()) {
  console_.Listen(this);
}

KeyTerminal::~KeyTerminal() {
  scheduler_.Cancel(idle_timer_);
  console_.Listen(nullptr);
}

void KeyTerminal::Put(std::string_view text) {
  for (char c : text) {
    if (c == '\n') out_ += '\r';
    out_ += c;
  }
}

void KeyTerminal::Flush() {
  if (!out_.empty()) write_(std::exchange(out_, {}));
}

void KeyTerminal::Start() {
  ready_ = console_.ready();
  if (ready_.closed) {
    Put(ready_.prompt);
    return End();
  }
  ShowPrompt();
  Flush();
  ArmIdle();
}

void KeyTerminal::ShowPrompt() {
  state_ = State::kEditing;
  history_.set_size(ready_.history_size);
  if (!std::exchange(keep_line_, false)) {
    editor_.Clear(ready_.secret     ? LineEditor::Mode::kSecret
                  : ready_.question ? LineEditor::Mode::kAnswer
                                    : LineEditor::Mode::kCommand);
  }
  Put(ready_.prompt);
  editor_.SetScreen(width_, ready_.prompt.size() - (ready_.prompt.rfind('\n') + 1));
  editor_.Redraw(out_);
}

void KeyTerminal::ArmIdle() {
  scheduler_.Cancel(std::exchange(idle_timer_, 0));
  if (ready_.idle_seconds == 0 || state_ == State::kEnded) return;
  const Time end = last_key_ + std::chrono::seconds(ready_.idle_seconds);
  idle_timer_ = scheduler_.At(end, [this, end] {
    idle_timer_ = 0;
    if (last_key_ + std::chrono::seconds(ready_.idle_seconds) > end) return ArmIdle();
    HangUp();
  });
}

void KeyTerminal::Keys(std::string_view bytes) {
  last_key_ = scheduler_.now();
  for (char byte : bytes) {
    const std::optional<Key> key = decoder_.Feed(static_cast<unsigned char>(byte));
    if (!key || state_ == State::kEnded) continue;
    if (state_ == State::kRunning && !pager_.waiting() && *key == Key::kControlC) {
      typed_ahead_.clear();
      console_.Send(Control::kCancel);
    } else if (typed_ahead_.size() < kMostTypedAhead) {
      typed_ahead_.push_back(*key);
      Pump();
    } else {
      out_ += '\a';
    }
  }
  Pump();
  Flush();
}

void KeyTerminal::EndOfInput() {
  end_of_input_ = true;
  Pump();
  Flush();
}

// Keys one by one, as long as somebody takes them.
void KeyTerminal::Pump() {
  if (std::exchange(pumping_, true)) return;
  while (state_ != State::kEnded && !typed_ahead_.empty()) {
    const bool taken = pager_.waiting() || state_ == State::kEditing;
    if (!taken) break;
    const Key key = typed_ahead_.front();
    typed_ahead_.pop_front();
    if (pager_.waiting()) {
      PressAtPager(key);
    } else {
      Press(key);
    }
  }
  pumping_ = false;
  const bool nobody = typed_ahead_.empty() && (pager_.waiting() || state_ == State::kEditing);
  if (end_of_input_ && nobody && state_ != State::kEnded) HangUp();
}

void KeyTerminal::PressAtPager(Key key) {
  const char as_typed = key == Key::kEnter ? '\n' : key == Byte(' ') ? ' ' : 'q';
  Put(pager_.Key(as_typed));
  const bool cancels = key == Key::kControlC && state_ == State::kRunning && !settled_;
  if (cancels) console_.Send(Control::kCancel);
  if (!pager_.waiting() && settled_) Settle();
}

void KeyTerminal::Press(Key key) {
  if (key == Key::kEnter) return Enter();
  const bool command = editor_.mode() == LineEditor::Mode::kCommand;
  if (command && key == Byte('?')) return Help();
  if (command && key == Key::kTab) return Tab();
  cycle_.clear();
  if (key == Key::kControlZ && command) return Special(Control::kReturn, false);
  if (key == Key::kControlBracket) return HangUp();
  if (key == Key::kControlC) {
    if (!command) return Special(Control::kCancel, false);
    Put("\n");
    return ShowPrompt();
  }
  if (key == Key::kControlR) {
    Put("\n");
    keep_line_ = true;
    return ShowPrompt();
  }
  for (const Hotkey& hotkey : kHotkeys) {
    if (key != hotkey.key || !command) continue;
    editor_.MoveToEnd(out_);
    std::string erase;
    LineEditor shown = editor_;  // the line stays, its picture makes room for the command
    (void)shown.Press(Key::kControlX, erase);
    out_ += erase;
    return Special(hotkey.control, true);
  }
  if (!editor_.Press(key, out_)) out_ += '\a';
}

void KeyTerminal::Run() {
  state_ = State::kRunning;
  settled_ = false;
  pager_.set_lines(ready_.page_lines);
  pager_.Reset();
}

void KeyTerminal::Enter() {
  cycle_.clear();
  editor_.MoveToEnd(out_);
  Put("\n");
  const std::string line = editor_.line();
  submitted_ = editor_.mode() == LineEditor::Mode::kCommand ? line : std::string();
  Run();
  console_.Execute(line);
}

void KeyTerminal::Special(Control control, bool keep_line) {
  if (!keep_line) Put("\n");
  keep_line_ = keep_line;
  submitted_.clear();
  Run();
  console_.Send(control);
}

void KeyTerminal::Help() {
  const std::string text(editor_.before_cursor());
  editor_.MoveToEnd(out_);
  Put("?\n");
  Run();
  state_ = State::kHelping;
  console_.Help(text, [this, alive = std::weak_ptr<bool>(alive_)](const std::string& help) {
    if (alive.expired() || state_ != State::kHelping) return;
    Put(pager_.Feed(help));
    keep_line_ = true;
    settled_ = true;
    if (!pager_.waiting()) Settle();
    if (!pumping_) Pump();
    Flush();
  });
}

void KeyTerminal::Tab() {
  const std::string text(editor_.before_cursor());
  auto offer = [this] {
    editor_.Replace(cycle_begin_, cycle_[cycle_at_] + " ", out_);
    cycle_text_ = editor_.before_cursor();
  };
  if (cycle_.size() > 1 && text == cycle_text_) {
    cycle_at_ = (cycle_at_ + 1) % cycle_.size();
    return offer();
  }
  state_ = State::kHelping;
  console_.Complete(text, [this, offer, alive = std::weak_ptr<bool>(alive_)](Completion completion) {
    if (alive.expired() || state_ != State::kHelping) return;
    state_ = State::kEditing;
    cycle_ = std::move(completion.words);
    cycle_begin_ = completion.begin;
    cycle_at_ = 0;
    if (!cycle_.empty()) {
      offer();
    } else {
      editor_.MoveToEnd(out_);
      Put("\n");
      keep_line_ = true;
      ShowPrompt();
    }
    if (!pumping_) Pump();
    Flush();
  });
}

void KeyTerminal::OnOutput(std::string_view text) {
  Put(pager_.Feed(text));
  if (!pumping_) Flush();
}

// Between the lines; the line that is being typed is not shown again, as on the siblings, unless a person sits there.
void KeyTerminal::OnNotice(std::string_view text) {
  const bool editing = state_ == State::kEditing;
  if (editing) Put("\n");
  Put(text);
  if (editing && width_ != 0) {
    Put(ready_.prompt.substr(ready_.prompt.rfind('\n') + 1));
    editor_.Redraw(out_);
  }
  if (!pumping_) Flush();
}

void KeyTerminal::OnReady(const Ready& ready) {
  if (state_ == State::kEnded) return;
  const bool shown = !pager_.waiting() || ready.closed;
  ready_ = ready;
  settled_ = true;
  if (ready.remember && !submitted_.empty()) history_.Add(submitted_);
  submitted_.clear();
  if (shown) Settle();
  if (pumping_) return;
  Pump();
  Flush();
}

void KeyTerminal::Settle() {
  settled_ = false;
  if (ready_.closed) return End();
  ShowPrompt();
  ArmIdle();
}

void KeyTerminal::HangUp() {
  if (state_ == State::kEnded) return;
  console_.Send(Control::kHangUp);
  if (state_ != State::kEnded) End();
}

void KeyTerminal::End() {
  if (std::exchange(state_, State::kEnded) == State::kEnded) return;
  scheduler_.Cancel(std::exchange(idle_timer_, 0));
  typed_ahead_.clear();
  Flush();
  scheduler_.At(scheduler_.now(), [this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    Flush();
    const std::function<void()> ended = std::move(ended_);
    ended();
  });
}

}  // namespace sw::cli
