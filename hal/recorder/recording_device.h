// Any engine, with every call written down: the line of text that hal/recorder/call.h makes of it. Results and
// completions are those of the engine. Of health() only a change is written: it is asked at every packet.
// Threads: one, as the engine.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "hal/crypto_device.h"

namespace sw::hal::recorder {

class RecordingDevice final : public CryptoDevice {
 public:
  using Sink = std::function<void(std::string_view line)>;
  RecordingDevice(CryptoDevice& engine, Sink sink);  // the engine outlives this

  const Capabilities& capabilities() const override { return engine_.capabilities(); }
  Health health() const override;
  Status Validate(const SaSpec&) const override;
  Result<SaHandle> AddSa(const SaSpec&) override;
  Status RemoveSa(SaHandle) override;
  std::size_t Submit(std::span<const CryptoOp> burst) override;
  std::size_t Complete(std::span<CryptoOp> done) override;

 private:
  struct Taken {
    std::uint64_t number = 0, context = 0;  // the caller's context
  };

  CryptoDevice& engine_;
  Sink sink_;
  mutable std::optional<Health> last_health_;
  std::uint64_t number_ = 0;
  std::vector<Taken> taken_;  // by the context that the engine gets
  std::vector<std::uint64_t> free_;
  std::vector<CryptoOp> burst_;
  std::vector<std::string> lines_;
};

}  // namespace sw::hal::recorder
