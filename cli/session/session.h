// One operator's dialogue with one device: view, level, pending question, running command. Knows nothing of a terminal.
//
// Lives on the device's thread. The device (or the store of an offline check) and the grammar outlive it. A Session
// without a device checks: lines are parsed and configuration goes into the store after validation; commands that
// need a running device are accepted and not run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/display/field.h"
#include "cli/grammar/grammar.h"
#include "cli/session/console.h"
#include "cli/session/history.h"
#include "cli/session/output_filter.h"
#include "cli/session/refused_block.h"
#include "cli/session/user_interfaces.h"
#include "config-db/store.h"
#include "device/device.h"

namespace sw::cli {

// A command that goes on after its handler has returned. Calls Session::Finish exactly once, from the scheduler's
// thread.
class Task {
 public:
  virtual ~Task() = default;  // stops silently
  virtual void Cancel() = 0;  // ends soon, by Finish
};

// The other devices of a lab, for a session that sits at one of them.
class Neighbours {
 public:
  virtual ~Neighbours() = default;
  virtual std::vector<std::string> Names() const = 0;
  virtual Status Select(const std::string& name) = 0;  // the next line is for that device; kNotFound
};

struct SessionOptions {
  std::string who = "console";  // for the journal
  std::string from = "con0";
  std::uint8_t level = kManage;
  bool interactive = false;          // questions are asked; otherwise they are taken as answered with yes
  bool monitor = false;              // log lines are shown from the start
  View start = View::kUser;          // or kSystem, for configuration text
  Neighbours* neighbours = nullptr;  // null: no lab
  // A session at a user interface of the device; it says who may come in, paging, history and idle time.
  UserInterfaces* lines = nullptr;          // of the device; null: the session is the only one
  std::optional<LineId> line = {};          // unset: a script, which sits nowhere
  std::string address = {}, protocol = {};  // of the peer: shown by `display users`
  bool login = false;                       // the user still has to authenticate, as the line asks for it
  bool banner = false;                      // greets
  bool idles_out = false;                   // the line's idle time counts
};

class Session final : public Console {
 public:
  Session(device::Device& device, const Grammar& grammar, SessionOptions options);
  Session(configdb::Store& store, const Grammar& grammar, SessionOptions options);  // offline
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Console
  void Listen(ConsoleListener* listener) override { listener_ = listener; }
  const Ready& ready() const override { return ready_; }
  void Execute(std::string_view line) override;
  void Send(Control control) override;
  void Help(std::string_view text, std::function<void(std::string)> answer) override;
  void Complete(std::string_view text, std::function<void(Completion)> answer) override;

  // For handlers: they run inside Execute.
  device::Device& device() { return *device_; }
  configdb::Store& store() const { return store_; }
  const Grammar& grammar() const { return grammar_; }
  const SessionOptions& options() const { return options_; }
  View view() const { return view_; }
  // Offline: the rows that lines have changed since the last call, and the configuration as it stands.
  configdb::ChangedRows TakeChangedRows() { return std::exchange(changed_rows_, {}); }
  const device::Config& candidate() const { return *candidate_; }
  const configdb::Key& object() const { return object_; }  // the key of the view's own row; empty: none
  configdb::Origin origin() const;
  std::weak_ptr<bool> alive() const { return alive_; }  // expires with the session

  void Print(std::string_view text);
  // Shows a model as the line asks: by the display's layout, or another one of it, or as JSON (`| json`).
  template <typename T>
  void Show(const DisplayOf<T>& display, const std::type_identity_t<T>& model) {
    ShowModel(display.fields, display.layout, &model);
  }
  template <typename T>
  void Show(const DisplayOf<T>& display, const std::type_identity_t<T>& model, const Layout& layout) {
    ShowModel(display.fields, layout.text, &model);
  }
  // What `run` would show, instead of showing it.
  Result<Record> Capture(const std::function<Status()>& run);
  void Enter(View view, configdb::Key object = {});
  void Close() { closed_ = true; }
  // One change of the configuration: `change` edits rows, then the device validates, applies and commits them all, or
  // nothing is different and the reason comes back.
  Status Configure(const std::function<Status(configdb::Edit&)>& change);
  // Asks when interactive, and the line ends with the answer; otherwise `then` is called at once with `preset`.
  Status Ask(std::string question, std::string preset, std::function<Status(std::string_view answer)> then);
  void Start(std::unique_ptr<Task> task) { task_ = std::move(task); }
  void Finish(const Status& status = {});

  // As above, but always asked, and the answer is not shown.
  void AskSecret(std::string question, std::function<Status(std::string_view answer)> then);
  // The next line typed is no command but text, in scripts too. When there is no next one, the command that wanted it
  // is refused with `unclosed`.
  void Collect(std::string unclosed, std::function<Status(std::string_view line)> then);

  std::uint8_t level() const { return level_; }
  void set_level(std::uint8_t level);
  const History& history() const { return history_; }
  UserInterfaces& lines() { return *lines_; }
  UserInterfaces::UseId use() const { return use_; }
  void set_logging_in(bool on) { logging_in_ = on; }  // then Ctrl+C and Ctrl+Z lead nowhere but out
  void set_user(const std::string& user);             // who has logged in
  // This session's paging alone, instead of the line's; nullopt: the line's again.
  void set_page_lines(std::optional<std::uint16_t> lines) { page_lines_ = lines; }
  // What greets a user who is in.
  std::string Welcome() const;

  bool& terminal_monitor() { return terminal_monitor_; }
  bool& terminal_debugging() { return terminal_debugging_; }
  bool& terminal_logging() { return terminal_logging_; }
  bool& terminal_trapping() { return terminal_trapping_; }
  device::FlashPath& directory() { return directory_; }  // of `cd`
  // Whether the session sits at the console, or nowhere, rather than at a line of the network.
  bool at_console() const { return !options_.line || options_.line->type == LineType::kConsole; }

 private:
  Session(device::Device* device, configdb::Store& store, const Grammar& grammar, SessionOptions options);
  std::string Prompt() const;
  bool json() const { return filter_ != nullptr && filter_->json(); }
  void ShowModel(std::span<const Field> fields, std::string_view layout, const void* model);
  void Run(std::string_view line);
  Status Dispatch(const Match& match);
  // The one place where commands run: what they throw ends them, and nothing else.
  Status Guarded(const std::function<Status()>& command);
  void Note();  // what the line that ends means for those behind it
  void Refuse(const Refusal& refusal);
  void Refuse(std::string reason);
  void End(const Status& status);  // of a line: tells the listener unless something is still pending
  Status BatchControl(Control control);
  // Brings the candidate up to what `edit` changed, and validates that.
  Status UpdateCandidate(const configdb::ChangedRows& changed);
  void OnMonitorLine(const device::MonitorLine& line);
  void TakeLine();
  void Touch();
  void HangUp();
  void Hotkey(char letter);
  void FillReady();
  const Grammar::Levels* Levels();  // null: the tables'
  Status StartFilter(const Match& match);

  device::Device* device_;  // null: offline
  configdb::Store& store_;
  const Grammar& grammar_;
  SessionOptions options_;
  ConsoleListener* listener_ = nullptr;
  device::Monitor::SubscriberId subscription_ = 0;
  bool terminal_monitor_, terminal_debugging_ = false, terminal_logging_ = true, terminal_trapping_ = true;
  device::FlashPath directory_;
  std::uint8_t level_;
  std::optional<Grammar::Levels> levels_;
  UserInterfaces own_lines_;
  UserInterfaces* lines_;
  UserInterfaces::UseId use_ = 0;
  History history_;
  std::optional<std::uint16_t> page_lines_;
  std::unique_ptr<OutputFilter> filter_;
  Record* capture_ = nullptr;  // not null: what is shown goes there

  View view_;
  configdb::Key object_;
  bool closed_ = false;
  Ready ready_;
  std::string journal_line_;  // what is being run, secrets masked
  std::string_view running_;  // as typed, until it has been dealt with
  RefusedBlock block_;
  std::string question_;
  bool secret_ = false, logging_in_ = false;
  std::string unclosed_;  // of Collect; empty: answer_ awaits no text
  std::function<Status(std::string_view)> answer_;
  std::unique_ptr<Task> task_, finished_;  // a finished one is freed later: it is still on the call stack
  std::optional<configdb::Edit> batch_;
  configdb::ChangedRows changed_rows_;
  std::optional<device::Config> candidate_;  // what the store holds, where no device has it: offline, and in a batch
  bool batch_refused_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sw::cli
