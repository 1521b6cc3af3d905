// Applies a script to a console line by line and says what became of each line.
//
// Lines are those of cli/session/line_reader.h. Works on any Console, so also on a device in another process. Lines are
// run one after the other without recursion, whether the console answers inside the call or later. The script may be
// configuration text as `display current-configuration` prints it, or commands as typed at the user view's prompt.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/grammar.h"
#include "cli/session/console.h"
#include "config-db/store.h"
#include "hal/base/result.h"
#include "hal/crypto_device.h"

namespace sw::device {
struct Config;
}

namespace sw::cli {

enum class OnError : std::uint8_t {
  kStop,      // at the first line refused; what went before stays
  kContinue,  // the other lines are applied
  kRollback,  // nothing stays
};

struct LineReport {
  int number = 0;    // from 1
  std::string text;  // as read, keys and passwords replaced by as many *; of a value over several lines the first
  Outcome outcome = Outcome::kAccepted;
  int column = -1;     // from 0, of the word that the reason names, or of the first one; -1: not of one line
  std::string reason;  // kRefused, kSkipped
  std::string output;  // what the line printed
};

// What a check found once the whole script was read; of a replay, concealed text that cannot be opened here.
struct FindingReport {
  int number = 0;    // of the line, from 1; 0: none of the script's
  std::string text;  // of that line, as in LineReport
  int column = -1;   // from 0
  std::string reason;
  bool note = false;  // no error
};

struct ReplayReport {
  std::string name;               // of the script
  std::vector<LineReport> lines;  // without empty lines and remarks
  std::vector<FindingReport> findings;
  std::size_t accepted = 0, changed = 0, unchanged = 0, refused = 0, skipped = 0;
  bool stopped = false;        // lines were left out after a refusal
  bool rolled_back = false;    // nothing of the script stands
  std::size_t errors() const;  // refusals and findings that are no notes
  bool ok() const { return errors() == 0 && !rolled_back; }
};

// Whether the script starts at the user view's prompt (its first line is system-view, or it holds none of the
// configuration); otherwise it is configuration text and starts in system view.
bool StartsInUserView(std::string_view script);

class Replay final : private ConsoleListener {
 public:
  // `user_view`: where the script starts; not set: as StartsInUserView says.
  Replay(Console& console, std::string name, std::string_view script, OnError on_error,
         std::optional<bool> user_view = std::nullopt);
  ~Replay() override;
  // Takes over the console's listener until `done` is called, which may be inside Start; the Replay may be destroyed
  // from there. `progress`: lines done and of how many, after each; may be empty.
  void Start(std::function<void(ReplayReport)> done, std::function<void(std::size_t, std::size_t)> progress = {});
  const ReplayReport& report() const { return report_; }  // so far

 private:
  enum class Step : std::uint8_t { kBegin, kEnter, kLine, kEnd, kDone };
  void OnOutput(std::string_view text) override { output_ += text; }
  void OnNotice(std::string_view) override {}
  void OnReady(const Ready& ready) override;
  void Pump();
  void Issue();     // the request of the current step
  void Answered();  // takes its answer and goes to the next step
  void AnswerQuestion();
  void AnsweredLine();
  void Count(const LineReport& report);
  void AnsweredEnd();

  Console& console_;
  OnError on_error_;
  const std::string script_;
  const std::vector<std::string_view> lines_;  // in script_
  std::size_t next_ = 0;                       // in lines_
  std::size_t current_ = 0;                    // the one that runs; a value over several lines begins there
  ReplayReport report_;
  bool user_view_;
  Step step_ = Step::kEnter;
  bool asked_ = false, answered_ = false, pumping_ = false;
  Ready answer_;
  std::string output_;
  std::function<void(ReplayReport)> done_;
  std::function<void(std::size_t, std::size_t)> progress_;
};

// Where the session of a check stood before and behind a line.
struct CheckedLine {
  std::size_t report = 0;  // index of the line's
  View before = View::kSystem, after = View::kSystem;
  configdb::Key object_before, object_after;  // of the views
  configdb::ChangedRows rows = {};            // that it changed
};
// What a script makes of an empty device.
struct CheckedScript {
  const configdb::Store& store;
  const device::Config& config;
  const ReplayReport& report;
  const std::vector<CheckedLine>& lines;
};
// What a device with such a crypto engine would say of the script, changing nothing anywhere: syntax, ranges, what
// device::ValidateConfig refuses, and at the end what device::Findings tells of the whole. Every line is checked;
// commands that need a running device are parsed only. `then` sees what the script made, before it is gone; may be
// empty.
Result<ReplayReport> CheckScript(const Grammar& grammar, const hal::Capabilities& crypto, std::string name,
                                 std::string_view script, const std::function<void(const CheckedScript&)>& then = {});

}  // namespace sw::cli
