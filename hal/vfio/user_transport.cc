#include "hal/vfio/user_transport.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "hal/pcie/register_map.h"

namespace sw::hal::vfio {
namespace {

constexpr std::string_view kCapabilities = R"({"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576}})";
constexpr std::uint64_t kAlign = 0x200000;
constexpr std::uint16_t kMemoryAndMaster = 6;

Status Failed(const char* what) {
  return {Code::kDevice, std::string(what) + ": " + ::strerror(errno)};
}

}  // namespace

UserTransport::~UserTransport() {
  for (const Block& b : blocks_) ::munmap(b.block.bytes, b.block.size);
}

// A question and its answer. What else arrives is not for us: a server asks for memory only that came without a
// descriptor, and ours comes with one.
Result<Message> UserTransport::Ask(Command command, ByteView body, std::span<const int> fds) {
  if (!socket_.open()) return Status(Code::kDevice, "the card's process is gone");
  const Header header{++next_id_, command, static_cast<std::uint32_t>(sizeof(Header) + body.size()), 0, 0};
  const auto until = std::chrono::steady_clock::now() + patience_;
  if (!socket_.Send(header, body, fds, patience_)) return Status(Code::kDevice, "the card's process is gone");
  for (;;) {
    const auto left = std::max<Duration>(until - std::chrono::steady_clock::now(), Duration(0));
    std::optional<Message> message = socket_.Receive(left);
    if (!message) {
      const bool gone = !socket_.open();
      socket_.Close();  // an answer that comes later would answer another question
      return Status(Code::kDevice, gone ? "the card's process is gone" : "the card's process does not answer");
    }
    if (!message->reply() || message->header.id != header.id || message->header.command != command) continue;
    if ((message->header.flags & kFlagError) != 0)
      return Status(Code::kDevice, std::string("vfio-user: ") + ::strerror(static_cast<int>(message->header.error)));
    return std::move(*message);
  }
}

Status UserTransport::Greet() {
  Bytes body;
  Append(body, Version{kMajor, kMinor});
  body.insert(body.end(), kCapabilities.begin(), kCapabilities.end());
  body.push_back(0);
  Result<Message> answer = Ask(Command::kVersion, body);
  if (!answer.ok()) return answer.status();
  const auto version = answer->As<Version>();
  if (!version || version->major != kMajor) return {Code::kUnsupported, "vfio-user: another major version"};
  return {};
}

Status UserTransport::CheckDevice() {
  Bytes body;
  Append(body, DeviceInfo{sizeof(DeviceInfo), 0, 0, 0});
  Result<Message> answer = Ask(Command::kDeviceInfo, body);
  if (!answer.ok()) return answer.status();
  const auto device = answer->As<DeviceInfo>();
  if (!device || (device->flags & kDevicePci) == 0 || device->regions <= kConfigRegion || device->irqs <= kMsixIrq)
    return {Code::kUnsupported, "vfio-user: not a PCI device"};
  body.clear();
  Append(body, RegionInfo{sizeof(RegionInfo), 0, kBar0Region, 0, 0, 0});
  answer = Ask(Command::kRegionInfo, body);
  if (!answer.ok()) return answer.status();
  const auto region = answer->As<RegionInfo>();
  if (!region || region->size < bar_bytes_) return {Code::kUnsupported, "vfio-user: BAR 0 is too small for this card"};
  body.clear();
  Append(body, RegionAccess{4, kConfigRegion, sizeof kMemoryAndMaster});
  Append(body, kMemoryAndMaster);
  answer = Ask(Command::kRegionWrite, body);
  return answer.ok() ? Status() : answer.status();
}

Status UserTransport::SetUpInterrupts() {
  Bytes body;
  Append(body, IrqInfo{sizeof(IrqInfo), 0, kMsixIrq, 0});
  Result<Message> answer = Ask(Command::kIrqInfo, body);
  if (!answer.ok()) return answer.status();
  const auto info = answer->As<IrqInfo>();
  if (!info || info->count == 0 || info->count > kMostFds)
    return {Code::kUnsupported, "vfio-user: no usable number of MSI-X vectors"};
  while (event_fds_.size() < info->count) {
    Descriptor fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd.valid()) return Failed("eventfd");
    event_fds_.push_back(std::move(fd));
  }
  std::vector<int> fds;
  for (std::uint32_t i = 0; i < info->count; ++i) fds.push_back(event_fds_[i].get());
  body.clear();
  Append(body, SetIrqs{sizeof(SetIrqs), kIrqFd | kIrqTrigger, kMsixIrq, 0, info->count});
  answer = Ask(Command::kSetIrqs, body, fds);
  return answer.ok() ? Status() : answer.status();
}

Status UserTransport::Share(const Block& b) {
  Bytes body;
  Append(body, DmaMap{sizeof(DmaMap), 3, 0, b.block.address, b.block.size});
  const int fd = b.memory.get();
  const Result<Message> answer = Ask(Command::kDmaMap, body, {&fd, 1});
  return answer.ok() ? Status() : answer.status();
}

Status UserTransport::Reconnect() {
  if (socket_.open()) return {};
  Result<Descriptor> socket = ConnectUnix(path_, patience_);
  if (!socket.ok()) return socket.status();
  socket_ = MessageSocket(std::move(*socket));
  Status status = Greet();
  if (status.ok()) status = CheckDevice();
  if (status.ok()) status = SetUpInterrupts();
  for (const Block& block : blocks_)
    if (status.ok()) status = Share(block);
  if (!status.ok()) socket_.Close();
  return status;
}

std::uint32_t UserTransport::ReadRegion(std::uint32_t region, std::uint32_t offset, std::size_t bytes) {
  Bytes body;
  Append(body, RegionAccess{offset, region, static_cast<std::uint32_t>(bytes)});
  std::uint32_t value = pcie::kAllOnes >> (32 - 8 * bytes);
  const Result<Message> answer = Ask(Command::kRegionRead, body);
  if (!answer.ok() || answer->body.size() != sizeof(RegionAccess) + bytes) return value;
  std::memcpy(&value, answer->body.data() + sizeof(RegionAccess), bytes);
  return value;
}

std::uint32_t UserTransport::Read32(std::uint32_t offset) {
  return ReadRegion(kBar0Region, offset, 4);
}

std::uint32_t UserTransport::ReadAt(pcie::BarPlace place, std::size_t bytes) {
  return ReadRegion(kBar0Region + place.bar, place.offset, bytes);
}

std::uint32_t UserTransport::ReadConfig(std::uint32_t offset) {
  return ReadRegion(kConfigRegion, offset, 4);
}

void UserTransport::Write32(std::uint32_t offset, std::uint32_t value) {
  WriteAt({0, offset}, 4, value);
}

void UserTransport::WriteAt(pcie::BarPlace place, std::size_t bytes, std::uint32_t value) {
  Bytes body;
  Append(body, RegionAccess{place.offset, kBar0Region + place.bar, static_cast<std::uint32_t>(bytes)});
  Append(body, value);
  body.resize(sizeof(RegionAccess) + bytes);
  const Header header{++next_id_, Command::kRegionWrite, static_cast<std::uint32_t>(sizeof(Header) + body.size()),
                      kFlagNoReply, 0};
  socket_.Send(header, body, {}, Duration(0));  // a card that does not read its socket counts as gone
}

Result<pcie::DmaBlock> UserTransport::Allocate(std::size_t bytes) {
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t size = (bytes + page - 1) / page * page;
  Block b;
  b.memory = Descriptor(::memfd_create("sw8800-card-dma", MFD_CLOEXEC));
  if (!b.memory.valid() || ::ftruncate(b.memory.get(), static_cast<off_t>(size)) != 0) return Failed("memfd");
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, b.memory.get(), 0);
  if (memory == MAP_FAILED) return Failed("mmap");
  b.block = {static_cast<std::uint8_t*>(memory), next_address_, size};
  next_address_ += (size + kAlign - 1) / kAlign * kAlign;
  blocks_.push_back(std::move(b));
  if (Status shared = Share(blocks_.back()); !shared.ok()) return shared;
  return blocks_.back().block;
}

int UserTransport::EventFd(std::uint32_t vector) const {
  return vector < event_fds_.size() ? event_fds_[vector].get() : -1;
}

}  // namespace sw::hal::vfio
