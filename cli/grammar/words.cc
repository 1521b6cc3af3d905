#include "cli/grammar/words.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <vector>

namespace sw::cli {
namespace {

constexpr int kFirstYear = 2000, kLastYear = 2035;
constexpr int kMostHours = 720;

// The unsigned numbers between the separators; empty when something else stands there.
std::vector<unsigned> Numbers(std::string_view word, char separator, int base, std::size_t longest) {
  std::vector<unsigned> out;
  for (;;) {
    const std::size_t end = std::min(word.find(separator), word.size());
    const std::string_view digits = word.substr(0, end);
    unsigned number = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (error != std::errc() || stop != digits.data() + digits.size() || digits.size() > longest) return {};
    out.push_back(number);
    if (end == word.size()) return out;
    word.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::string> AcceptTime(std::string_view word) {
  std::vector<unsigned> parts = Numbers(word, ':', 10, 2);
  if (parts.size() == 2) parts.push_back(0);
  if (parts.size() != 3 || parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return fmt::format("{:02}:{:02}:{:02}", parts[0], parts[1], parts[2]);
}

std::optional<std::string> AcceptHourMinute(std::string_view word) {
  const std::vector<unsigned> parts = Numbers(word, ':', 10, 2);
  if (parts.size() != 2 || parts[0] > 24 || parts[1] > 59 || (parts[0] == 24 && parts[1] != 0)) return std::nullopt;
  return fmt::format("{:02}:{:02}", parts[0], parts[1]);
}

std::optional<std::string> AcceptHoursMinutes(std::string_view word) {
  const std::optional<int> minutes = MinutesOf(word);
  if (!minutes || *minutes > kMostHours * 60) return std::nullopt;
  return fmt::format("{}:{:02}", *minutes / 60, *minutes % 60);
}

std::optional<int> MinutesOf(std::string_view hours_minutes) {
  const std::vector<unsigned> parts = Numbers(hours_minutes, ':', 10, 3);
  if (parts.size() != 2 || parts[1] > 59) return std::nullopt;
  return static_cast<int>(parts[0] * 60 + parts[1]);
}

std::optional<std::string> AcceptDate(std::string_view word, bool year_last) {
  const std::vector<unsigned> parts = Numbers(word, '/', 10, 4);
  if (parts.size() != 3) return std::nullopt;
  const bool first = parts[0] >= kFirstYear;
  const unsigned year = first ? parts[0] : parts[2], month = first ? parts[1] : parts[0],
                 day = first ? parts[2] : parts[1];
  if (year < kFirstYear || year > kLastYear) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return year_last ? fmt::format("{:02}/{:02}/{}", month, day, year) : fmt::format("{}/{:02}/{:02}", year, month, day);
}

std::optional<std::string> AcceptMac(std::string_view word) {
  const std::vector<unsigned> parts = Numbers(word, '-', 16, 4);
  if (parts.size() != 3) return std::nullopt;
  return fmt::format("{:04x}-{:04x}-{:04x}", parts[0], parts[1], parts[2]);
}

std::optional<std::string> AcceptHex(std::string_view word) {
  if (word.starts_with("0x") || word.starts_with("0X")) word.remove_prefix(2);
  const std::vector<unsigned> parts = Numbers(word, ' ', 16, 4);
  if (parts.size() != 1) return std::nullopt;
  return fmt::format("{:04x}", parts[0]);
}

}  // namespace sw::cli
