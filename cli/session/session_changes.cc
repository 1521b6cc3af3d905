// How a session changes the configuration: one change after the other on the device, or in a store without one, and
// several lines as one change. And the one place where commands run.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>

#include "cli/session/line_reader.h"
#include "cli/session/session.h"

namespace sw::cli {

Status Session::Guarded(const std::function<Status()>& command) {
  std::string what = "something that is no std::exception";
  try {
    return command();
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {  // NOLINT: whatever it is, it ends with the command
  }
  answer_ = nullptr;
  unclosed_.clear();
  task_.reset();
  const std::string reason = "The command failed: " + Escaped(what);
  if (device_ != nullptr) {
    device_->monitor().Log(device::Severity::kErrors, "SHELL", "FAILED",
                           fmt::format("a command of {} failed: {}", options_.who, Escaped(what)));
  }
  return {Code::kDevice, reason};
}

Status Session::UpdateCandidate(const configdb::ChangedRows& changed) {
  if (candidate_) {
    SW_TRY(device::UpdateConfig(store_, changed, *candidate_));
    return device::ValidateConfig(*candidate_, device::Changes(changed));
  }
  Result<device::Config> loaded = device::LoadConfig(store_);
  if (!loaded.ok()) return loaded.status();
  candidate_ = std::move(*loaded);
  return device::ValidateConfig(*candidate_);
}

Status Session::Configure(const std::function<Status(configdb::Edit&)>& change) {
  if (batch_) {
    const std::size_t before = batch_->changes();
    SW_TRY(change(*batch_));
    SW_TRY(UpdateCandidate(batch_->TakeNewRows()));
    ready_.outcome = before == batch_->changes() ? Outcome::kUnchanged : Outcome::kChanged;
    return {};
  }
  Result<configdb::Edit> edit = store_.Begin(origin());
  if (!edit.ok()) return edit.status();
  SW_TRY(change(*edit));
  ready_.outcome = edit->changed() ? Outcome::kChanged : Outcome::kUnchanged;
  if (!edit->changed()) return {};
  if (device_ != nullptr) return device_->Commit(*edit);
  Status done = UpdateCandidate(edit->changed_rows());
  if (done.ok()) done = edit->Commit();
  if (!done.ok()) {
    edit->Rollback();
    if (candidate_ && !device::UpdateConfig(store_, edit->changed_rows(), *candidate_).ok()) candidate_.reset();
  } else {
    std::ranges::copy(edit->changed_rows(), std::back_inserter(changed_rows_));
  }
  return done;
}

Status Session::BatchControl(Control control) {
  if (control == Control::kBegin) {
    if (batch_) return {Code::kBusy, "A change is open already"};
    journal_line_ = "(several lines)";
    Result<configdb::Edit> edit = store_.Begin(origin());
    if (!edit.ok()) return edit.status();
    batch_.emplace(std::move(*edit));
    if (device_ != nullptr) candidate_ = device_->config();
    batch_refused_ = false;
    return {};
  }
  if (!batch_) return {Code::kNotFound, "No change is open"};
  configdb::Edit edit = std::move(*batch_);
  batch_.reset();
  candidate_.reset();
  if (control == Control::kRollback) {
    Enter(options_.start);  // the view's object may be gone with the change
    return {};
  }
  if (batch_refused_) return {Code::kBadValue, "A line of the change was refused: all of it is dropped"};
  if (!edit.changed()) {
    ready_.outcome = Outcome::kUnchanged;
    return {};
  }
  SW_TRY(device_ != nullptr ? device_->Commit(edit) : edit.Commit());
  ready_.outcome = Outcome::kChanged;
  return {};
}

}  // namespace sw::cli
