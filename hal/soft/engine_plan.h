// Which of the two ways the software engine does what: OpenSSL packet by packet, or many packets together
// (hal/soft/multi_buffer.h) for bursts of a transform from some length on. Measured, not guessed: it depends on the
// processor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hal/crypto_device.h"

namespace sw::hal {

class EnginePlan {
 public:
  static constexpr std::uint32_t kNever = UINT32_MAX;

  EnginePlan() { from_.fill(kNever); }    // OpenSSL alone
  static EnginePlan MultiBufferAlways();  // what goes in bursts at all does, one packet too: for tests
  // Measures this machine: about a tenth of a second. A transform for which the two do not give the same bytes stays with
  // OpenSSL.
  static EnginePlan Calibrate();

  // The shortest burst of this transform that is faster together.
  std::uint32_t from(Capability t, Direction d) const { return from_[Index(t, d)]; }
  void set(Capability t, Direction d, std::uint32_t from) { from_[Index(t, d)] = from; }
  bool uses_multi_buffer() const;

  const std::vector<EngineFigure>& figures() const { return figures_; }

  // Transforms and directions, numbered.
  static constexpr std::size_t kCiphers = 8, kIntegrities = 5, kKinds = kCiphers * kIntegrities * 2;
  static std::size_t Index(Capability t, Direction d) {
    return (static_cast<std::size_t>(t.cipher) * kIntegrities + static_cast<std::size_t>(t.integrity)) * 2 +
           static_cast<std::size_t>(d);
  }

 private:
  std::array<std::uint32_t, kKinds> from_;
  std::vector<EngineFigure> figures_;
};

}  // namespace sw::hal
