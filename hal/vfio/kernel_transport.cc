#include "hal/vfio/kernel_transport.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <utility>

#include "hal/pcie/register_map.h"
#include "hal/vfio/preconditions.h"

namespace sw::hal::vfio {
namespace {

constexpr std::size_t kHugePage = 0x200000;
// Of the command register: memory, bus master, and SERR, so that errors that cannot be corrected are reported.
constexpr std::uint32_t kCommand = 4, kWanted = 0x106, kRevision = 8, kSubsystem = 0x2c;
constexpr std::uint32_t kMostVectors = 32;

Status Failed(const std::string& what) {
  return {Code::kDevice, what + ": " + ::strerror(errno)};
}

// Interrupts of one index by `fds`, from the first vector on.
bool SetEventFds(int device, std::uint32_t index, std::span<const int> fds) {
  alignas(vfio_irq_set) char buffer[sizeof(vfio_irq_set) + kMostVectors * sizeof(int)] = {};
  auto* set = reinterpret_cast<vfio_irq_set*>(buffer);
  set->argsz = static_cast<std::uint32_t>(sizeof(vfio_irq_set) + fds.size_bytes());
  set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
  set->index = index;
  set->count = static_cast<std::uint32_t>(fds.size());
  std::memcpy(buffer + offsetof(vfio_irq_set, data), fds.data(), fds.size_bytes());
  return ::ioctl(device, VFIO_DEVICE_SET_IRQS, set) == 0;
}

bool Fired(const Descriptor& event) {
  std::uint64_t count = 0;
  return event.valid() && ::read(event.get(), &count, sizeof count) == sizeof count;
}

}  // namespace

KernelTransport::~KernelTransport() {
  UnmapBars();
  for (const Block& b : blocks_) {
    if (b.mapped) (void)Unmap(b.block);
    ::munmap(b.block.bytes, b.block.size);
  }
}

Status KernelTransport::OpenGroup() {
  std::error_code error;
  const auto link = std::filesystem::read_symlink("/sys/bus/pci/devices/" + address_ + "/iommu_group", error);
  if (error) return {Code::kNotFound, address_ + ": no such PCI device, or it has no IOMMU group"};
  const std::string path = "/dev/vfio/" + link.filename().string();
  container_ = Descriptor(::open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC));
  if (!container_.valid()) return Failed("/dev/vfio/vfio");
  if (::ioctl(container_.get(), VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
      ::ioctl(container_.get(), VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) != 1) {
    return {Code::kDevice, "/dev/vfio/vfio: another API, or no type 1 IOMMU"};
  }
  group_ = Descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!group_.valid()) return Failed(path);
  vfio_group_status status{.argsz = sizeof status, .flags = 0};
  if (::ioctl(group_.get(), VFIO_GROUP_GET_STATUS, &status) != 0) return Failed(path);
  if ((status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0)
    return {Code::kInUse, path + ": other devices of the group are not bound to vfio-pci"};
  const int container = container_.get();
  if (::ioctl(group_.get(), VFIO_GROUP_SET_CONTAINER, &container) != 0) return Failed(path);
  if (::ioctl(container_.get(), VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0) {
    return Failed(errno == EPERM ? "VFIO_SET_IOMMU (no interrupt remapping: vfio_iommu_type1 allow_unsafe_interrupts=1)"
                                 : "VFIO_SET_IOMMU");
  }
  return {};
}

Status KernelTransport::MapBars() {
  bool any = false;
  for (std::uint32_t index = 0; index < bars_.size(); ++index) {
    vfio_region_info bar{};
    bar.argsz = sizeof bar;
    bar.index = VFIO_PCI_BAR0_REGION_INDEX + index;
    if (::ioctl(device_.get(), VFIO_DEVICE_GET_REGION_INFO, &bar) != 0) return Failed(fmt::format("BAR {}", index));
    if ((bar.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) continue;
    void* memory =
        ::mmap(nullptr, bar.size, PROT_READ | PROT_WRITE, MAP_SHARED, device_.get(), static_cast<off_t>(bar.offset));
    if (memory == MAP_FAILED) continue;  // the pages of its interrupt table, on older kernels
    bars_[index] = {static_cast<volatile std::uint8_t*>(memory), bar.size};
    any = true;
  }
  return any ? Status() : Status(Code::kUnsupported, "no BAR can be mapped");
}

void KernelTransport::UnmapBars() {
  for (Bar& bar : bars_) {
    if (bar.bytes != nullptr) ::munmap(const_cast<std::uint8_t*>(bar.bytes), bar.size);
    bar = {};
  }
}

Status KernelTransport::Open() {
  if (device_.valid()) return {};
  SW_TRY(OpenGroup());
  device_ = Descriptor(::ioctl(group_.get(), VFIO_GROUP_GET_DEVICE_FD, address_.c_str()));
  if (!device_.valid()) return Failed(address_);
  vfio_region_info config{};
  config.argsz = sizeof config;
  config.index = VFIO_PCI_CONFIG_REGION_INDEX;
  if (::ioctl(device_.get(), VFIO_DEVICE_GET_REGION_INFO, &config) != 0) return Failed("configuration space");
  config_offset_ = config.offset;
  const Result<std::uint32_t> command = ReadConfig(kCommand, 2);
  if (!command.ok()) return command.status();
  SW_TRY(WriteConfig(kCommand, *command | kWanted, 2));  // the bus master is off when a device is opened
  const Result<const pcie::KnownCard*> card = Recognize();
  if (!card.ok() || !(*card)->no_function_reset)
    (void)::ioctl(device_.get(), VFIO_DEVICE_RESET);  // not every device can; the driver resets its card itself
  SW_TRY(WriteConfig(kCommand, *command | kWanted, 2));
  return MapBars();
}

Result<const pcie::KnownCard*> KernelTransport::Recognize() {
  const Result<std::uint32_t> id = ReadConfig(0, 4), revision = ReadConfig(kRevision, 1),
                              subsystem = ReadConfig(kSubsystem, 4);
  for (const auto* read : {&id, &revision, &subsystem})
    if (!read->ok()) return read->status();
  pcie::PciDevice device;
  device.vendor = static_cast<std::uint16_t>(*id);
  device.device = static_cast<std::uint16_t>(*id >> 16);
  device.subsystem_vendor = static_cast<std::uint16_t>(*subsystem);
  device.subsystem_device = static_cast<std::uint16_t>(*subsystem >> 16);
  device.revision = static_cast<std::uint8_t>(*revision);
  if (const pcie::KnownCard* card = cards_.Find(device)) return card;
  return Status(Code::kUnsupported, fmt::format("{} is {}, which is not a known card", address_, device.id()));
}

Status KernelTransport::Fits() {
  const Result<const pcie::KnownCard*> card = Recognize();
  if (!card.ok()) return card.status();
  if (bar_bytes() < (*card)->bar_bytes) return {Code::kUnsupported, address_ + ": BAR 0 is too small"};
  return {};
}

Status KernelTransport::Reconnect() {
  if (device_.valid()) return {};
  Status status = Open();
  if (!status.ok()) {  // the kernel's error says less than what is missing
    const auto missing = MissingFor(address_, pcie::PciTree(), cards_, Rights::OfThisProcess());
    if (!missing.empty()) status = {status.code(), Text(missing.front())};
  }
  if (status.ok()) status = Fits();
  if (status.ok()) status = UseInterrupts(VFIO_PCI_MSIX_IRQ_INDEX, 0);
  if (status.ok()) ListenToBus();
  for (Block& block : blocks_)
    if (status.ok() && !block.mapped) {
      status = Map(block.block);
      block.mapped = status.ok();
    }
  if (!status.ok()) Release();
  return status;
}

void KernelTransport::Release() {
  UnmapBars();
  device_ = Descriptor();
  group_ = Descriptor();
  container_ = Descriptor();  // the kernel forgets what was shared in it
  for (Block& block : blocks_) block.mapped = false;
}

// Not every device and kernel has both; without them a card that leaves is noticed by its registers.
void KernelTransport::ListenToBus() {
  const std::pair<Descriptor*, std::uint32_t> events[] = {{&leaves_, VFIO_PCI_REQ_IRQ_INDEX},
                                                          {&error_, VFIO_PCI_ERR_IRQ_INDEX}};
  for (const auto& [event, index] : events) {
    *event = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const int fd = event->get();
    if (event->valid()) (void)SetEventFds(device_.get(), index, {&fd, 1});
  }
}

pcie::BusEvent KernelTransport::Event() {
  if (!device_.valid()) return pcie::BusEvent::kNone;
  if (Fired(leaves_)) return pcie::BusEvent::kLeaves;
  return Fired(error_) ? pcie::BusEvent::kError : pcie::BusEvent::kNone;
}

// All vectors the device has when `vectors` is 0.
Status KernelTransport::UseInterrupts(std::uint32_t index, std::uint32_t vectors) {
  vfio_irq_info info{};
  info.argsz = sizeof info;
  info.index = index;
  if (::ioctl(device_.get(), VFIO_DEVICE_GET_IRQ_INFO, &info) != 0 || info.count == 0)
    return {Code::kUnsupported, "the device has no such interrupts"};
  const std::uint32_t count = std::min(vectors == 0 ? info.count : std::min(vectors, info.count), kMostVectors);
  while (event_fds_.size() < count) {
    Descriptor fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd.valid()) return Failed("eventfd");
    event_fds_.push_back(std::move(fd));
  }
  std::vector<int> fds;
  for (std::uint32_t i = 0; i < count; ++i) fds.push_back(event_fds_[i].get());
  if (!SetEventFds(device_.get(), index, fds)) return Failed("interrupts");
  return {};
}

Result<std::uint32_t> KernelTransport::ReadConfig(std::uint32_t offset, std::size_t bytes) {
  std::uint32_t value = 0;
  if (::pread(device_.get(), &value, bytes, static_cast<off_t>(config_offset_ + offset)) != static_cast<ssize_t>(bytes))
    return Failed("configuration space");
  return value;
}

Status KernelTransport::WriteConfig(std::uint32_t offset, std::uint32_t value, std::size_t bytes) {
  if (::pwrite(device_.get(), &value, bytes, static_cast<off_t>(config_offset_ + offset)) !=
      static_cast<ssize_t>(bytes))
    return Failed("configuration space");
  return {};
}

volatile std::uint8_t* KernelTransport::At(pcie::BarPlace place, std::size_t bytes) const {
  if (place.bar >= bars_.size()) return nullptr;
  const Bar& bar = bars_[place.bar];
  return place.offset + bytes <= bar.size ? bar.bytes + place.offset : nullptr;
}

std::uint32_t KernelTransport::Read32(std::uint32_t offset) {
  const volatile std::uint8_t* at = At({0, offset}, 4);
  return at == nullptr ? pcie::kAllOnes : *reinterpret_cast<const volatile std::uint32_t*>(at);
}

void KernelTransport::Write32(std::uint32_t offset, std::uint32_t value) {
  if (volatile std::uint8_t* at = At({0, offset}, 4)) *reinterpret_cast<volatile std::uint32_t*>(at) = value;
}

// A register is one access of its width.
std::uint32_t KernelTransport::ReadAt(pcie::BarPlace place, std::size_t bytes) {
  const volatile std::uint8_t* at = At(place, bytes);
  if (at == nullptr) return pcie::kAllOnes >> (32 - 8 * bytes);
  if (bytes == 1) return *at;
  if (bytes == 2) return *reinterpret_cast<const volatile std::uint16_t*>(at);
  return *reinterpret_cast<const volatile std::uint32_t*>(at);
}

void KernelTransport::WriteAt(pcie::BarPlace place, std::size_t bytes, std::uint32_t value) {
  volatile std::uint8_t* at = At(place, bytes);
  if (at == nullptr) return;
  if (bytes == 1) {
    *at = static_cast<std::uint8_t>(value);
  } else if (bytes == 2) {
    *reinterpret_cast<volatile std::uint16_t*>(at) = static_cast<std::uint16_t>(value);
  } else {
    *reinterpret_cast<volatile std::uint32_t*>(at) = value;
  }
}

std::uint32_t KernelTransport::ReadConfig(std::uint32_t offset) {
  const Result<std::uint32_t> value = ReadConfig(offset, 4);
  return value.ok() ? *value : pcie::kAllOnes;
}

Result<pcie::DmaBlock> KernelTransport::Allocate(std::size_t bytes) {
  const std::size_t size = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, kAnonymous | MAP_HUGETLB | MAP_POPULATE, -1, 0);
  std::size_t used = size;
  if (memory == MAP_FAILED) {
    used = (bytes + 4095) / 4096 * 4096;
    memory = ::mmap(nullptr, used, PROT_READ | PROT_WRITE, kAnonymous, -1, 0);
  }
  if (memory == MAP_FAILED) return Failed("mmap");
  pcie::DmaBlock block{static_cast<std::uint8_t*>(memory), next_address_, used};
  if (Status mapped = Map(block); !mapped.ok()) {
    ::munmap(memory, used);
    return mapped;
  }
  next_address_ += size;
  blocks_.push_back({block, true});
  return block;
}

Status KernelTransport::Map(const pcie::DmaBlock& block) {
  vfio_iommu_type1_dma_map map{};
  map.argsz = sizeof map;
  map.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
  map.vaddr = reinterpret_cast<std::uintptr_t>(block.bytes);
  map.iova = block.address;
  map.size = block.size;
  return ::ioctl(container_.get(), VFIO_IOMMU_MAP_DMA, &map) == 0 ? Status() : Failed("VFIO_IOMMU_MAP_DMA");
}

Status KernelTransport::Unmap(const pcie::DmaBlock& block) {
  vfio_iommu_type1_dma_unmap unmap{};
  unmap.argsz = sizeof unmap;
  unmap.iova = block.address;
  unmap.size = block.size;
  if (::ioctl(container_.get(), VFIO_IOMMU_UNMAP_DMA, &unmap) != 0) return Failed("VFIO_IOMMU_UNMAP_DMA");
  for (Block& b : blocks_)
    if (b.block.address == block.address) b.mapped = false;
  return {};
}

int KernelTransport::EventFd(std::uint32_t vector) const {
  return vector < event_fds_.size() ? event_fds_[vector].get() : -1;
}

}  // namespace sw::hal::vfio
