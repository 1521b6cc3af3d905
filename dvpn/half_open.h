// Places for unfinished registrations: so many in all, of one address and of one network of 24 bits. Whoever comes gets
// one; where there is none left, somebody gives up its own: of the network that has most, the address that has most, its
// oldest. Who has one place keeps it as long as another one has more, however fast that comes.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "hal/base/address.h"

namespace sw::dvpn {

class HalfOpen {
 public:
  // `key`: higher than every key before. Returns the key that has to go instead.
  std::optional<std::uint64_t> Add(std::uint64_t key, Ipv4 address);
  void Remove(std::uint64_t key, Ipv4 address);  // no matter whether it is there
  std::size_t size() const { return size_; }

 private:
  using Keys = std::set<std::uint64_t>;
  // Who has most, and among those who have as much whose place is the oldest, comes last.
  using Rank = std::tuple<std::size_t, std::uint64_t, Ipv4>;
  using Order = std::set<Rank>;
  struct Network {
    Keys keys;
    std::unordered_map<Ipv4, Keys> addresses;
    Order order;
  };
  static Ipv4 NetworkOf(Ipv4 address) { return Ipv4(address.value & 0xffffff00); }
  static Rank RankOf(Ipv4 who, const Keys& keys) { return {keys.size(), ~*keys.begin(), who}; }
  static std::uint64_t OldestOfMost(const Network& network);
  std::optional<std::uint64_t> WhoGoes(Ipv4 address) const;

  std::size_t size_ = 0;
  std::unordered_map<Ipv4, Network> networks_;
  Order order_;
};

}  // namespace sw::dvpn
