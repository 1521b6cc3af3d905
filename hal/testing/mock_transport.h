// A card behind GoogleMock: registers are a table, control bits move the status along, DMA memory is heap. Tests expect
// calls on it, or let a read do something on the way.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <vector>

#include "hal/pcie/bus.h"
#include "hal/pcie/register_map.h"

namespace sw::hal::pcie {

class MockTransport : public Transport {
 public:
  MOCK_METHOD(std::uint32_t, Read32, (std::uint32_t offset), (override));
  MOCK_METHOD(void, Write32, (std::uint32_t offset, std::uint32_t value), (override));
  MOCK_METHOD(Result<DmaBlock>, Allocate, (std::size_t bytes), (override));
  MOCK_METHOD(Status, Reconnect, (), (override));
  MOCK_METHOD(int, EventFd, (std::uint32_t vector), (const, override));

  MockTransport() {
    using testing::_;
    registers = {{kRegId, kMagic},
                 {kRegRevision, Revision{.bits = {0, kAbiMajor}}.raw},
                 {kRegFeatures, 3},
                 {kRegMaxSas, 128},
                 {kRegQueues, Queues{.bits = {4, 1, 2}}.raw}};
    for (std::uint32_t code = 0; code < kCipherCodes; ++code) registers[kRegTransforms + 4 * code] = 0x1f;
    ON_CALL(*this, Read32(_)).WillByDefault([this](std::uint32_t offset) { return registers[offset]; });
    ON_CALL(*this, Write32(kRegControl, _)).WillByDefault([this](std::uint32_t, std::uint32_t value) {
      const Control control{value};
      if (control.bits.reset) ++registers[kRegGeneration];
      Become(control.bits.reset ? CardState::kIdle : control.bits.self_test ? CardState::kReady : CardState::kRunning);
    });
    ON_CALL(*this, Allocate(_)).WillByDefault([this](std::size_t bytes) -> Result<DmaBlock> {
      memory_.emplace_back(static_cast<std::uint8_t*>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096)),
                           std::free);
      std::fill_n(memory_.back().get(), bytes, std::uint8_t{0});
      return DmaBlock{memory_.back().get(), 0x1000, bytes};
    });
    ON_CALL(*this, EventFd(_)).WillByDefault(testing::Return(-1));
  }

  void Become(CardState state, CardFault fault = CardFault::kNone) {
    registers[kRegStatus] = CardStatus{.bits = {state, fault, 0}}.raw;
  }
  std::uint8_t* memory() { return memory_.back().get(); }

  std::map<std::uint32_t, std::uint32_t> registers;

 private:
  std::vector<std::unique_ptr<std::uint8_t, void (*)(void*)>> memory_;
};

}  // namespace sw::hal::pcie
