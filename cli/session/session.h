// One operator's dialogue with one device: view, pending question, running command. Knows nothing of a terminal.
//
// Lives on the device's thread. The device (or the store of an offline check) and the grammar outlive it. A Session
// without a device checks: lines are parsed and configuration goes into the store after validation; commands that
// need a running device are accepted and not run. Who types, and where, is its Seat; what is changed, its Changes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/grammar/grammar.h"
#include "cli/session/changes.h"
#include "cli/session/console.h"
#include "cli/session/operator.h"
#include "cli/session/output_filter.h"
#include "cli/session/refused_block.h"
#include "cli/session/seat.h"
#include "cli/session/unasked.h"
#include "config-db/store.h"

namespace sw::cli {

class Session final : public Console, public Operator {
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

  View view() const override { return view_; }
  Seat& seat() override { return seat_; }
  Changes& changes() { return changes_; }

 private:
  // Operator
  device::Device& device() override { return *device_; }
  configdb::Store& store() const override { return store_; }
  const Grammar& grammar() const override { return grammar_; }
  const configdb::Key& object() const override { return object_; }
  void Enter(View view, configdb::Key object = {}) override;
  void Print(std::string_view text) override;
  void ShowModel(std::span<const Field> fields, std::string_view layout, const void* model) override;
  Result<Record> Capture(const std::function<Status()>& run) override;
  Status Configure(const std::function<Status(configdb::Edit&)>& change) override;
  void Put(Question question) override { question_ = std::move(question); }
  void Start(std::unique_ptr<Task> task) override { task_ = std::move(task); }
  void Finish(const Status& status) override;
  void Close() override { closed_ = true; }

  Session(device::Device* device, configdb::Store& store, const Grammar& grammar, SessionOptions options);
  Time Now() const;  // without a device, time stands still
  std::string Prompt() const;
  void Run(std::string_view line);
  std::optional<std::string> Skip(std::string_view line);  // why it is not run
  Status Dispatch(const Match& match);
  // The one place where commands run: what they throw ends them, and nothing else.
  Status Guarded(const std::function<Status()>& command);
  void Note();  // what the line that ends means for those behind it
  void Refuse(const Refusal& refusal);
  void Refuse(std::string reason);
  void End(const Status& status);  // of a line: tells the listener unless something is still pending
  void Cancel();
  Status BatchControl(Control control);
  void OnMonitorLine(const device::MonitorLine& line);
  void HangUp();
  void Hotkey(char letter);
  void FillReady();
  const Grammar::Levels* Levels();  // null: the tables'

  device::Device* device_;  // null: offline
  configdb::Store& store_;
  const Grammar& grammar_;
  Seat seat_;
  Changes changes_;
  ConsoleListener* listener_ = nullptr;
  std::optional<Grammar::Levels> levels_;
  std::unique_ptr<OutputFilter> filter_;
  Record* capture_ = nullptr;  // not null: what is shown goes there

  View view_;
  configdb::Key object_;
  bool closed_ = false;
  Ready ready_;
  std::string_view running_;  // as typed, until it has been dealt with
  RefusedBlock block_;
  UnaskedPasswords unasked_;
  Time answered_;  // when the last line ended
  std::optional<Question> question_;
  std::unique_ptr<Task> task_, finished_;  // a finished one is freed later: it is still on the call stack
};

}  // namespace sw::cli
