// Many packets at a time on Intel's multi-buffer library (libipsec-mb): the packets of a burst, of whatever SAs, share
// the vector lanes. (Triple) DES, for which the library has vectors with AVX-512 only, has lanes of our own
// (hal/soft/des_lanes.h) beside the library's HMACs. Byte for byte what hal/soft/transform.h does.
//
// One thread per MultiBuffer. Keys may be prepared by one and used by another.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hal/crypto_device.h"

namespace sw::hal {

class MultiBufferKeys;  // the schedules of one SA; wiped when they go
struct MultiBufferKeysDelete {
  void operator()(MultiBufferKeys*) const;
};
using MultiBufferKeysPtr = std::unique_ptr<MultiBufferKeys, MultiBufferKeysDelete>;

class MultiBuffer {
 public:
  // Null: not enough memory, or a processor that the library does nothing for.
  static std::unique_ptr<MultiBuffer> Create();
  ~MultiBuffer();

  std::string name() const;  // "libipsec-mb 1.3.0, AVX2; DES in 32 lanes"
  bool Offers(Capability transform) const;
  MultiBufferKeysPtr Prepare(const SaSpec& spec) const;  // null: not offered. Key sizes are the caller's to check

  // The shape of each op was checked (hal/soft/transform.h). Verdicts are filled in.
  struct Work {
    const MultiBufferKeys* keys;
    CryptoOp* op;
  };
  void Apply(std::span<const Work> burst);

 private:
  struct Impl;
  explicit MultiBuffer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::hal
