// A terminal: keys in, bytes out, in front of a Console. Serves whoever has a byte stream with a screen at its other
// end: the local console, SSH, and the fuzzer.
//
// Typed bytes are echoed as they are; what a key causes at once (echo, output, prompt) leaves in one write, because
// clients take a prompt that comes late for none. Output ends lines with \r\n. One thread, the console's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session/console.h"
#include "cli/session/editor.h"
#include "cli/session/keys.h"
#include "cli/session/line_picture.h"
#include "cli/session/pager.h"
#include "hal/base/clock.h"

namespace sw::cli {

class KeyTerminal final : private ConsoleListener {
 public:
  using Sink = std::function<void(std::string_view)>;

  // Console and scheduler outlive the terminal. `ended` is called once, from the scheduler, when the session has closed
  // and all its output is written; the terminal may be destroyed from there.
  // `editor` null: the plain one.
  KeyTerminal(Console& console, Scheduler& scheduler, Sink write, std::function<void()> ended,
              std::unique_ptr<Editor> editor = nullptr);
  ~KeyTerminal() override;
  KeyTerminal(const KeyTerminal&) = delete;
  KeyTerminal& operator=(const KeyTerminal&) = delete;

  // A person's screen of that many columns: long lines are edited across rows, and the line that is being typed comes
  // back behind a notice. 0, from the start: unlimited, and nothing is drawn twice, as programs want it.
  void set_width(std::size_t columns) { width_ = columns; }
  void Start();  // shows the first prompt
  void Keys(std::string_view bytes);
  void EndOfInput();  // hangs up once what was typed has run
  void HangUp();      // now
  std::size_t typed_ahead() const { return typed_ahead_.size(); }
  bool idled_out() const { return idled_out_; }  // the session ended because nobody typed

 private:
  enum class State : std::uint8_t { kEditing, kRunning, kHelping, kEnded };

  void OnOutput(std::string_view text) override;
  void OnNotice(std::string_view text) override;
  void OnReady(const Ready& ready) override;

  void Pump();
  void Press(const Stroke& stroke);
  void Do(Action action);
  void PressAtPager(Key key);
  void Enter();
  void Help();
  void Tab();
  void Special(Control control, bool keep_line);
  void Run();     // what follows is output of a command
  void Settle();  // the command is done and its output shown
  void ShowPrompt();
  void ShowLine();  // brings the screen up to date
  void MoveToEnd();
  void End();
  void ArmIdle();
  void Put(std::string_view text);  // \n becomes \r\n
  void Flush();

  Console& console_;
  Scheduler& scheduler_;
  Sink write_;
  std::function<void()> ended_;
  State state_ = State::kEditing;
  KeyDecoder decoder_;
  std::unique_ptr<Editor> editor_;
  LinePicture picture_;
  std::string label_;  // that is shown instead of the prompt
  Pager pager_{0};
  Ready ready_;
  bool settled_ = false;    // the answer is there, its output may still wait in the pager
  bool keep_line_ = false;  // the line that was being typed comes back with the next prompt
  bool end_of_input_ = false, pumping_ = false, idled_out_ = false;
  std::size_t width_ = 0;
  std::string submitted_;  // for the history, if it is worth it
  std::string out_;
  std::deque<Stroke> typed_ahead_;
  std::vector<std::string> cycle_;  // what TAB offers, and where
  std::size_t cycle_at_ = 0, cycle_begin_ = 0;
  std::string cycle_text_;
  Time last_key_;
  Scheduler::TimerId idle_timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sw::cli
