// Places for unfinished registrations: so many in all, of one address and of one network of 24 bits. Whoever comes gets
// one; where there is none left, the oldest of that address, of that network or of all gives its own up. Who finishes
// quickly does so under any flood of those who do not.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>

#include "hal/base/address.h"

namespace sw::dvpn {

class HalfOpen {
 public:
  // `key`: higher than every key before. Returns the key that has to go instead.
  std::optional<std::uint64_t> Add(std::uint64_t key, Ipv4 address);
  void Remove(std::uint64_t key, Ipv4 address);  // no matter whether it is there
  std::size_t size() const { return all_.size(); }

 private:
  using Keys = std::set<std::uint64_t>;
  using Group = std::unordered_map<Ipv4, Keys>;
  static Ipv4 NetworkOf(Ipv4 address) { return Ipv4(address.value & 0xffffff00); }
  static const Keys* Full(const Group& group, Ipv4 of, std::size_t most);
  static void Forget(Group& group, Ipv4 of, std::uint64_t key);

  Keys all_;
  Group of_address_, of_network_;
};

}  // namespace sw::dvpn
