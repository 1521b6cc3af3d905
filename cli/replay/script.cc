#include "cli/replay/script.h"

#include <memory>
#include <utility>

#include "cli/replay/replay.h"
#include "cli/session/session.h"
#include "device/device.h"

namespace sw::cli {
namespace {

class ScriptTask final : public Task {
 public:
  static constexpr int kMost = 16;  // our choice
  static bool Free() { return running_ < kMost; }

  ScriptTask(Operator& session, const std::string& name, std::string_view text)
      : session_(session),
        inner_(session.device(), session.grammar(),
               {.who = session.seat().options().who, .from = "file " + name, .level = session.seat().level()}),
        replay_(inner_, name, text, OnError::kContinue, true) {
    ++running_;
  }
  ~ScriptTask() override { --running_; }

  // Whether all lines have run already.
  bool Begin() {
    replay_.Start([this](const ReplayReport& report) {
      for (const LineReport& line : report.lines) session_.Print(line.text + "\n" + line.output);
      done_ = true;
      if (begun_) session_.Finish();
    });
    begun_ = true;
    return done_;
  }
  void Cancel() override { inner_.Send(Control::kCancel); }

 private:
  inline static thread_local int running_ = 0;
  Operator& session_;
  Session inner_;
  Replay replay_;
  bool begun_ = false, done_ = false;
};

}  // namespace

Status RunScript(Operator& session, const std::string& name, std::string_view text) {
  if (!ScriptTask::Free()) return {Code::kBusy, "Too many files are run at a time, one by the other"};
  auto task = std::make_unique<ScriptTask>(session, name, text);
  if (!task->Begin()) session.Start(std::move(task));
  return {};
}

}  // namespace sw::cli
