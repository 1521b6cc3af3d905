// The card as a PCI function: configuration space, BAR 0 with its registers, BAR 2 with the MSI-X table, and one
// eventfd per vector. sw8800-card(7) lists the bytes.
#pragma once

#include <array>
#include <vector>

#include "hal/card/card.h"
#include "hal/vfio/function_server.h"

namespace sw::hal::card {

class PciFunction final : public vfio::ServedFunction, public Interrupts {
 public:
  explicit PciFunction(std::uint32_t vectors);
  void Attach(Card& card) { card_ = &card; }  // before anything else; outlives this

  std::uint64_t RegionSize(std::uint32_t region) const override;
  void ReadRegion(std::uint32_t region, std::uint64_t offset, ByteSpan out) override;
  void WriteRegion(std::uint32_t region, std::uint64_t offset, ByteView bytes) override;
  std::uint32_t IrqCount(std::uint32_t index) const override;
  void SetEventFd(std::uint32_t index, std::uint32_t vector, Descriptor fd) override;
  void FireIrq(std::uint32_t index, std::uint32_t vector) override;
  void Reset() override;

  Time Work(Time now) override { return card_->Work(now); }
  void Detach() override;  // no descriptors of the client's are kept, as after a reset
  bool gone() const override { return card_->gone(); }
  void Fire(std::uint32_t vector) override;  // the card's

 private:
  static constexpr std::size_t kConfigBytes = 256, kTableBytes = 4096;
  void BuildConfig();

  Card* card_ = nullptr;
  std::array<std::uint8_t, kConfigBytes> config_{}, writable_{};
  std::array<std::uint8_t, kTableBytes> table_{};
  std::vector<Descriptor> event_fds_;
};

}  // namespace sw::hal::card
