// The software engine: every transform of hal/suites.h on OpenSSL, one packet after the other; and bursts together
// (hal/soft/multi_buffer.h) where its plan says that this is faster. Packets of different SAs share a burst.
//
// Work is done inside Submit; Complete hands it back in the same order, so what was submitted is ready at once. Per SA
// the cipher's key schedule and the HMAC's keyed states are prepared by AddSa; a packet costs this engine no
// allocation.
#pragma once

#include <cstddef>
#include <memory>

#include "hal/crypto_device.h"
#include "hal/soft/engine_plan.h"
#include "hal/soft/known_answers.h"

namespace sw::hal {

struct SoftwareLimits {
  std::size_t max_sas = 65536;     // 1..2^24
  std::size_t queue_depth = 1024;  // ops submitted and not yet collected; at least 1
};

class SoftwareDevice final : public CryptoDevice {
 public:
  // Reproduces `answers` first: a transform whose parts do not is left out of capabilities() and refused by AddSa.
  // kDevice when OpenSSL lacks something (says what), kBadValue for limits out of range.
  static Result<std::unique_ptr<SoftwareDevice>> Create(SoftwareLimits limits = {},
                                                        KnownAnswers answers = PublishedAnswers(),
                                                        const EnginePlan& plan = {});
  ~SoftwareDevice() override;

  const Capabilities& capabilities() const override;
  Health health() const override { return Health::kUp; }
  const EnginePlan* per_thread() const override;
  Status Validate(const SaSpec&) const override;
  Result<SaHandle> AddSa(const SaSpec&) override;
  Status RemoveSa(SaHandle) override;
  std::size_t Submit(std::span<const CryptoOp> burst) override;
  std::size_t Complete(std::span<CryptoOp> done) override;

 private:
  struct Impl;
  explicit SoftwareDevice(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::hal
