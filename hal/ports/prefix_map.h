// Longest-prefix match over IPv4: values under prefixes, found by address.
//
// One hash table per prefix length in use, probed from the longest: a lookup costs as many probes as there are
// different lengths, which in practice is a handful. One thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "hal/base/address.h"

namespace sw::hal {

template <typename V>
class PrefixMap {
 public:
  V& operator[](const Prefix& prefix) {
    used_ |= std::uint64_t{1} << prefix.length;
    return tables_[prefix.length][prefix.network()];
  }
  V* Find(const Prefix& prefix) {
    auto it = tables_[prefix.length].find(prefix.network());
    return it == tables_[prefix.length].end() ? nullptr : &it->second;
  }
  const V* Find(const Prefix& prefix) const { return const_cast<PrefixMap*>(this)->Find(prefix); }
  bool Erase(const Prefix& prefix) {
    auto& table = tables_[prefix.length];
    if (table.erase(prefix.network()) == 0) return false;
    if (table.empty()) used_ &= ~(std::uint64_t{1} << prefix.length);
    return true;
  }
  void Clear() {
    for (auto& table : tables_) table.clear();
    used_ = 0;
  }

  // The value of the longest prefix that holds `address`; null when none does.
  const V* Longest(Ipv4 address) const {
    for (std::uint64_t left = used_; left != 0;) {
      const int length = 63 - std::countl_zero(left);
      left &= ~(std::uint64_t{1} << length);
      const auto& table = tables_[static_cast<std::size_t>(length)];
      auto it = table.find(Prefix{address, static_cast<std::uint8_t>(length)}.network());
      if (it != table.end()) return &it->second;
    }
    return nullptr;
  }

  // Visits (prefix, value), by length, in no order within a length.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (std::uint8_t length = 0; length <= 32; ++length) {
      for (const auto& [network, value] : tables_[length]) visit(Prefix{network, length}, value);
    }
  }

 private:
  std::array<std::unordered_map<Ipv4, V>, 33> tables_;
  std::uint64_t used_ = 0;  // bit n: some prefix has length n
};

}  // namespace sw::hal
