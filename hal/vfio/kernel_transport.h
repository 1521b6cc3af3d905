// The card through the kernel: /dev/vfio, container and group API. Needs the device bound to vfio-pci and its IOMMU
// group viable; the group's owner or root opens it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "hal/pcie/bus.h"
#include "hal/pcie/known_cards.h"
#include "hal/ports/descriptor.h"

namespace sw::hal::vfio {

class KernelTransport final : public pcie::Transport {
 public:
  // A PCI address as sysfs writes it: 0000:01:00.0. Nothing is opened before Reconnect.
  // What is there has to be one of `cards`.
  explicit KernelTransport(std::string address, pcie::KnownCards cards = {})
      : address_(std::move(address)), cards_(std::move(cards)) {}
  ~KernelTransport() override;

  std::uint32_t Read32(std::uint32_t offset) override;
  void Write32(std::uint32_t offset, std::uint32_t value) override;
  std::uint32_t ReadAt(pcie::BarPlace place, std::size_t bytes) override;
  void WriteAt(pcie::BarPlace place, std::size_t bytes, std::uint32_t value) override;
  std::uint32_t ReadConfig(std::uint32_t offset) override;
  Result<pcie::DmaBlock> Allocate(std::size_t bytes) override;  // huge pages where the system has them
  // Opens the device; when it is open, nothing: the kernel keeps a device that is there until Release. Memory that was
  // shared is shared anew, at the same addresses.
  Status Reconnect() override;
  void Release() override;
  // The kernel's request and error interrupts: source Documentation/driver-api/vfio.rst and linux/vfio.h.
  pcie::BusEvent Event() override;
  int EventFd(std::uint32_t vector) const override;

  // For a look at any device: configuration space, its own interrupts, its BAR 0.
  Status Open();
  Result<std::uint32_t> ReadConfig(std::uint32_t offset, std::size_t bytes);
  Status WriteConfig(std::uint32_t offset, std::uint32_t value, std::size_t bytes);
  Status UseInterrupts(std::uint32_t index, std::uint32_t vectors);  // VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX
  std::size_t bar_bytes() const { return bars_[0].size; }
  Status Unmap(const pcie::DmaBlock& block);

 private:
  Status OpenGroup();
  Status MapBars();
  void UnmapBars();
  volatile std::uint8_t* At(pcie::BarPlace place, std::size_t bytes) const;  // null: not there
  Status Map(const pcie::DmaBlock& block);
  void ListenToBus();
  Status Fits();
  Result<const pcie::KnownCard*> Recognize();  // kUnsupported: not a known card

  std::string address_;
  pcie::KnownCards cards_;
  Descriptor container_, group_, device_;
  std::uint64_t config_offset_ = 0;
  struct Bar {
    volatile std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
  };
  std::array<Bar, 6> bars_{};  // those that can be mapped
  struct Block {
    pcie::DmaBlock block;
    bool mapped = false;  // for the device
  };
  std::vector<Block> blocks_;
  std::uint64_t next_address_ = 0x200000;  // below the MSI window, and within 28 bits for small devices
  std::vector<Descriptor> event_fds_;
  Descriptor leaves_, error_;  // eventfds
};

}  // namespace sw::hal::vfio
