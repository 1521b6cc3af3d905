// Remembers where the first fragment of a datagram went, so that the later ones, which show no ports, go the same way
// (RFC 4301 section 7.3: stateful fragment checking). Bounded: the oldest is forgotten.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "hal/base/clock.h"
#include "hal/ports/ipv4.h"

namespace sw::ipsec {

class FragmentVerdicts {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr Duration kLifetime = std::chrono::seconds(15);
  static constexpr std::uint64_t kClear = 0;  // else the policy

  void Remember(Time now, int port, const hal::Ipv4Header& first, std::uint64_t policy) {
    while (!kept_.empty() && (kept_.front().until <= now || kept_.size() >= kMost)) kept_.pop_front();
    kept_.push_back({KeyOf(port, first), now + kLifetime, policy});
  }
  std::optional<std::uint64_t> Find(Time now, int port, const hal::Ipv4Header& later) const {
    const Key key = KeyOf(port, later);
    for (auto it = kept_.rbegin(); it != kept_.rend(); ++it)
      if (it->key == key && it->until > now) return it->policy;
    return std::nullopt;
  }

 private:
  struct Key {
    Ipv4 source, destination;
    std::uint16_t id;
    std::uint8_t protocol;
    int port;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Kept {
    Key key;
    Time until;
    std::uint64_t policy;
  };
  static Key KeyOf(int port, const hal::Ipv4Header& header) {
    return {header.source, header.destination, header.id, header.protocol, port};
  }
  std::deque<Kept> kept_;
};

}  // namespace sw::ipsec
