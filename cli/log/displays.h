// The information centre as text. Own format: no capture of these displays is known.
#pragma once

#include <cstddef>
#include <string>

#include "device/log/info_center.h"

namespace sw::cli {

std::string InfoCenterText(const device::InfoCenter& info);
// What a filter of the display asks for; newest last.
struct BufferFilter {
  std::optional<device::Severity> worst_level;  // this severe or more
  std::size_t newest = static_cast<std::size_t>(-1);
};
std::string BufferText(const device::InfoCenter& info, device::InfoKind kind, const BufferFilter& filter);
std::string ChannelText(const device::InfoSettings& settings, int channel);

}  // namespace sw::cli
