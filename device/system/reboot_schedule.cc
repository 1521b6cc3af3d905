#include "device/system/reboot_schedule.h"

#include <utility>

namespace sw::device {

void RebootSchedule::Arm(LocalTime at, Duration left, std::function<void()> reboot) {
  (void)Cancel();
  at_ = at;
  due_ = scheduler_.now() + left;
  reboot_ = std::move(reboot);
  timer_ = scheduler_.At(due_, [this] {
    timer_ = 0;
    const auto run = std::exchange(reboot_, nullptr);
    run();
  });
}

bool RebootSchedule::Cancel() {
  if (timer_ == 0) return false;
  scheduler_.Cancel(std::exchange(timer_, 0));
  reboot_ = nullptr;
  return true;
}

void RebootSchedule::OnClockMoved() {
  if (Cancel())
    monitor_.Log(Severity::kWarnings, "CFM", "REBOOT", "The scheduled reboot is cancelled: the clock was changed");
}

std::optional<LocalTime> RebootSchedule::at() const {
  return timer_ == 0 ? std::nullopt : std::optional(at_);
}

Duration RebootSchedule::left() const {
  return timer_ == 0 ? Duration{0} : due_ - scheduler_.now();
}

}  // namespace sw::device
