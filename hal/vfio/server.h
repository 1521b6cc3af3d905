// The server's side of one vfio-user connection: messages in, answers out, a device behind it.
//
// No socket of its own, so that tests and the fuzzer drive it with messages. Whatever a client sends gets an answer
// with an errno or none at all (it asked for none); nothing it sends ends the process.
#pragma once

#include <functional>
#include <vector>

#include "hal/vfio/dma_table.h"
#include "hal/vfio/message.h"

namespace sw::hal::vfio {

// The device as VFIO sees it.
class Function {
 public:
  virtual ~Function() = default;
  virtual std::uint64_t RegionSize(std::uint32_t region) const = 0;  // 0: not there
  // Inside the region: the server has checked.
  virtual void ReadRegion(std::uint32_t region, std::uint64_t offset, ByteSpan out) = 0;
  virtual void WriteRegion(std::uint32_t region, std::uint64_t offset, ByteView bytes) = 0;
  virtual std::uint32_t IrqCount(std::uint32_t index) const = 0;
  virtual void SetEventFd(std::uint32_t index, std::uint32_t vector, Descriptor fd) = 0;  // invalid: none any more
  virtual void FireIrq(std::uint32_t index, std::uint32_t vector) = 0;
  virtual void Reset() = 0;
};

class ServerSession {
 public:
  using Send = std::function<void(const Header&, ByteView body)>;
  // All outlive the session. `remote` reaches memory that was lent without a descriptor.
  ServerSession(Function& function, DmaTable& memory, Send send)
      : function_(function), memory_(memory), send_(std::move(send)) {}

  void OnMessage(Message message);
  bool over() const { return over_; }                         // the version was refused: close the connection
  std::uint32_t client_data() const { return client_data_; }  // most bytes of a DMA_READ or DMA_WRITE to the client

 private:
  struct Answer {
    int error = 0;
    Bytes body = {};
  };
  Answer Handle(Message& message);
  Answer OnVersion(const Message& message);
  Answer OnDmaMap(Message& message);
  Answer OnDmaUnmap(const Message& message);
  Answer OnDeviceInfo(const Message& message);
  Answer OnRegionInfo(const Message& message);
  Answer OnIrqInfo(const Message& message);
  Answer OnSetIrqs(Message& message);
  Answer OnRegionRead(const Message& message);
  Answer OnRegionWrite(const Message& message);

  Function& function_;
  DmaTable& memory_;
  Send send_;
  bool versioned_ = false, over_ = false;
  std::uint32_t client_data_ = kMostData;
};

}  // namespace sw::hal::vfio
