// What a card was given and has not answered: packets and SA commands, each under a tag of its own; and the packets
// that are answered and not collected yet.
//
// Tags below depth are packets', those from there on commands'. A value; one thread. Nothing grows after Start.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hal/base/clock.h"
#include "hal/crypto_device.h"
#include "hal/finished.h"
#include "hal/pcie/packet_memory.h"

namespace sw::hal::pcie {

class InFlight {
 public:
  struct Tag {
    CryptoOp op;  // of a command: its SA
    Time submitted;
    std::uint64_t order = 0;     // of all submissions
    std::uint32_t sequence = 0;  // of its SA's
    std::uint32_t queue = 0;
    PacketMemory::Pages pages;  // beyond its own
    bool busy = false;
  };

  void Start(std::size_t depth, std::size_t commands);  // nothing is in flight
  bool full() const { return free_tags_.empty() || count() >= depth_; }
  bool commands_full() const { return free_commands_.empty(); }
  std::uint16_t TakePacket(const CryptoOp& op, std::uint32_t queue, Time now) {  // not when full
    const std::uint16_t number = Take(free_tags_, queue, now);
    tags_[number].op = op;
    ++submitted_;
    return number;
  }
  std::uint16_t TakeCommand(SaHandle sa, std::uint32_t queue, Time now) {  // not when they are full
    const std::uint16_t number = Take(free_commands_, queue, now);
    tags_[number].op.sa = sa;
    return number;
  }

  bool known(std::uint16_t tag) const { return tag < tags_.size(); }
  bool command(std::uint16_t tag) const { return tag >= depth_; }
  std::size_t command_number(std::uint16_t tag) const { return tag - depth_; }
  Tag& at(std::uint16_t tag) { return tags_[tag]; }

  // The tag is free; of a packet, its pages are to be free, and it can be collected.
  void Finish(std::uint16_t number, Verdict verdict) {
    Tag& tag = tags_[number];
    tag.busy = false;
    if (command(number)) return free_commands_.push_back(number);
    free_tags_.push_back(number);
    finished_.Add(tag.op, verdict);
  }
  template <typename Leaves>  // called with each
  std::size_t Collect(std::span<CryptoOp> done, Leaves leaves) {
    const std::size_t given = finished_.Collect(done, leaves);
    collected_ += given;
    return given;
  }
  bool AnyOlderThan(Duration age, Time now) const;
  std::vector<std::uint16_t> Busy() const;                       // in the order in which they were submitted
  std::size_t count() const { return submitted_ - collected_; }  // packets, not collected
  std::size_t unanswered() const { return count() - finished_.count(); }

 private:
  std::uint16_t Take(std::vector<std::uint16_t>& free, std::uint32_t queue, Time now) {
    const std::uint16_t number = free.back();
    free.pop_back();
    Tag& tag = tags_[number];
    tag.submitted = now;
    tag.order = ++order_;
    tag.queue = queue;
    tag.busy = true;
    return number;
  }

  std::size_t depth_ = 0;
  std::vector<Tag> tags_;
  std::vector<std::uint16_t> free_tags_, free_commands_;
  std::uint64_t order_ = 0;
  Finished finished_;
  std::size_t submitted_ = 0, collected_ = 0;
};

}  // namespace sw::hal::pcie
