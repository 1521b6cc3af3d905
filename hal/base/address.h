// IPv4 addresses, prefixes and UDP endpoints as values. Host byte order inside; text at the edges.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sw {

struct Ipv4 {
  std::uint32_t value = 0;  // host order; 0.0.0.0 reads as "none" where a field allows that

  constexpr Ipv4() = default;
  constexpr explicit Ipv4(std::uint32_t v) : value(v) {}
  constexpr Ipv4(unsigned a, unsigned b, unsigned c, unsigned d) : value((a << 24) | (b << 16) | (c << 8) | d) {}

  constexpr bool empty() const { return value == 0; }
  constexpr bool multicast() const { return (value >> 28) == 0xe; }
  constexpr bool loopback() const { return (value >> 24) == 127; }
  std::string ToString() const;
  static std::optional<Ipv4> Parse(std::string_view dotted);  // exactly four decimal octets

  friend constexpr auto operator<=>(Ipv4, Ipv4) = default;
};

// An address with its mask length: an interface's address (host bits kept) or a network (host bits zero).
struct Prefix {
  Ipv4 address;
  std::uint8_t length = 0;  // 0..32

  constexpr Ipv4 mask() const { return Ipv4(length == 0 ? 0U : ~std::uint32_t{0} << (32 - length)); }
  constexpr Ipv4 network() const { return Ipv4(address.value & mask().value); }
  constexpr Ipv4 broadcast() const { return Ipv4(address.value | ~mask().value); }
  constexpr bool Contains(Ipv4 a) const { return (a.value & mask().value) == network().value; }
  constexpr bool Overlaps(const Prefix& o) const { return Contains(o.network()) || o.Contains(network()); }
  constexpr Prefix AsNetwork() const { return {network(), length}; }
  std::string ToString() const;                               // "10.0.0.1/24"
  static std::optional<Prefix> Parse(std::string_view text);  // the same; the length has one or two digits

  friend constexpr auto operator<=>(const Prefix&, const Prefix&) = default;
};

// 255.255.255.0 -> 24; nullopt when the ones are not contiguous.
std::optional<std::uint8_t> MaskLength(Ipv4 mask);

struct Endpoint {
  Ipv4 address;
  std::uint16_t port = 0;
  std::string ToString() const;  // "192.0.2.1:9876"
  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace sw

template <>
struct std::hash<sw::Ipv4> {
  std::size_t operator()(sw::Ipv4 a) const noexcept { return a.value * 0x9e3779b97f4a7c15ULL >> 16; }
};
template <>
struct std::hash<sw::Endpoint> {
  std::size_t operator()(const sw::Endpoint& e) const noexcept {
    return ((std::uint64_t{e.address.value} << 16) | e.port) * 0x9e3779b97f4a7c15ULL >> 16;
  }
};
