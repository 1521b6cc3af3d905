#include "device/config/commit_guard.h"

#include <algorithm>
#include <utility>

namespace sw::device {
namespace {

constexpr const char* kCheckpoint = "~unconfirmed";  // a name that `configuration checkpoint` refuses
constexpr Duration kTryAgain = std::chrono::seconds(1);

}  // namespace

CommitGuard::~CommitGuard() {
  if (timer_ != 0) services_.scheduler.Cancel(timer_);
}

void CommitGuard::StartTimer(Duration time) {
  if (timer_ != 0) services_.scheduler.Cancel(timer_);
  timer_ = services_.scheduler.At(services_.scheduler.now() + time, [this] {
    timer_ = 0;
    GoBack();
  });
}

std::optional<Duration> CommitGuard::left() const {
  if (!pending_) return std::nullopt;
  return std::chrono::seconds(std::max<std::int64_t>(pending_->at - services_.wall_clock(), 0));
}

void CommitGuard::Resume() {
  Result<std::optional<configdb::PendingRollback>> pending = configdb::GetPendingRollback(services_.store);
  if (!pending.ok() || !*pending) return;
  pending_ = **pending;
  if (*left() == Duration::zero()) return GoBack();
  StartTimer(*left());
}

Status CommitGuard::Arm(Duration time, const configdb::Origin& origin) {
  if (!pending_) SW_TRY(configdb::SaveCheckpoint(services_.store, kCheckpoint, origin));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  const configdb::PendingRollback pending{kCheckpoint, services_.wall_clock() + seconds};
  SW_TRY(configdb::SetPendingRollback(services_.store, pending));
  pending_ = pending;
  StartTimer(time);
  return {};
}

Status CommitGuard::Confirm() {
  if (!pending_) return {Code::kNotFound, "No change waits for a confirmation"};
  SW_TRY(configdb::SetPendingRollback(services_.store, std::nullopt));
  pending_.reset();
  if (timer_ != 0) services_.scheduler.Cancel(std::exchange(timer_, 0));
  return configdb::RemoveCheckpoint(services_.store, kCheckpoint);
}

void CommitGuard::GoBack() {
  const auto restore = [this]() -> Status {
    Result<configdb::Edit> edit = services_.store.Begin({"system", "commit confirmed", "configuration rollback"});
    if (!edit.ok()) return edit.status();
    SW_TRY(configdb::RestoreCheckpoint(*edit, pending_->checkpoint));
    return edit->changed() ? services_.commit(*edit) : Status();
  };
  const Status done = restore();
  if (done.code() == Code::kBusy) return StartTimer(kTryAgain);  // somebody's change of several lines is open
  services_.monitor.Log(Severity::kWarnings, "CFM", done.ok() ? "ROLLEDBACK" : "ROLLBACK",
                        done.ok() ? "nobody confirmed the change: the configuration is what it was before"
                                  : "the change was not confirmed, and cannot be taken back: " + done.why());
  pending_.reset();
  (void)configdb::SetPendingRollback(services_.store, std::nullopt);
  (void)configdb::RemoveCheckpoint(services_.store, kCheckpoint);
}

}  // namespace sw::device
