#include "cli/session/key_terminal.h"

#include <utility>

#include "cli/session/line_editor.h"

namespace sw::cli {
namespace {

// A client that types on while a command runs is kept this far; what is more is lost with a bell. Whoever feeds the
// terminal from a network stops reading long before.
constexpr std::size_t kMostTypedAhead = 256 << 10;

std::string_view LastRow(std::string_view prompt) {
  return prompt.substr(prompt.rfind('\n') + 1);
}

Control HotkeyOf(Action action) {
  const auto offset = static_cast<int>(action) - static_cast<int>(Action::kHotkeyG);
  return static_cast<Control>(static_cast<int>(Control::kHotkeyG) + offset);
}

}  // namespace

KeyTerminal::KeyTerminal(Console& console, Scheduler& scheduler, Sink write, std::function<void()> ended,
                         std::unique_ptr<Editor> editor)
    : console_(console),
      scheduler_(scheduler),
      write_(std::move(write)),
      ended_(std::move(ended)),
      editor_(editor != nullptr ? std::move(editor) : std::make_unique<LineEditor>()),
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
  editor_->set_history_size(ready_.history_size);
  if (!std::exchange(keep_line_, false)) {
    editor_->Clear(ready_.secret     ? Editor::Mode::kSecret
                   : ready_.question ? Editor::Mode::kAnswer
                                     : Editor::Mode::kCommand);
  }
  Put(ready_.prompt);
  label_.clear();
  picture_.Begin(width_, LastRow(ready_.prompt).size(), editor_->mode() == Editor::Mode::kSecret);
  ShowLine();
}

void KeyTerminal::ShowLine() {
  if (const std::string label = editor_->label(); label != label_) {
    const std::string_view before = label_.empty() ? LastRow(ready_.prompt) : std::string_view(label_);
    const std::string now(label.empty() ? LastRow(ready_.prompt) : std::string_view(label));
    picture_.Update({}, 0, out_);
    out_ += "\r" + std::string(before.size(), ' ') + "\r" + now;
    label_ = label;
    picture_.Begin(width_, now.size(), editor_->mode() == Editor::Mode::kSecret);
  }
  picture_.Update(editor_->line(), editor_->cursor(), out_);
}

void KeyTerminal::MoveToEnd() {
  editor_->MoveToEnd();
  ShowLine();
}

void KeyTerminal::ArmIdle() {
  scheduler_.Cancel(std::exchange(idle_timer_, 0));
  if (ready_.idle_seconds == 0 || state_ == State::kEnded) return;
  const Time end = last_key_ + std::chrono::seconds(ready_.idle_seconds);
  idle_timer_ = scheduler_.At(end, [this, end] {
    idle_timer_ = 0;
    if (last_key_ + std::chrono::seconds(ready_.idle_seconds) > end) return ArmIdle();
    idled_out_ = true;
    HangUp();
  });
}

void KeyTerminal::Keys(std::string_view bytes) {
  last_key_ = scheduler_.now();
  for (char byte : bytes) {
    const std::optional<Stroke> stroke = decoder_.Feed(static_cast<unsigned char>(byte));
    if (!stroke || state_ == State::kEnded) continue;
    if (state_ == State::kRunning && !pager_.waiting() && stroke->key == Key::kControlC) {
      typed_ahead_.clear();
      console_.Send(Control::kCancel);
    } else if (typed_ahead_.size() < kMostTypedAhead) {
      typed_ahead_.push_back(*stroke);
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
    const Stroke stroke = std::move(typed_ahead_.front());
    typed_ahead_.pop_front();
    if (pager_.waiting()) {
      PressAtPager(stroke.key);
    } else {
      Press(stroke);
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

void KeyTerminal::Press(const Stroke& stroke) {
  const Editor::Pressed pressed = editor_->Press(stroke);
  if (pressed.action != Action::kComplete) cycle_.clear();
  if (pressed.action != Action::kNone) return Do(pressed.action);
  ShowLine();
  if (pressed.bell) out_ += '\a';
}

void KeyTerminal::Do(Action action) {
  switch (action) {
    case Action::kEnter:
      return Enter();
    case Action::kHelp:
      return Help();
    case Action::kComplete:
      return Tab();
    case Action::kReturn:
      return Special(Control::kReturn, false);
    case Action::kHangUp:
      return HangUp();
    case Action::kCancel:
      if (editor_->mode() != Editor::Mode::kCommand) return Special(Control::kCancel, false);
      console_.Send(Control::kCancel);  // no answer comes; lines that were being skipped are at an end
      Put("\n");
      return ShowPrompt();
    case Action::kRedraw:
      Put("\n");
      keep_line_ = true;
      return ShowPrompt();
    default:  // a hotkey: the line stays, its picture makes room for the command
      MoveToEnd();
      picture_.Update({}, 0, out_);
      return Special(HotkeyOf(action), true);
  }
}

void KeyTerminal::Run() {
  state_ = State::kRunning;
  settled_ = false;
  pager_.set_lines(ready_.page_lines);
  pager_.Reset();
}

void KeyTerminal::Enter() {
  cycle_.clear();
  MoveToEnd();
  Put("\n");
  const std::string line = editor_->typed();
  submitted_ = editor_->mode() == Editor::Mode::kCommand ? line : std::string();
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
  const std::string text(editor_->line().substr(0, editor_->cursor()));
  MoveToEnd();
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
  const std::string text(editor_->line().substr(0, editor_->cursor()));
  auto offer = [this] {
    editor_->Replace(cycle_begin_, cycle_[cycle_at_] + " ");
    ShowLine();
    cycle_text_ = editor_->line().substr(0, editor_->cursor());
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
      MoveToEnd();
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
    Put(LastRow(ready_.prompt));
    label_.clear();
    picture_.Begin(width_, LastRow(ready_.prompt).size(), editor_->mode() == Editor::Mode::kSecret);
    ShowLine();
  }
  if (!pumping_) Flush();
}

void KeyTerminal::OnReady(const Ready& ready) {
  if (state_ == State::kEnded) return;
  const bool shown = !pager_.waiting() || ready.closed;
  ready_ = ready;
  settled_ = true;
  if (ready.remember && !submitted_.empty()) editor_->Remember(submitted_, !ready.masked.empty());
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
