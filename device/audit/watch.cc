#include "device/audit/watch.h"

namespace sw::device {
namespace {

constexpr Duration kPeriod = std::chrono::minutes(1), kSoon = std::chrono::seconds(2);  // our choice

}  // namespace

AlgorithmWatch::~AlgorithmWatch() {
  scheduler_.Cancel(timer_);
}

void AlgorithmWatch::Arm(Duration in) {
  scheduler_.Cancel(timer_);
  timer_ = scheduler_.At(scheduler_.now() + in, [this] {
    timer_ = 0;
    Look();
  });
}

void AlgorithmWatch::Look() {
  soon_ = false;
  const Time now = scheduler_.now();
  ledger_.Look(now, live_(now));
  if (wanted_) Arm(kPeriod);
}

void AlgorithmWatch::Follow(bool wanted) {
  if (wanted && !wanted_) Arm(kPeriod);
  wanted_ = wanted;  // the timer that runs looks once more
}

void AlgorithmWatch::Soon() {
  if (std::exchange(soon_, true)) return;
  Arm(kSoon);
}

std::vector<AlgorithmLedger::Entry> AlgorithmWatch::Now() {
  const Time now = scheduler_.now();
  ledger_.Look(now, live_(now));
  return ledger_.entries();
}

}  // namespace sw::device
