#include "hal/card/pci_function.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace sw::hal::card {
namespace {

using vfio::kBar0Region;
using vfio::kBar2Region;
using vfio::kConfigRegion;
using vfio::kMsixIrq;
using vfio::kRequestIrq;

// Offsets in configuration space (PCI Local Bus 3.0 section 6.1, MSI-X in 6.8.2).
constexpr std::size_t kCommand = 0x04, kStatus = 0x06, kRevisionId = 0x08, kBar0 = 0x10, kBar2 = 0x18,
                      kSubsystem = 0x2c, kCapabilityPointer = 0x34, kMsix = 0x40;
constexpr std::uint16_t kMemoryAndMaster = 0x0006, kInterruptOff = 0x0400, kHasCapabilities = 0x0010;
constexpr std::uint32_t kPendingBits = 0x800;  // in BAR 2, behind the table

void Signal(const Descriptor& event) {
  if (!event.valid()) return;
  const std::uint64_t one = 1;
  // A descriptor of the client's that does not take it is the client's loss.
  [[maybe_unused]] const ssize_t n = ::write(event.get(), &one, sizeof one);
}

template <typename Array, typename T>
void Set(Array& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

PciFunction::PciFunction(std::uint32_t vectors) : event_fds_(vectors) {
  BuildConfig();
}

void PciFunction::BuildConfig() {
  config_ = {};
  writable_ = {};
  Set(config_, 0, pcie::kVendorId);
  Set(config_, 2, pcie::kDeviceId);
  Set(config_, kStatus, kHasCapabilities);
  Set(config_, kRevisionId, std::uint32_t{pcie::kClassCode << 8 | pcie::kAbiMajor});
  Set(config_, kSubsystem, std::uint32_t{pcie::kDeviceId} << 16 | pcie::kVendorId);
  config_[kCapabilityPointer] = kMsix;
  config_[kMsix] = 0x11;  // MSI-X, the last capability
  Set(config_, kMsix + 2, static_cast<std::uint16_t>(event_fds_.size() - 1));
  Set(config_, kMsix + 4, std::uint32_t{2});                 // table: BAR 2, offset 0
  Set(config_, kMsix + 8, std::uint32_t{kPendingBits | 2});  // pending bits: BAR 2
  Set(writable_, kCommand, static_cast<std::uint16_t>(kMemoryAndMaster | kInterruptOff));
  Set(writable_, kBar0, ~std::uint32_t{pcie::kBarBytes - 1});  // only the address bits: that is how sizes are read
  Set(writable_, kBar2, ~std::uint32_t{kTableBytes - 1});
  Set(writable_, kMsix + 2, std::uint16_t{0xc000});
  config_[0x3c] = 0xff;
  writable_[0x3c] = 0xff;  // interrupt line: software's note
}

std::uint64_t PciFunction::RegionSize(std::uint32_t region) const {
  switch (region) {
    case kBar0Region:
      return pcie::kBarBytes;
    case kBar2Region:
      return kTableBytes;
    case kConfigRegion:
      return kConfigBytes;
    default:
      return 0;
  }
}

void PciFunction::ReadRegion(std::uint32_t region, std::uint64_t offset, ByteSpan out) {
  if (card_->gone()) return std::fill(out.begin(), out.end(), std::uint8_t{0xff}), void();
  const auto at = static_cast<std::size_t>(offset);
  if (region == kConfigRegion) return std::copy_n(config_.data() + at, out.size(), out.data()), void();
  if (region == kBar2Region) return std::copy_n(table_.data() + at, out.size(), out.data()), void();
  for (std::size_t i = 0; i < out.size();) {
    const auto position = static_cast<std::uint32_t>(at + i);
    const std::uint32_t word = card_->Read(position & ~3U);
    std::uint8_t bytes[4];
    std::memcpy(bytes, &word, sizeof bytes);
    for (std::size_t b = position & 3U; b < 4 && i < out.size(); ++b) out[i++] = bytes[b];
  }
}

void PciFunction::WriteRegion(std::uint32_t region, std::uint64_t offset, ByteView bytes) {
  const auto at = static_cast<std::size_t>(offset);
  if (region == kConfigRegion) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::uint8_t& byte = config_[at + i];
      const std::uint8_t mask = writable_[at + i];
      byte = static_cast<std::uint8_t>((byte & ~mask) | (bytes[i] & mask));
    }
  } else if (region == kBar2Region) {
    std::copy(bytes.begin(), bytes.end(), table_.begin() + static_cast<std::ptrdiff_t>(at));
  } else if (at % 4 == 0 && bytes.size() % 4 == 0) {  // registers are written whole
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
      std::uint32_t word = 0;
      std::memcpy(&word, bytes.data() + i, sizeof word);
      card_->Write(static_cast<std::uint32_t>(at + i), word);
    }
  }
}

std::uint32_t PciFunction::IrqCount(std::uint32_t index) const {
  return index == kMsixIrq ? static_cast<std::uint32_t>(event_fds_.size()) : index == kRequestIrq ? 1 : 0;
}

void PciFunction::SetEventFd(std::uint32_t index, std::uint32_t vector, Descriptor fd) {
  (index == kRequestIrq ? request_ : event_fds_[vector]) = std::move(fd);
}

void PciFunction::FireIrq(std::uint32_t index, std::uint32_t vector) {
  if (index == kRequestIrq) return Signal(request_);
  Fire(vector);
}

void PciFunction::Fire(std::uint32_t vector) {
  if (vector < event_fds_.size()) Signal(event_fds_[vector]);
}

void PciFunction::AskToLeave() {
  Signal(request_);
}

void PciFunction::Reset() {
  BuildConfig();
  table_ = {};
  if (!card_->gone()) card_->PowerOn();
}

void PciFunction::Detach() {
  for (Descriptor& fd : event_fds_) fd = Descriptor();
  request_ = Descriptor();
  BuildConfig();
  table_ = {};
  card_->PowerOn();
}

}  // namespace sw::hal::card
