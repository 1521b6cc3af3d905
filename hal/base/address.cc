#include "hal/base/address.h"

#include <bit>
#include <charconv>
#include <iterator>

namespace sw {

std::string Ipv4::ToString() const {
  char text[sizeof "255.255.255.255"];
  char* end = text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    end = std::to_chars(end, std::end(text), (value >> shift) & 0xff).ptr;
    if (shift != 0) *end++ = '.';
  }
  return {text, end};
}

std::optional<Ipv4> Ipv4::Parse(std::string_view dotted) {
  std::uint32_t value = 0;
  std::size_t at = 0;
  for (int octet = 0; octet < 4; ++octet) {
    if (octet != 0 && (at >= dotted.size() || dotted[at++] != '.')) return std::nullopt;
    std::uint32_t number = 0;
    std::size_t digits = 0;
    while (at < dotted.size() && dotted[at] >= '0' && dotted[at] <= '9' && digits < 3) {
      number = number * 10 + static_cast<std::uint32_t>(dotted[at++] - '0');
      ++digits;
    }
    if (digits == 0 || number > 255) return std::nullopt;
    value = (value << 8) | number;
  }
  if (at != dotted.size()) return std::nullopt;
  return Ipv4(value);
}

std::string Prefix::ToString() const {
  return address.ToString() + "/" + std::to_string(length);
}

std::optional<Prefix> Prefix::Parse(std::string_view text) {
  constexpr std::size_t kMostDigits = 2;
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto address = Ipv4::Parse(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  std::uint8_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && digits.size() <= kMostDigits;
  if (!address || !whole || length > 32) return std::nullopt;
  return Prefix{*address, length};
}

std::optional<std::uint8_t> MaskLength(Ipv4 mask) {
  const int ones = std::countl_one(mask.value);
  if (std::popcount(mask.value) != ones) return std::nullopt;
  return static_cast<std::uint8_t>(ones);
}

std::string Endpoint::ToString() const {
  return address.ToString() + ":" + std::to_string(port);
}

}  // namespace sw
