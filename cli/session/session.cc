#include "cli/session/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/display/json.h"
#include "cli/grammar/line.h"
#include "cli/session/binding.h"
#include "cli/session/greeting.h"
#include "cli/session/line_reader.h"
#include "cli/session/login.h"
#include "cli/session/mask.h"
#include "cli/session/privileges.h"

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
      options_(std::move(options)),
      terminal_monitor_(options_.monitor),
      level_(options_.level),
      lines_(options_.lines != nullptr ? options_.lines : &own_lines_),
      view_(options_.start),
      block_(grammar, options_.interactive) {
  if (device_ == nullptr) (void)UpdateCandidate({});  // what is wrong with it comes out with the first line
  TakeLine();
  if (options_.login) BeginLogin(*this);
  FillReady();
  if (closed_) {  // nobody can come in: VTYs ask for a password, and there is none
    ready_.prompt = "Login password has not been set !\n";
  } else if (options_.banner) {
    ready_.prompt.insert(0, logging_in_ ? Greeting(*this) : Welcome());
  }
  if (device_ != nullptr) {
    subscription_ = device_->monitor().Subscribe([this](const device::MonitorLine& line) { OnMonitorLine(line); });
  }
}

Session::Session(device::Device& device, const Grammar& grammar, SessionOptions options)
    : Session(&device, device.store(), grammar, std::move(options)) {}

Session::Session(configdb::Store& store, const Grammar& grammar, SessionOptions options)
    : Session(nullptr, store, grammar, std::move(options)) {}

Session::~Session() {
  if (device_ != nullptr) device_->monitor().Unsubscribe(subscription_);
  lines_->Remove(use_);
}

void Session::TakeLine() {
  if (!options_.line) return;
  use_ = lines_->Add({.line = *options_.line,
                      .user = options_.protocol.empty() ? std::string() : options_.who,
                      .address = options_.address,
                      .protocol = options_.protocol,
                      .last_input = device_ != nullptr ? device_->scheduler().now() : Time{},
                      .level = level_,
                      .hang_up = [this] { HangUp(); },
                      .tell =
                          [this](std::string_view text) {
                            if (listener_ != nullptr) listener_->OnNotice(text);
                          }});
}

void Session::Touch() {
  LineUse* use = lines_->Find(use_);
  if (use != nullptr && device_ != nullptr) use->last_input = device_->scheduler().now();
}

// Whoever may do everything is not held up by looking.
const Grammar::Levels* Session::Levels() {
  if (level_ >= kManage) return nullptr;
  levels_ = ConfiguredLevels(grammar_, store_);
  return levels_ ? &*levels_ : nullptr;
}

void Session::set_level(std::uint8_t level) {
  level_ = level;
  if (LineUse* use = lines_->Find(use_)) use->level = level;
}

void Session::set_user(const std::string& user) {
  options_.who = user;
  if (LineUse* use = lines_->Find(use_)) use->user = user;
}

std::string Session::Welcome() const {
  return WelcomeText(store_);
}

std::string Session::Prompt() const {
  const std::string sysname = candidate_           ? candidate_->sysname
                              : device_ != nullptr ? device_->sysname()
                                                   : device::kDefaultSysname;
  if (view_ == View::kUser) return fmt::format("<{}>", sysname);
  if (view_ == View::kSystem) return fmt::format("[{}]", sysname);
  return fmt::format("[{}-{}{}]", sysname, PromptWord(view_), configdb::KeyText(object_, "-"));
}

configdb::Origin Session::origin() const {
  return {options_.who, options_.from, journal_line_};
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
  Print(json() ? JsonText(record, level_) : LayoutText(record, layout, level_));
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
  Touch();
  ready_ = {};
  std::string kept;
  const std::string_view line = Blanks(typed, kept);
  if (answer_ != nullptr) {
    const bool text = !std::exchange(unclosed_, {}).empty();
    question_.clear();
    secret_ = false;
    const auto then = std::exchange(answer_, nullptr);
    return End(Guarded([&] { return then(text ? line : typed); }));
  }
  running_ = line;
  Run(line);
}

void Session::Run(std::string_view line) {
  if (const std::optional<std::string> reason = block_.Skip(line)) {
    Print(fmt::format(" % {}\n", *reason));
    ready_.outcome = Outcome::kSkipped;
    ready_.reason = *reason;
    return End({});
  }
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return End({});
  const std::string_view text = TrimEnd(line.substr(begin));
  if (text.size() > kMaxLine) return End({Code::kBadValue, fmt::format("A line has at most {} characters", kMaxLine)});
  if (const std::optional<std::size_t> at = FindControlByte(line)) {
    ready_.column = static_cast<int>(*at);
    return End({Code::kBadValue, fmt::format("The control byte {} is not accepted", NameOfByte(line[*at]))});
  }
  if (text == "#") {
    // Pasted configuration text: what follows the mark belongs to no section before it.
    if (view_ != View::kUser) Enter(View::kSystem);
    return End({});
  }
  if (text.front() == '#' || FirstWordOf(text) == "version") return End({});

  const ParseResult parsed = grammar_.Parse(view_, level_, line, Levels());
  if (!parsed.match) return Refuse(parsed.refusal);
  ready_.remember = true;
  history_.Add(line);
  const std::vector<Span> secrets = SecretsOf(line, *parsed.match);
  if (!secrets.empty()) ready_.masked = Starred(line, secrets);
  journal_line_ = TrimEnd(Removed(line, secrets)).substr(begin);
  if (Status filtered = StartFilter(*parsed.match); !filtered.ok()) return End(filtered);
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
  const std::string_view message = Message(refusal.error);
  Print(fmt::format("{}^\n % {}\n", std::string(Prompt().size() + refusal.column, ' '), message));
  ready_.column = static_cast<int>(refusal.column);
  ready_.outcome = Outcome::kRefused;
  ready_.reason = message;
  batch_refused_ = true;
  End({});
}

void Session::Refuse(std::string reason) {
  Print(fmt::format(" % {}\n", reason));
  ready_.outcome = Outcome::kRefused;
  ready_.reason = std::move(reason);
  batch_refused_ = true;
}

Status Session::StartFilter(const Match& match) {
  const std::string keep = match.Text("filter");
  const bool number = match.Has("by-linenum");
  if (keep.empty() && !number) return {};
  using Keep = OutputFilter::Keep;
  const Keep what = keep == "begin"     ? Keep::kBegin
                    : keep == "include" ? Keep::kInclude
                    : keep == "exclude" ? Keep::kExclude
                    : keep == "json"    ? Keep::kJson
                                        : Keep::kAll;
  Result<std::unique_ptr<OutputFilter>> filter = OutputFilter::Create(what, match.Text("filter_expression"), number);
  if (!filter.ok()) return filter.status();
  filter_ = std::move(*filter);
  return {};
}

void Session::FillReady() {
  ready_.closed = closed_;
  ready_.question = answer_ != nullptr;
  ready_.secret = ready_.question && secret_;
  ready_.text = ready_.question && !unclosed_.empty();
  ready_.prompt = ready_.question ? question_ : Prompt();
  if (!options_.line) return;
  const LineSettings settings = SettingsOf(store_, *options_.line);
  history_.set_size(settings.history_size);
  ready_.history_size = settings.history_size;
  ready_.page_lines = page_lines_.value_or(settings.screen_length);
  ready_.idle_seconds = options_.idles_out ? settings.idle_seconds : 0;
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
  if (task_ != nullptr || answer_ != nullptr) running_ = {};  // it was taken
  Note();
  if (task_ != nullptr) return;
  FillReady();
  if (listener_ != nullptr) listener_->OnReady(Ready(ready_));
}

void Session::Finish(const Status& status) {
  finished_ = std::move(task_);
  End(status);
}

Status Session::Ask(std::string question, std::string preset, std::function<Status(std::string_view)> then) {
  if (!options_.interactive) return then(preset);
  question_ = std::move(question);
  answer_ = std::move(then);
  return {};
}

void Session::AskSecret(std::string question, std::function<Status(std::string_view)> then) {
  question_ = std::move(question);
  answer_ = std::move(then);
  secret_ = true;
}

void Session::Collect(std::string unclosed, std::function<Status(std::string_view)> then) {
  question_.clear();
  unclosed_ = std::move(unclosed);
  answer_ = std::move(then);
}

// The session is over whatever it does; what ran is stopped silently.
void Session::HangUp() {
  if (closed_) return;
  closed_ = true;
  answer_ = nullptr;
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
    if (device_ != nullptr && !closed_) LogIdle(*device_, lines_->Find(use_), ready_.idle_seconds, options_.who);
    return HangUp();
  }
  if (control == Control::kCancel) {
    if (task_ != nullptr) return task_->Cancel();
    if (answer_ == nullptr) return block_.End();
    if (logging_in_) return HangUp();
    answer_ = nullptr;  // a question that is not answered
    ready_ = {};
    const std::string unclosed = std::exchange(unclosed_, {});
    const bool text = !unclosed.empty() && !options_.interactive;
    return End(text ? Status(Code::kBadValue, unclosed) : Status());
  }
  finished_.reset();
  if (closed_ || task_ != nullptr || logging_in_) return;
  Touch();
  ready_ = {};
  answer_ = nullptr;
  unclosed_.clear();
  block_.End();
  if (control == Control::kReturn) {
    Enter(View::kUser);
    return End({});
  }
  if (control >= Control::kHotkeyG && control <= Control::kHotkeyU) {
    return Hotkey("GLOTU"[static_cast<int>(control) - static_cast<int>(Control::kHotkeyG)]);
  }
  End(BatchControl(control));
}

void Session::Help(std::string_view text, std::function<void(std::string)> answer) {
  if (answer_ != nullptr) return answer({});
  Touch();
  const HelpResult help = grammar_.Help(view_, level_, text, Levels());
  std::string out;
  if (help.lines.empty()) {
    out = fmt::format("{}^\n % {}\n", std::string(Prompt().size() + help.refusal.column, ' '),
                      Message(help.refusal.error));
    return answer(std::move(out));
  }
  if (text.find_first_not_of(' ') == std::string_view::npos) out = fmt::format("{} view commands:\n", Heading(view_));
  std::size_t width = 0;
  for (const HelpLine& line : help.lines) width = std::max(width, line.word.size());
  for (const HelpLine& line : help.lines) {
    out += line.phrase.empty() ? fmt::format("  {}\n", line.word)
                               : fmt::format("  {:<{}}  {}\n", line.word, width, line.phrase);
  }
  answer(std::move(out));
}

void Session::Complete(std::string_view text, std::function<void(Completion)> answer) {
  if (answer_ != nullptr) return answer({});
  CompletionResult found = grammar_.Complete(view_, level_, text, Levels());
  answer({found.begin, std::move(found.words)});
}

void Session::OnMonitorLine(const device::MonitorLine& line) {
  if (listener_ == nullptr || !terminal_monitor_ || !(at_console() ? line.console : line.monitor)) return;
  const bool wanted = line.kind == device::InfoKind::kLog    ? terminal_logging_
                      : line.kind == device::InfoKind::kTrap ? terminal_trapping_
                                                             : terminal_debugging_;
  if (!wanted) return;
  listener_->OnNotice(line.text + "\n");
}

}  // namespace sw::cli
