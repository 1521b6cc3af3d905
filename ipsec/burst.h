// Bursts of packets sealed and opened where they lie, by one data-path worker: what ipsec/esp.h does, without queues,
// ids or a device between. Packets of any SAs share a burst. Sequence numbers are taken for all neighbours of one SA at
// once; nothing is allocated once the vectors have grown; nothing is locked.
//
// One thread per Burst; the SAs may be used by other workers at the same time (ipsec/shared_sa.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hal/base/random.h"
#include "ipsec/drop.h"
#include "ipsec/shared_sa.h"

namespace sw::ipsec {

class Burst {
 public:
  // Both outlive this. `worker`: whose part of the SAs this uses; every SA given to it has keys for that one.
  Burst(hal::BurstEngine& engine, Random& random, std::size_t worker)
      : engine_(engine), random_(random), worker_(worker) {}

  struct Seal {
    SharedSa* sa = nullptr;
    ByteSpan esp;             // sa->shape.Around(inner) bytes, with the inner packet at shape.front()
    std::uint32_t inner = 0;  // bytes
    std::uint8_t next_header = 0;
    Drop drop = Drop::kNone;  // out: kNone, then `esp` is the packet; otherwise undefined
  };
  void Run(std::span<Seal> burst, Time now);

  struct Open {
    SharedSa* sa = nullptr;
    ByteSpan esp;
    Drop drop = Drop::kNone;  // out
    ByteSpan inner;           // out, within `esp`
    std::uint8_t next_header = 0;
  };
  void Run(std::span<Open> burst, Time now);

 private:
  SharedSa::Worker& Mine(SharedSa& sa) const { return sa.workers[worker_]; }

  hal::BurstEngine& engine_;
  Random& random_;
  const std::size_t worker_;
  std::vector<hal::CryptoOp> ops_;
  std::vector<hal::BurstEngine::Work> work_;
  Bytes ivs_;
};

}  // namespace sw::ipsec
