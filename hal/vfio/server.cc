#include "hal/vfio/server.h"

#include <errno.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sw::hal::vfio {
namespace {

// How many descriptors a command may carry.
std::size_t FdsAllowed(Command command) {
  switch (command) {
    case Command::kDmaMap:
      return 1;
    case Command::kSetIrqs:
      return kMostFds;
    default:
      return 0;
  }
}

constexpr std::string_view kCapabilities =
    R"({"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576,"max_dma_maps":65535,"pgsizes":4096}})";

}  // namespace

void ServerSession::OnMessage(Message message) {
  if (message.reply()) return;  // to nothing that was asked here
  const bool quiet = (message.header.flags & kFlagNoReply) != 0;
  Answer answer = message.fds_cut || message.fds.size() > FdsAllowed(message.header.command) ||
                          (message.header.flags & kFlagTypeMask) != 0
                      ? Answer{EINVAL}
                      : Handle(message);
  if (quiet) return;
  if (answer.error != 0) answer.body.clear();
  Header header = message.header;
  header.flags = kFlagReply | (answer.error == 0 ? 0 : kFlagError);
  header.error = static_cast<std::uint32_t>(answer.error);
  header.size = static_cast<std::uint32_t>(sizeof header + answer.body.size());
  send_(header, answer.body);
}

ServerSession::Answer ServerSession::Handle(Message& message) {
  if (message.header.command == Command::kVersion) return OnVersion(message);
  if (!versioned_) return {EINVAL};
  switch (message.header.command) {
    case Command::kDmaMap:
      return OnDmaMap(message);
    case Command::kDmaUnmap:
      return OnDmaUnmap(message);
    case Command::kDeviceInfo:
      return OnDeviceInfo(message);
    case Command::kRegionInfo:
      return OnRegionInfo(message);
    case Command::kIrqInfo:
      return OnIrqInfo(message);
    case Command::kSetIrqs:
      return OnSetIrqs(message);
    case Command::kRegionRead:
      return OnRegionRead(message);
    case Command::kRegionWrite:
      return OnRegionWrite(message);
    case Command::kReset:
      function_.Reset();
      return {};
    default:
      return {EINVAL};
  }
}

ServerSession::Answer ServerSession::OnVersion(const Message& message) {
  const auto version = message.As<Version>();
  if (versioned_ || !version || version->major != kMajor || message.body.size() > kMostVersion) {
    over_ = !versioned_;
    return {EINVAL};
  }
  ByteView text = ByteView(message.body).subspan(sizeof(Version));
  while (!text.empty() && text.back() == 0) text = text.first(text.size() - 1);
  if (!text.empty()) {
    const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    if (json.is_discarded() || !json.is_object()) {
      over_ = true;
      return {EINVAL};
    }
    if (const auto all = json.find("capabilities"); all != json.end() && all->is_object()) {
      const auto most = all->find("max_data_xfer_size");
      if (most != all->end() && most->is_number_unsigned())
        client_data_ = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(most->get<std::uint64_t>(), 1, kMostData));
    }
  }
  versioned_ = true;
  Answer answer;
  Append(answer.body, Version{kMajor, std::min(version->minor, kMinor)});
  answer.body.insert(answer.body.end(), kCapabilities.begin(), kCapabilities.end());
  answer.body.push_back(0);
  return answer;
}

ServerSession::Answer ServerSession::OnDmaMap(Message& message) {
  const auto map = message.As<DmaMap>();
  if (!map || map->argsz < sizeof *map) return {EINVAL};
  const Descriptor* fd = message.fds.empty() ? nullptr : &message.fds[0];
  return {memory_.Map(map->address, map->size, map->flags, fd, map->offset)};
}

ServerSession::Answer ServerSession::OnDmaUnmap(const Message& message) {
  const auto unmap = message.As<DmaUnmap>();
  if (!unmap || unmap->argsz < sizeof *unmap || (unmap->flags & ~kUnmapAll) != 0) return {EINVAL};
  Answer answer;
  if ((unmap->flags & kUnmapAll) != 0) {
    if (unmap->address != 0 || unmap->size != 0) return {EINVAL};
    memory_.Clear();
  } else {
    answer.error = memory_.Unmap(unmap->address, unmap->size);
  }
  Append(answer.body, *unmap);
  return answer;
}

ServerSession::Answer ServerSession::OnDeviceInfo(const Message& message) {
  const auto info = message.As<DeviceInfo>();
  if (!info || info->argsz < sizeof *info) return {EINVAL};
  Answer answer;
  Append(answer.body, DeviceInfo{sizeof(DeviceInfo), kDeviceReset | kDevicePci, kRegions, kIrqs});
  return answer;
}

ServerSession::Answer ServerSession::OnRegionInfo(const Message& message) {
  const auto info = message.As<RegionInfo>();
  if (!info || info->argsz < sizeof *info || info->index >= kRegions) return {EINVAL};
  const std::uint64_t size = function_.RegionSize(info->index);
  Answer answer;
  Append(answer.body, RegionInfo{sizeof(RegionInfo), size == 0 ? 0 : kRegionReadable | kRegionWritable, info->index, 0,
                                 size, std::uint64_t{info->index} << 40});
  return answer;
}

ServerSession::Answer ServerSession::OnIrqInfo(const Message& message) {
  const auto info = message.As<IrqInfo>();
  if (!info || info->argsz < sizeof *info || info->index >= kIrqs) return {EINVAL};
  const std::uint32_t count = function_.IrqCount(info->index);
  Answer answer;
  Append(answer.body, IrqInfo{sizeof(IrqInfo), count == 0 ? 0 : kIrqEventFd, info->index, count});
  return answer;
}

ServerSession::Answer ServerSession::OnSetIrqs(Message& message) {
  const auto set = message.As<SetIrqs>();
  if (!set || set->argsz < sizeof *set || set->index >= kIrqs) return {EINVAL};
  const std::uint32_t have = function_.IrqCount(set->index);
  const std::uint32_t data = set->flags & (kIrqNone | kIrqBool | kIrqFd);
  const std::uint32_t action = set->flags & (kIrqMask | kIrqUnmask | kIrqTrigger);
  if (std::popcount(data) != 1 || std::popcount(action) != 1 || (set->flags & ~(data | action)) != 0) return {EINVAL};
  if (set->start > have || set->count > have - set->start) return {EINVAL};
  const bool with_fds = data == kIrqFd;
  if (with_fds ? !message.fds.empty() && message.fds.size() != set->count : !message.fds.empty()) return {EINVAL};
  if (action != kIrqTrigger) return {have == 0 ? EINVAL : 0};  // MSI-X is masked in its table, not here
  if (data == kIrqBool && message.body.size() < sizeof *set + set->count) return {EINVAL};
  if (data == kIrqNone && set->count == 0) {
    for (std::uint32_t i = 0; i < have; ++i) function_.SetEventFd(set->index, i, {});
    return {};
  }
  for (std::uint32_t i = 0; i < set->count; ++i) {
    if (with_fds) {
      function_.SetEventFd(set->index, set->start + i, message.fds.empty() ? Descriptor() : std::move(message.fds[i]));
    } else if (data == kIrqNone || message.body[sizeof *set + i] != 0) {
      function_.FireIrq(set->index, set->start + i);
    }
  }
  return {};
}

ServerSession::Answer ServerSession::OnRegionRead(const Message& message) {
  const auto access = message.As<RegionAccess>();
  if (!access || access->region >= kRegions || access->count > kMostData) return {EINVAL};
  const std::uint64_t size = function_.RegionSize(access->region);
  if (access->offset > size || access->count > size - access->offset) return {EINVAL};
  Answer answer;
  Append(answer.body, *access);
  answer.body.resize(sizeof *access + access->count);
  function_.ReadRegion(access->region, access->offset, ByteSpan(answer.body).subspan(sizeof *access));
  return answer;
}

ServerSession::Answer ServerSession::OnRegionWrite(const Message& message) {
  const auto access = message.As<RegionAccess>();
  if (!access || access->region >= kRegions) return {EINVAL};
  const std::uint64_t size = function_.RegionSize(access->region);
  if (access->offset > size || access->count > size - access->offset) return {EINVAL};
  if (message.body.size() != sizeof *access + access->count) return {EINVAL};
  function_.WriteRegion(access->region, access->offset, ByteView(message.body).subspan(sizeof *access));
  Answer answer;
  Append(answer.body, *access);
  return answer;
}

}  // namespace sw::hal::vfio
