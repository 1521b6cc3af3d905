// The part of an SA that data-path workers and the owner of its Esp use at the same time: numbers, window, keys, and
// what passed. Nothing here is locked: numbers are taken and counters moved by atomic operations, everything else is
// fixed while anybody can see it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "hal/base/clock.h"
#include "hal/crypto_device.h"
#include "hal/soft/burst_engine.h"
#include "ipsec/esp_codec.h"
#include "ipsec/sa_replay_window.h"

namespace sw::ipsec {

inline constexpr std::size_t kMostWorkers = 16;  // our choice

// Outbound sequence numbers. A number is taken once, whoever asks.
class SequenceNumbers {
 public:
  explicit SequenceNumbers(std::uint32_t used) : last_(used) {}
  // The first of `count` numbers in a row; 0: so many are not left, and from then on none may be.
  std::uint32_t Take(std::uint32_t count) {
    const std::uint64_t before = last_.fetch_add(count, std::memory_order_relaxed);  // 64 bits: never wraps
    return before + count > UINT32_MAX ? 0 : static_cast<std::uint32_t>(before + 1);
  }
  void Skip(std::uint32_t count) { last_.fetch_add(count, std::memory_order_relaxed); }  // they are never used
  std::uint32_t last() const {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(last_.load(std::memory_order_relaxed), UINT32_MAX));
  }

 private:
  std::atomic<std::uint64_t> last_;
};

struct SharedSa {
  SharedSa(const EspShape& layout, hal::Direction d, std::uint32_t index, Time until, std::uint32_t used)
      : direction(d), spi(index), expires(until), shape(layout), numbers(used) {}

  // One worker's part, written by it alone, on cache lines of its own.
  struct alignas(64) Worker {
    std::unique_ptr<hal::BurstKeys> keys;
    std::atomic<std::uint64_t> packets = 0, bytes = 0, drops = 0;  // bytes of inner packets that passed
    std::atomic<std::int64_t> last = 0;                            // when the last one passed, as Time; 0: never

    void Passed(std::uint64_t count, std::uint64_t inner_bytes, Time now) {
      Add(packets, count);
      Add(bytes, inner_bytes);
      last.store(now.since.count(), std::memory_order_relaxed);
    }
    static void Add(std::atomic<std::uint64_t>& counter, std::uint64_t n) {  // one writer: no locked instruction
      counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
  };

  const hal::Direction direction;
  const std::uint32_t spi;
  const Time expires;
  const EspShape shape;
  SequenceNumbers numbers;      // outbound
  SaReplayWindow window;        // inbound
  std::vector<Worker> workers;  // empty: only its Esp uses it

  // What all workers passed together.
  struct Passed {
    std::uint64_t packets = 0, bytes = 0, drops = 0;
    Time last{};
  };
  Passed passed() const {
    Passed out;
    for (const Worker& w : workers) {
      out.packets += w.packets.load(std::memory_order_relaxed);
      out.bytes += w.bytes.load(std::memory_order_relaxed);
      out.drops += w.drops.load(std::memory_order_relaxed);
      out.last = std::max(out.last, Time{Duration(w.last.load(std::memory_order_relaxed))});
    }
    return out;
  }
};

}  // namespace sw::ipsec
