#include "cli/session/changes.h"
#include "device/config/config.h"

#include <algorithm>
#include <iterator>

#include "device/device.h"

namespace sw::cli {

Changes::Changes(device::Device* device, configdb::Store& store) : device_(device), store_(store) {
  if (device_ == nullptr) (void)UpdateCandidate({});  // what is wrong with it comes out with the first line
}

Status Changes::UpdateCandidate(const configdb::ChangedRows& changed) {
  if (candidate_) {
    const Result<device::Delta> delta = device::UpdateConfig(store_, changed, *candidate_);
    return delta.ok() ? device::ValidateConfig(*candidate_, *delta) : delta.status();
  }
  Result<device::LoadedConfig> loaded = device::LoadConfig(store_);
  if (!loaded.ok()) return loaded.status();
  candidate_ = std::move(loaded->config);
  return device::ValidateConfig(*candidate_, loaded->delta);
}

Result<bool> Changes::Configure(configdb::Origin origin, const std::function<Status(configdb::Edit&)>& change) {
  if (batch_) {
    const std::size_t before = batch_->changes();
    SW_TRY(change(*batch_));
    SW_TRY(UpdateCandidate(batch_->TakeNewRows()));
    return before != batch_->changes();
  }
  Result<configdb::Edit> edit = store_.Begin(std::move(origin));
  if (!edit.ok()) return edit.status();
  SW_TRY(change(*edit));
  if (!edit->changed()) return false;
  if (device_ != nullptr) {
    SW_TRY(device_->Commit(*edit));
    return true;
  }
  Status done = UpdateCandidate(edit->changed_rows());
  if (done.ok()) done = edit->Commit();
  if (!done.ok()) {
    edit->Rollback();
    if (candidate_ && !device::UpdateConfig(store_, edit->changed_rows(), *candidate_).ok()) candidate_.reset();
    return done;
  }
  std::ranges::copy(edit->changed_rows(), std::back_inserter(changed_rows_));
  return true;
}

Status Changes::Begin(configdb::Origin origin) {
  if (batch_) return {Code::kBusy, "A change is open already"};
  Result<configdb::Edit> edit = store_.Begin(std::move(origin));
  if (!edit.ok()) return edit.status();
  batch_.emplace(std::move(*edit));
  if (device_ != nullptr) candidate_ = device_->config();
  refused_ = false;
  return {};
}

Result<bool> Changes::Commit() {
  configdb::Edit edit = std::move(*batch_);
  Rollback();
  if (refused_) return Status(Code::kBadValue, "A line of the change was refused: all of it is dropped");
  if (!edit.changed()) return false;
  SW_TRY(device_ != nullptr ? device_->Commit(edit) : edit.Commit());
  return true;
}

void Changes::Rollback() {
  batch_.reset();
  candidate_.reset();
}

std::string Changes::sysname() const {
  if (candidate_) return candidate_->system.sysname;
  return device_ != nullptr ? device_->sysname() : device::kDefaultSysname;
}

}  // namespace sw::cli
