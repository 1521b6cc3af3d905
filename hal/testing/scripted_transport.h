// A card that is a script: register accesses in order, as the test expects them, with what a read returns. What is left
// over, and what comes unasked, fails the test. DMA memory is heap, reachable for tests that write completions.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "hal/pcie/bus.h"
#include "hal/pcie/register_map.h"

namespace sw::hal::pcie {

class ScriptedTransport final : public Transport {
 public:
  ~ScriptedTransport() override { Finish(); }
  ScriptedTransport& Reads(std::uint32_t offset, std::uint32_t value) {
    script_.push_back({false, offset, value});
    return *this;
  }
  ScriptedTransport& Writes(std::uint32_t offset, std::uint32_t value) {
    script_.push_back({true, offset, value});
    return *this;
  }
  void Finish() {
    EXPECT_TRUE(script_.empty()) << script_.size() << " accesses of the script did not happen";
    script_.clear();
  }
  // From now on every read gives `value` and writes are ignored.
  void Answer(std::uint32_t value) {
    free_ = true;
    value_ = value;
  }

  std::uint32_t Read32(std::uint32_t offset) override {
    if (free_) return value_;
    if (script_.empty() || script_.front().write || script_.front().offset != offset) {
      ADD_FAILURE() << "unexpected read of " << offset;
      return kAllOnes;
    }
    const std::uint32_t value = script_.front().value;
    script_.pop_front();
    return value;
  }
  void Write32(std::uint32_t offset, std::uint32_t value) override {
    if (free_) return;
    if (script_.empty() || !script_.front().write || script_.front().offset != offset ||
        script_.front().value != value) {
      ADD_FAILURE() << "unexpected write of " << value << " to " << offset;
      return;
    }
    script_.pop_front();
  }
  Result<DmaBlock> Allocate(std::size_t bytes) override {
    if (!memory) return Status(Code::kDevice, "no memory");
    auto* block = static_cast<std::uint8_t*>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096));
    std::fill_n(block, bytes, std::uint8_t{0});
    blocks.emplace_back(block, std::free);
    return DmaBlock{block, 0x1000, bytes};
  }
  Status Reconnect() override { return reached; }
  int EventFd(std::uint32_t) const override { return -1; }

  void Release() override { ++released; }
  BusEvent Event() override { return std::exchange(event, BusEvent::kNone); }

  int released = 0;
  BusEvent event = BusEvent::kNone;  // what the bus says next
  Status reached;                    // what Reconnect gives
  bool memory = true;
  std::vector<std::unique_ptr<std::uint8_t, void (*)(void*)>> blocks;

 private:
  struct Access {
    bool write;
    std::uint32_t offset, value;
  };
  std::deque<Access> script_;
  bool free_ = false;
  std::uint32_t value_ = 0;
};

}  // namespace sw::hal::pcie
