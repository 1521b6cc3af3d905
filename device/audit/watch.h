// Shows the ledger what there is: once a minute while something may be there, soon after something has come, and
// whenever somebody asks. What comes and goes between two looks is missed. One thread, the scheduler's; the scheduler
// and what `live` reads outlive the watch.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "device/audit/ledger.h"

namespace sw::device {

class AlgorithmWatch {
 public:
  using Live = std::function<std::vector<AlgorithmLedger::Live>(Time now)>;

  AlgorithmWatch(Scheduler& scheduler, Live live) : scheduler_(scheduler), live_(std::move(live)) {}
  ~AlgorithmWatch();
  AlgorithmWatch(const AlgorithmWatch&) = delete;
  AlgorithmWatch& operator=(const AlgorithmWatch&) = delete;

  void Follow(bool wanted);  // whether the configuration has anything that negotiates
  void Soon();               // something has come
  std::vector<AlgorithmLedger::Entry> Now();
  void Clear() { ledger_.Clear(); }

 private:
  void Look();
  void Arm(Duration in);

  Scheduler& scheduler_;
  Live live_;
  AlgorithmLedger ledger_;
  bool wanted_ = false, soon_ = false;
  Scheduler::TimerId timer_ = 0;
};

}  // namespace sw::device
