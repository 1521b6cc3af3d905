// The information centre and the switches of debugging. Own format: no capture of these displays is known.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/display/field.h"
#include "device/log/info_center.h"

namespace sw::cli {

extern const DisplayOf<device::InfoCenter> kInfoCenterDisplay;

// What a filter of the display asks for; newest last.
struct BufferFilter {
  std::optional<device::Severity> worst_level;  // this severe or more
  std::size_t newest = static_cast<std::size_t>(-1);
};
struct BufferView {
  const device::InfoCenter& info;
  device::InfoKind kind;
  BufferFilter filter;
};
extern const DisplayOf<BufferView> kBufferDisplay;

struct ChannelsView {
  const device::InfoSettings& settings;
  std::vector<int> channels;
};
extern const DisplayOf<ChannelsView> kChannelsDisplay;

using DebuggingView = std::vector<std::string>;  // words of the switches that are on
extern const DisplayOf<DebuggingView> kDebuggingDisplay;

}  // namespace sw::cli
