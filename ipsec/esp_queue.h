// The packets of one Esp that wait for the crypto engine or are with it, in a bounded number of places.
// One thread; owned by the Esp. Device and random source outlive it.
#pragma once

#include <cstdint>
#include <vector>

#include "hal/base/packet.h"
#include "hal/base/random.h"
#include "hal/crypto_device.h"
#include "ipsec/sa_table.h"

namespace sw::ipsec {

class EspQueue {
 public:
  // A packet from Protect or Unprotect until it is finished.
  struct Job {
    PacketPtr packet;
    Sa* sa = nullptr;  // nullptr: this place is free
    std::uint64_t context = 0;
    std::uint32_t use = 0;       // counts the packets of this place, so that a stale completion is noticed
    std::uint32_t sequence = 0;  // opening AH
    std::uint32_t inner_bytes = 0;
    std::uint8_t next_header = 0;
  };

  // What waits and what the engine has is together twice the engine's burst: a slow engine meets a bounded queue.
  EspQueue(hal::CryptoDevice& device, Random& random)
      : device_(device), random_(random), limit_(2 * device.capabilities().max_burst) {}

  bool full() const { return busy_ >= limit_; }
  void Put(Sa& sa, Job job);
  void Flush();                        // what was put so far may go to the engine
  std::size_t Submit();                // how many it took
  bool stuck() const;                  // the engine is down and will not take what may go to it
  Job* Claim(std::uint64_t context) {  // null: the engine returned something that it did not have
    const auto place = static_cast<std::uint32_t>(context);
    if (place >= jobs_.size()) return nullptr;
    Job& job = jobs_[place];
    return job.sa != nullptr && job.use == context >> 32 ? &job : nullptr;
  }
  void Free(Job& job) {  // it is finished
    --job.sa->in_flight;
    --busy_;
    job.sa = nullptr;
    free_.push_back(static_cast<std::uint32_t>(&job - jobs_.data()));
  }
  std::vector<Job*> TakeBack(const Sa* sa);  // out of the queue: those of this SA; null: what may go to the engine

 private:
  hal::CryptoDevice& device_;
  Random& random_;
  const std::size_t limit_;
  std::vector<Job> jobs_;
  std::vector<std::uint32_t> free_;
  std::size_t busy_ = 0;

  std::vector<hal::CryptoOp> queued_;  // in order; the first `flushed_` may go to the engine
  std::size_t flushed_ = 0;
  std::size_t iv_bytes_ = 0;  // random ones that those behind want
  Bytes ivs_;
};

}  // namespace sw::ipsec
