// One crypto device for several users: each gets a queue of it that is a CryptoDevice of its own, and its own
// completions back. Needed where an engine finishes later than Submit, as a card does. One thread.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "hal/crypto_device.h"

namespace sw::hal {

class SharedDevice {
 public:
  explicit SharedDevice(CryptoDevice& device);  // outlives this
  SharedDevice(const SharedDevice&) = delete;
  ~SharedDevice();

  class Queue;
  std::unique_ptr<Queue> Open();  // must go before the SharedDevice

 private:
  friend class Queue;
  struct Operation {
    CryptoOp op;  // the user's
    Queue* queue = nullptr;
  };
  void Collect();

  CryptoDevice& device_;
  std::vector<Operation> operations_;
  std::vector<std::uint32_t> free_;
};

class SharedDevice::Queue final : public CryptoDevice {
 public:
  ~Queue() override;
  const Capabilities& capabilities() const override { return shared_.device_.capabilities(); }
  Health health() const override { return shared_.device_.health(); }
  const EnginePlan* per_thread() const override { return shared_.device_.per_thread(); }
  Status Validate(const SaSpec& spec) const override { return shared_.device_.Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return shared_.device_.AddSa(spec); }
  // kInUse too while the device has finished operations that this user did not collect yet.
  Status RemoveSa(SaHandle sa) override;
  std::size_t Submit(std::span<const CryptoOp> burst) override;
  std::size_t Complete(std::span<CryptoOp> done) override;

  // Waits until the device holds nothing of this user any more: their packets may go then. A device completes what it
  // took, at the latest when it gives its card up, so this is as bounded as that.
  void Drain();

 private:
  friend class SharedDevice;
  explicit Queue(SharedDevice& shared) : shared_(shared) {}
  SharedDevice& shared_;
  std::deque<CryptoOp> finished_;
  std::size_t in_flight_ = 0;
  std::vector<CryptoOp> burst_;
};

}  // namespace sw::hal
