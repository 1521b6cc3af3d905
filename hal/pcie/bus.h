// What the driver needs of a bus: registers, memory both sides reach, and interrupts. Implemented over Linux VFIO
// (hal/vfio/kernel_transport.h), over vfio-user (hal/vfio/user_transport.h) and by the model itself
// (hal/card/model_transport.h). One thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/base/result.h"

namespace sw::hal::pcie {

// A place in one of the BARs of a card.
struct BarPlace {
  std::uint8_t bar = 0;
  std::uint32_t offset = 0;
  BarPlace At(std::uint32_t further) const { return {bar, offset + further}; }
};

class RegisterBus {
 public:
  virtual ~RegisterBus() = default;
  // BAR 0. All ones when the card is gone or does not answer; both take a bounded time.
  virtual std::uint32_t Read32(std::uint32_t offset) = 0;
  virtual void Write32(std::uint32_t offset, std::uint32_t value) = 0;  // posted: failing shows at the next read
  // For cards whose registers are of several widths and in several BARs: `bytes` is 1, 2 or 4. A bus without them, and
  // a place that is not there, reads as all ones.
  virtual std::uint32_t ReadAt(BarPlace, std::size_t bytes) { return bytes < 4 ? (1U << 8 * bytes) - 1 : ~0U; }
  virtual void WriteAt(BarPlace, std::size_t bytes [[maybe_unused]], std::uint32_t value [[maybe_unused]]) {}
  virtual std::uint32_t ReadConfig(std::uint32_t offset [[maybe_unused]]) {
    return ~0U;
  }  // 32 bits of its configuration space
};

// Memory of this process that the card can reach at `address`. Zeroed; lives as long as the DmaMemory.
struct DmaBlock {
  std::uint8_t* bytes = nullptr;
  std::uint64_t address = 0;
  std::size_t size = 0;
};

class DmaMemory {
 public:
  virtual ~DmaMemory() = default;
  virtual Result<DmaBlock> Allocate(std::size_t bytes) = 0;  // page aligned; kDevice: the system refuses
};

// What the bus itself says of a card.
enum class BusEvent : std::uint8_t {
  kNone,
  kLeaves,  // somebody wants the card: it is unbound, or its slot loses power. It waits until the card is let go
  kError,   // an error that the bus could not correct (AER)
};

// A card behind one bus. Owned by whoever made it, and outlives the driver.
class Transport : public RegisterBus, public DmaMemory {
 public:
  // Takes up the connection again after the card was gone: a new process, a slot that was powered off. ok when there is
  // nothing to do; kUnsupported: what is there is not the card. Blocks that were allocated stay and are reachable
  // again.
  virtual Status Reconnect() = 0;
  // Lets go of the card, so that it can be taken away. Registers read as all ones until Reconnect.
  virtual void Release() {}
  virtual BusEvent Event() { return BusEvent::kNone; }  // since it was asked last; a bounded time
  // Readable when the vector fired; read its 8 bytes to make it quiet. -1: there is none, poll instead.
  virtual int EventFd(std::uint32_t vector) const = 0;
};

}  // namespace sw::hal::pcie
