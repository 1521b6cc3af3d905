#include "hal/shared_device.h"

#include <algorithm>
#include <array>
#include <thread>

namespace sw::hal {

SharedDevice::SharedDevice(CryptoDevice& device) : device_(device) {}
SharedDevice::~SharedDevice() = default;

std::unique_ptr<SharedDevice::Queue> SharedDevice::Open() {
  return std::unique_ptr<Queue>(new Queue(*this));
}

void SharedDevice::Collect() {
  std::array<CryptoOp, 64> some;
  for (std::size_t n = 0; (n = device_.Complete(some)) != 0;) {
    for (const CryptoOp& done : std::span(some).first(n)) {
      Operation& operation = operations_[done.context];
      CryptoOp& op = operation.queue->finished_.emplace_back(operation.op);
      op.verdict = done.verdict;
      --operation.queue->in_flight_;
      operation.queue = nullptr;
      free_.push_back(static_cast<std::uint32_t>(done.context));
    }
  }
}

SharedDevice::Queue::~Queue() {
  Drain();
}

void SharedDevice::Queue::Drain() {
  for (shared_.Collect(); in_flight_ != 0; shared_.Collect()) std::this_thread::yield();
}

Status SharedDevice::Queue::RemoveSa(SaHandle sa) {
  const auto mine = [sa](const CryptoOp& op) { return op.sa == sa && op.verdict != Verdict::kNoSa; };
  if (std::ranges::any_of(finished_, mine)) return {Code::kInUse, "operations of this SA are not collected yet"};
  return shared_.device_.RemoveSa(sa);
}

std::size_t SharedDevice::Queue::Submit(std::span<const CryptoOp> burst) {
  // What is finished and not collected counts too: no user can fill this process with results.
  const std::size_t most = capabilities().max_burst;
  const std::size_t used = std::min(in_flight_ + finished_.size(), most);
  burst_.assign(burst.begin(), burst.begin() + static_cast<std::ptrdiff_t>(std::min(burst.size(), most - used)));
  for (CryptoOp& op : burst_) {
    if (shared_.free_.empty()) {
      shared_.free_.push_back(static_cast<std::uint32_t>(shared_.operations_.size()));
      shared_.operations_.emplace_back();
    }
    const std::uint32_t index = shared_.free_.back();
    shared_.free_.pop_back();
    shared_.operations_[index] = {op, this};
    op.context = index;
  }
  const std::size_t taken = shared_.device_.Submit(burst_);
  for (std::size_t i = burst_.size(); i-- > taken;) {
    shared_.operations_[burst_[i].context].queue = nullptr;
    shared_.free_.push_back(static_cast<std::uint32_t>(burst_[i].context));
  }
  in_flight_ += taken;
  return taken;
}

std::size_t SharedDevice::Queue::Complete(std::span<CryptoOp> done) {
  shared_.Collect();
  const std::size_t given = std::min(done.size(), finished_.size());
  std::copy_n(finished_.begin(), given, done.begin());
  finished_.erase(finished_.begin(), finished_.begin() + static_cast<std::ptrdiff_t>(given));
  return given;
}

}  // namespace sw::hal
