// A card that is a script: register accesses in order, as the test expects them, with what a read returns. What is left
// over, and what comes unasked, fails the test. DMA memory is heap, reachable for tests that write completions.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
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
  ScriptedTransport& ReadsAt(BarPlace place, std::size_t bytes, std::uint32_t value) {
    script_.push_back({false, place.offset, value, place.bar, bytes});
    return *this;
  }
  ScriptedTransport& WritesAt(BarPlace place, std::size_t bytes, std::uint32_t value) {
    script_.push_back({true, place.offset, value, place.bar, bytes});
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

  std::uint32_t Read32(std::uint32_t offset) override { return ReadAt({0, offset}, 4); }
  void Write32(std::uint32_t offset, std::uint32_t value) override { WriteAt({0, offset}, 4, value); }
  std::uint32_t ReadAt(BarPlace place, std::size_t bytes) override {
    if (free_) return value_;
    if (script_.empty() || !script_.front().Is({false, place.offset, 0, place.bar, bytes})) {
      ADD_FAILURE() << "unexpected read of " << place.offset << " in BAR " << int{place.bar};
      return kAllOnes;
    }
    const std::uint32_t value = script_.front().value;
    script_.pop_front();
    return value;
  }
  void WriteAt(BarPlace place, std::size_t bytes, std::uint32_t value) override {
    if (free_) return;
    if (script_.empty() || !script_.front().Is({true, place.offset, value, place.bar, bytes}) ||
        script_.front().value != value) {
      ADD_FAILURE() << "unexpected write of " << value << " to " << place.offset << " in BAR " << int{place.bar};
      return;
    }
    script_.pop_front();
  }
  std::uint32_t ReadConfig(std::uint32_t offset) override {
    const auto found = configuration.find(offset);
    return found == configuration.end() ? 0 : found->second;
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

  std::map<std::uint32_t, std::uint32_t> configuration;  // its configuration space, by offset; what is not there is 0
  int released = 0;
  BusEvent event = BusEvent::kNone;  // what the bus says next
  Status reached;                    // what Reconnect gives
  bool memory = true;
  std::vector<std::unique_ptr<std::uint8_t, void (*)(void*)>> blocks;

 private:
  struct Access {
    bool write;
    std::uint32_t offset, value;
    std::uint8_t bar = 0;
    std::size_t bytes = 4;
    bool Is(const Access& o) const {  // whatever the value
      return write == o.write && offset == o.offset && bar == o.bar && bytes == o.bytes;
    }
  };
  std::deque<Access> script_;
  bool free_ = false;
  std::uint32_t value_ = 0;
};

}  // namespace sw::hal::pcie
