// The anti-replay window of one inbound SA (RFC 4303 section 3.4.3), 32-bit sequence numbers.
//
// Check before the packet is opened, Update once it has proved itself. Update checks again: copies of one packet may
// all have been checked before the first of them was opened.
#pragma once

#include <cstdint>

#include "ipsec/drop.h"

namespace sw::ipsec {

class ReplayWindow {
 public:
  static constexpr std::uint32_t kWidth = 64;  // RFC 4303 asks for 32 at least and advises 64

  std::uint32_t highest() const { return highest_; }  // 0: nothing received

  // kNone, kReplayed or kTooOld. Number 0 is never sent, and counts as seen.
  Drop Check(std::uint32_t sequence) const {
    if (sequence > highest_) return Drop::kNone;
    const std::uint32_t age = highest_ - sequence;
    if (sequence != 0 && age >= kWidth) return Drop::kTooOld;
    return sequence == 0 || ((seen_ >> age) & 1) != 0 ? Drop::kReplayed : Drop::kNone;
  }

  // As Check; records the number when that is kNone.
  Drop Update(std::uint32_t sequence) {
    const Drop drop = Check(sequence);
    if (drop != Drop::kNone) return drop;
    if (sequence > highest_) {
      const std::uint32_t step = sequence - highest_;
      seen_ = step >= kWidth ? 0 : seen_ << step;
      highest_ = sequence;
    }
    seen_ |= std::uint64_t{1} << (highest_ - sequence);
    return Drop::kNone;
  }

 private:
  std::uint32_t highest_ = 0;
  std::uint64_t seen_ = 0;  // bit n: highest_ - n was received
};

}  // namespace sw::ipsec
