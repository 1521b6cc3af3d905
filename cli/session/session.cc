#include "cli/session/session.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "cli/display/json.h"
#include "cli/grammar/line.h"
#include "cli/session/binding.h"
#include "cli/session/greeting.h"
#include "cli/session/help_text.h"
#include "cli/session/line_reader.h"
#include "cli/session/login.h"
#include "cli/session/mask.h"
#include "cli/session/privileges.h"
#include "cli/session/written_line.h"
#include "device/device.h"
#include "device/log/monitor.h"

namespace sw::cli {
namespace {

// A line that was idle looks like one that was left; the log tells them apart.
void LogIdle(device::Device& device, const LineUse* use, std::uint32_t seconds, const std::string& who) {
  if (use == nullptr || seconds == 0) return;
  if (device.scheduler().now() < use->last_input + std::chrono::seconds(seconds)) return;
  device.monitor().Log(device::Severity::kNotifications, "SHELL", "TIMEOUT",
                       fmt::format("the session of {} on {} ended: idle for {} s", who, use->line.ToString(), seconds));
}

std::string_view FirstWordOf(std::string_view line) {
  return line.substr(0, line.find(' '));
}

}  // namespace

Session::Session(device::Device* device, configdb::Store& store, const Grammar& grammar, SessionOptions options)
    : device_(device),
      store_(store),
      grammar_(grammar),
      seat_(std::move(options)),
      changes_(device, store),
      view_(seat_.options().start),
      block_(grammar, seat_.options().interactive),
      unasked_(grammar) {
  seat_.Take(
      Now(), [this] { HangUp(); },
      [this](std::string_view text) {
        if (listener_ != nullptr) listener_->OnNotice(text);
      });
  if (seat_.options().login) BeginLogin(*this);
  FillReady();
  if (closed_) {  // nobody can come in: VTYs ask for a password, and there is none
    ready_.prompt = "Login password has not been set !\n";
  } else if (seat_.options().banner) {
    ready_.prompt.insert(0, seat_.logging_in() ? Greeting(*this) : WelcomeText(store_));
  }
  if (device_ != nullptr) {
    seat_.terminal().subscription =
        device_->monitor().Subscribe([this](const device::MonitorLine& line) { OnMonitorLine(line); });
  }
}

Session::Session(device::Device& device, const Grammar& grammar, SessionOptions options)
    : Session(&device, device.store(), grammar, std::move(options)) {}

Session::Session(configdb::Store& store, const Grammar& grammar, SessionOptions options)
    : Session(nullptr, store, grammar, std::move(options)) {}

Session::~Session() {
  if (device_ != nullptr) device_->monitor().Unsubscribe(seat_.terminal().subscription);
}

Time Session::Now() const {
  return device_ != nullptr ? device_->scheduler().now() : Time{};
}

// Whoever may do everything is not held up by looking.
const Grammar::Levels* Session::Levels() {
  if (seat_.level() >= kManage) return nullptr;
  levels_ = ConfiguredLevels(grammar_, store_);
  return levels_ ? &*levels_ : nullptr;
}

// Asked with every line.
std::string Session::Prompt() const {
  const bool user = view_ == View::kUser;
  std::string out(user ? "<" : "[");
  out += changes_.sysname();
  if (!user && view_ != View::kSystem) {
    out += '-';
    out += PromptWord(view_);
    out += configdb::KeyText(object_, "-");
  }
  return out += user ? '>' : ']';
}

void Session::Print(std::string_view text) {
  if (filter_ != nullptr) {
    const std::string shown = filter_->Feed(text);
    if (listener_ != nullptr && !shown.empty()) listener_->OnOutput(shown);
    return;
  }
  if (listener_ != nullptr && !text.empty()) listener_->OnOutput(text);
}

void Session::ShowModel(std::span<const Field> fields, std::string_view layout, const void* model) {
  Record record = MakeRecord(fields, model);
  record.layout = layout;
  if (capture_ != nullptr) {
    *capture_ = std::move(record);
    return;
  }
  const bool json = filter_ != nullptr && filter_->json();
  Print(json ? JsonText(record, seat_.level()) : LayoutText(record, layout, seat_.level()));
}

Result<Record> Session::Capture(const std::function<Status()>& run) {
  Record out;
  Record* const outer = std::exchange(capture_, &out);
  const Status done = run();
  capture_ = outer;
  if (!done.ok()) return done;
  return out;
}

void Session::Enter(View view, configdb::Key object) {
  view_ = view;
  object_ = std::move(object);
}

void Session::Execute(std::string_view typed) {
  finished_.reset();
  if (closed_ || task_ != nullptr) return;
  seat_.Touch(Now());
  ready_ = {};
  std::string kept;
  const std::string_view line = Blanks(typed, kept);
  if (question_) {
    const Question asked = std::move(*question_);
    question_.reset();
    return End(Guarded([&] { return asked.then(asked.unclosed.empty() ? typed : line); }));
  }
  running_ = line;
  Run(line);
}

std::optional<std::string> Session::Skip(std::string_view line) {
  constexpr Duration kReading = std::chrono::seconds(1);  // our choice: whoever types on sooner has not read the answer
  const bool in_haste = Now() < answered_ + kReading;
  if (std::optional<std::string> reason = block_.Skip(line, in_haste)) return reason;
  if (seat_.options().interactive && !in_haste) unasked_.End();
  std::optional<std::string> reason = unasked_.Skip(view_, line);
  if (reason) ready_.masked.assign(line.size(), '*');
  return reason;
}

void Session::Run(std::string_view line) {
  if (const std::optional<std::string> reason = Skip(line)) {
    Print(fmt::format(" % {}\n", *reason));
    ready_.outcome = Outcome::kSkipped;
    ready_.reason = *reason;
    return End({});
  }
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return End({});
  const std::string_view text = TrimEnd(line.substr(begin));
  if (text.size() > kMaxLine) return End(LineTooLong());
  if (const std::optional<std::size_t> at = FindControlByte(line)) {
    ready_.column = static_cast<int>(*at);
    return End(ControlByteRefused(line[*at]));
  }
  if (text == "#") {
    // Pasted configuration text: what follows the mark belongs to no section before it.
    if (view_ != View::kUser) Enter(View::kSystem);
    return End({});
  }
  if (text.front() == '#' || FirstWordOf(text) == "version") return End({});

  const ParseResult parsed = grammar_.Parse(view_, seat_.level(), line, Levels());
  if (!parsed.match) return Refuse(parsed.refusal);
  ready_.remember = true;
  seat_.history().Add(line);
  const std::vector<Span> secrets = SecretsOf(line, *parsed.match);
  if (!secrets.empty()) ready_.masked = Starred(line, secrets);
  seat_.set_line(std::string(TrimEnd(Removed(line, secrets)).substr(begin)));
  Result<std::unique_ptr<OutputFilter>> filter = OutputFilter::Of(*parsed.match);
  if (!filter.ok()) return End(filter.status());
  filter_ = std::move(*filter);
  End(Guarded([&] { return Dispatch(*parsed.match); }));
}

void Session::Note() {
  if (running_.empty()) return;
  const std::string_view line = std::exchange(running_, {});
  const bool understood = ready_.remember;
  if (!understood) {
    const std::vector<Span> secrets = SecretsOf(line);
    if (!secrets.empty()) ready_.masked = Starred(line, secrets);
  }
  if (ready_.outcome == Outcome::kSkipped) return;
  unasked_.Behind(line);
  if (ready_.outcome != Outcome::kRefused) {
    if (line.find_first_not_of(' ') != std::string_view::npos) block_.End();
    return;
  }
  // Nothing that follows is for the object of the view.
  if (block_.Refused(view_, line)) Enter(View::kSystem);
}

Status Session::Dispatch(const Match& match) {
  const Command& command = *match.command;
  const Handler handler = match.undo ? command.undo_run : command.run;
  const bool offline = device_ == nullptr && command.stores == Stores::kNothing && !command.offline;
  if (offline) return {};
  if (match.view == View::kSystem && view_ != View::kSystem && command.stores == Stores::kColumns) {
    // A system-view setting typed in a sub-view belongs to the table's only row, not to the view's object.
    const View view = std::exchange(view_, View::kSystem);
    const configdb::Key object = std::exchange(object_, {});
    Status status = handler != nullptr ? handler(*this, match) : RunBinding(*this, match);
    Enter(view, object);
    return status;
  }
  return handler != nullptr ? handler(*this, match) : RunBinding(*this, match);
}

void Session::Refuse(const Refusal& refusal) {
  Print(RefusalText(refusal, Prompt().size()));
  ready_.column = static_cast<int>(refusal.column);
  ready_.outcome = Outcome::kRefused;
  ready_.reason = Message(refusal.error);
  changes_.Refuse();
  End({});
}

void Session::Refuse(std::string reason) {
  Print(fmt::format(" % {}\n", reason));
  ready_.outcome = Outcome::kRefused;
  ready_.reason = std::move(reason);
  changes_.Refuse();
}

Status Session::Guarded(const std::function<Status()>& command) {
  std::string what = "something that is no std::exception";
  try {
    return command();
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {  // NOLINT: whatever it is, it ends with the command
  }
  question_.reset();
  task_.reset();
  if (device_ != nullptr) {
    device_->monitor().Log(device::Severity::kErrors, "SHELL", "FAILED",
                           fmt::format("a command of {} failed: {}", seat_.options().who, Escaped(what)));
  }
  return {Code::kDevice, "The command failed: " + Escaped(what)};
}

Status Session::Configure(const std::function<Status(configdb::Edit&)>& change) {
  const Result<bool> changed =
      changes_.Configure(seat_.origin(), [&](configdb::Edit& edit) { return ChangeInLines(grammar_, edit, change); });
  if (!changed.ok()) return changed.status();
  ready_.outcome = *changed ? Outcome::kChanged : Outcome::kUnchanged;
  return {};
}

Status Session::BatchControl(Control control) {
  if (control == Control::kBegin) {
    seat_.set_line("(several lines)");
    return changes_.Begin(seat_.origin());
  }
  if (!changes_.open()) return {Code::kNotFound, "No change is open"};
  if (control == Control::kRollback) {
    changes_.Rollback();
    Enter(seat_.options().start);  // the view's object may be gone with the change
    return {};
  }
  const Result<bool> changed = changes_.Commit();
  if (!changed.ok()) return changed.status();
  ready_.outcome = *changed ? Outcome::kChanged : Outcome::kUnchanged;
  return {};
}

void Session::FillReady() {
  ready_.closed = closed_;
  ready_.question = question_.has_value();
  ready_.secret = question_ && question_->secret;
  ready_.text = question_ && !question_->unclosed.empty();
  ready_.prompt = question_ ? question_->text : Prompt();
  seat_.Fill(store_, ready_);
}

void Session::End(const Status& status) {
  Status shown = status;
  if (task_ == nullptr && filter_ != nullptr) {
    std::string rest;
    const Status filtered = Guarded([&]() -> Status {
      rest = filter_->Finish();
      return {};
    });
    filter_.reset();
    Print(rest);
    if (shown.ok()) shown = filtered;
  }
  if (!shown.ok()) Refuse(shown.why());
  if (task_ != nullptr || question_) running_ = {};  // it was taken
  Note();
  if (task_ != nullptr) return;
  FillReady();
  answered_ = Now();
  if (listener_ != nullptr) listener_->OnReady(Ready(ready_));
}

void Session::Finish(const Status& status) {
  finished_ = std::move(task_);
  End(status);
}

// The session is over whatever it does; what ran is stopped silently.
void Session::HangUp() {
  if (closed_) return;
  closed_ = true;
  question_.reset();
  filter_.reset();
  if (task_ != nullptr) finished_ = std::move(task_);
  ready_ = {};
  End({});
}

void Session::Hotkey(char letter) {
  const std::string command = HotkeyCommand(store_, letter);
  Print(command + "\n");  // without a command: a new line and no more
  if (command.empty()) return End({});
  Run(command);
}

void Session::Send(Control control) {
  if (control == Control::kHangUp) {
    if (device_ != nullptr && !closed_) LogIdle(*device_, seat_.own(), ready_.idle_seconds, seat_.options().who);
    return HangUp();
  }
  if (control == Control::kCancel) return Cancel();
  finished_.reset();
  if (closed_ || task_ != nullptr || seat_.logging_in()) return;
  seat_.Touch(Now());
  ready_ = {};
  question_.reset();
  block_.End();
  unasked_.End();
  if (control == Control::kReturn) {
    Enter(View::kUser);
    return End({});
  }
  if (control >= Control::kHotkeyG && control <= Control::kHotkeyU) {
    return Hotkey("GLOTU"[static_cast<int>(control) - static_cast<int>(Control::kHotkeyG)]);
  }
  End(BatchControl(control));
}

void Session::Cancel() {
  if (task_ != nullptr) return task_->Cancel();
  if (!question_) return block_.End();
  if (seat_.logging_in()) return HangUp();
  const std::string unclosed = question_->unclosed;
  question_.reset();  // it is not answered
  ready_ = {};
  const bool missing = !unclosed.empty() && !seat_.options().interactive;
  End(missing ? Status(Code::kBadValue, unclosed) : Status());
}

void Session::Help(std::string_view text, std::function<void(std::string)> answer) {
  if (question_) return answer({});
  seat_.Touch(Now());
  answer(HelpText(grammar_.Help(view_, seat_.level(), text, Levels()), view_, text, Prompt().size()));
}

void Session::Complete(std::string_view text, std::function<void(Completion)> answer) {
  if (question_) return answer({});
  CompletionResult found = grammar_.Complete(view_, seat_.level(), text, Levels());
  answer({found.begin, std::move(found.words)});
}

void Session::OnMonitorLine(const device::MonitorLine& line) {
  if (listener_ != nullptr && seat_.Shows(line)) listener_->OnNotice(line.text + "\n");
}

}  // namespace sw::cli
