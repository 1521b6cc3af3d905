// The card over vfio-user: a UNIX socket to the process that is the card, memory shared by descriptor, interrupts by
// eventfd.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hal/pcie/bus.h"
#include "hal/pcie/register_map.h"
#include "hal/vfio/message.h"

namespace sw::hal::vfio {

// How long one answer is waited for. Our choice: well under the time in which a failed card must be replaced.
inline constexpr Duration kAnswerPatience = std::chrono::milliseconds(40);

class UserTransport final : public pcie::Transport {
 public:
  // `bar_bytes`: what BAR 0 has at least, of a card that is to be taken.
  explicit UserTransport(std::string socket_path, Duration patience = kAnswerPatience,
                         std::uint64_t bar_bytes = pcie::kBarBytes)
      : path_(std::move(socket_path)), patience_(patience), bar_bytes_(bar_bytes) {}
  ~UserTransport() override;

  std::uint32_t Read32(std::uint32_t offset) override;
  void Write32(std::uint32_t offset, std::uint32_t value) override;
  std::uint32_t ReadAt(pcie::BarPlace place, std::size_t bytes) override;
  void WriteAt(pcie::BarPlace place, std::size_t bytes, std::uint32_t value) override;
  std::uint32_t ReadConfig(std::uint32_t offset) override;
  Result<pcie::DmaBlock> Allocate(std::size_t bytes) override;
  // Connects when there is no connection: version, device, regions, interrupts, memory.
  Status Reconnect() override;
  int EventFd(std::uint32_t vector) const override;

 private:
  struct Block {
    pcie::DmaBlock block;
    Descriptor memory;
  };
  Result<Message> Ask(Command command, ByteView body, std::span<const int> fds = {});
  std::uint32_t ReadRegion(std::uint32_t region, std::uint32_t offset, std::size_t bytes);
  Status Greet();
  Status CheckDevice();
  Status SetUpInterrupts();
  Status Share(const Block& block);

  std::string path_;
  Duration patience_;
  std::uint64_t bar_bytes_;
  MessageSocket socket_{Descriptor()};
  std::uint16_t next_id_ = 0;
  std::vector<Block> blocks_;
  std::uint64_t next_address_ = 0x200000;
  std::vector<Descriptor> event_fds_;  // by vector; kept over connections, so that they can be watched once
};

}  // namespace sw::hal::vfio
