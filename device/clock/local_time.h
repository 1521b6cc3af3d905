// Times as an operator types them, by the device's own clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sw::device {

// Seconds since 1970 as the device's own clock shows them: time zone and summer time added.
using LocalTime = std::int64_t;

// nullopt: not one.
std::optional<int> MinuteOf(std::string_view clock);                               // "HH:MM", up to 24:00
std::optional<LocalTime> MomentOf(std::string_view clock, std::string_view date);  // "HH:MM" of "MM/DD/YYYY"

}  // namespace sw::device
