// Randomness, always injected: the operating system's for real, a seeded one for simulations.
#pragma once

#include <cstdint>

#include "hal/base/bytes.h"

namespace sw {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(ByteSpan out) = 0;  // cannot fail; SystemRandom ends the process when the system has none

  std::uint64_t U64() {
    std::uint8_t b[8];
    Fill(b);
    return Load64(b);
  }
  std::uint32_t U32() { return static_cast<std::uint32_t>(U64()); }
};

// Repeatable and NOT secret: tests, simulations and fuzzing only (splitmix64).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void Fill(ByteSpan out) override {
    for (std::size_t i = 0; i < out.size();) {
      std::uint64_t v = Next();
      for (int b = 0; b < 8 && i < out.size(); ++b, ++i, v >>= 8) out[i] = static_cast<std::uint8_t>(v);
    }
  }

 private:
  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace sw
