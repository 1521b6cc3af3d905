// Words with a form of their own: times, dates, MAC addresses, hexadecimal numbers. Each function returns the canonical
// spelling of what was typed, or nothing when it is not one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sw::cli {

std::optional<std::string> AcceptTime(std::string_view word);          // H:M[:S] -> HH:MM:SS
std::optional<std::string> AcceptHourMinute(std::string_view word);    // H:M -> HH:MM, up to 24:00
std::optional<std::string> AcceptHoursMinutes(std::string_view word);  // HHH:MM, up to 720:00
std::optional<int> MinutesOf(std::string_view hours_minutes);          // of what AcceptHoursMinutes returned
// YYYY/MM/DD or MM/DD/YYYY, years 2000 to 2035 (H3C d_201803); the year comes first or last in what is returned.
std::optional<std::string> AcceptDate(std::string_view word, bool year_last);
std::optional<std::string> AcceptMac(std::string_view word);  // H-H-H -> hhhh-hhhh-hhhh
std::optional<std::string> AcceptHex(std::string_view word);  // one to four digits, 0x before them or not -> hhhh

}  // namespace sw::cli
