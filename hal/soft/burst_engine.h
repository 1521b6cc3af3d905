// The software engine's hands: bursts of packets of any SAs, each packet on the library that does its transform best at
// this length of burst. hal/soft/software_device.h is one of these behind the common interface; a data-path worker has
// one of its own and skips that interface.
//
// One thread per engine. The keys of an SA are used by one engine at a time: prepare them once per thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hal/crypto_device.h"
#include "hal/soft/engine_plan.h"
#include "hal/soft/multi_buffer.h"
#include "hal/soft/transform.h"

namespace sw::hal {

// What one engine needs of one SA: key schedules and keyed HMAC states, wiped when they go.
class BurstKeys {
  friend class BurstEngine;
  BurstKeys(Transform one, MultiBufferKeysPtr many, const SaSpec& spec)
      : one_(std::move(one)), many_(std::move(many)), kind_{spec.cipher, spec.integrity}, direction_(spec.direction) {}
  Transform one_;
  MultiBufferKeysPtr many_;  // null: always OpenSSL
  Capability kind_;
  Direction direction_;
};

class BurstEngine {
 public:
  // kDevice: the plan wants libipsec-mb, which does not start.
  static Result<std::unique_ptr<BurstEngine>> Create(const EnginePlan& plan);

  const EnginePlan& plan() const { return plan_; }
  std::string libraries() const;  // "OpenSSL 3.0.x; libipsec-mb 1.3.0, AVX2"
  // Null: OpenSSL refuses the keys. Their sizes are the caller's to check. Any thread may call this.
  std::unique_ptr<BurstKeys> Prepare(const SaSpec& spec) const;

  struct Work {
    BurstKeys* keys;
    CryptoOp* op;
  };
  void Run(std::span<const Work> burst);  // fills in the verdicts

 private:
  BurstEngine() = default;
  EnginePlan plan_;
  std::unique_ptr<MultiBuffer> multi_;                        // null: OpenSSL alone
  std::vector<MultiBuffer::Work> many_;                       // kept for its room
  std::array<std::uint32_t, EnginePlan::kKinds> how_many_{};  // of each kind in the burst at hand
};

}  // namespace sw::hal
