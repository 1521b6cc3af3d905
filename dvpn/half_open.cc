#include "dvpn/half_open.h"

#include "dvpn/constants.h"

namespace sw::dvpn {

const HalfOpen::Keys* HalfOpen::Full(const Group& group, Ipv4 of, std::size_t most) {
  const auto found = group.find(of);
  return found == group.end() || found->second.size() < most ? nullptr : &found->second;
}

std::optional<std::uint64_t> HalfOpen::Add(std::uint64_t key, Ipv4 address) {
  const Keys* full = Full(of_address_, address, kMaxHalfOpenPerAddress);
  if (full == nullptr) full = Full(of_network_, NetworkOf(address), kMaxHalfOpenPerNetwork);
  if (full == nullptr && all_.size() >= kMaxHalfOpen) full = &all_;
  const auto goes = full == nullptr ? std::nullopt : std::optional(*full->begin());
  all_.insert(key);
  of_address_[address].insert(key);
  of_network_[NetworkOf(address)].insert(key);
  return goes;
}

void HalfOpen::Forget(Group& group, Ipv4 of, std::uint64_t key) {
  const auto found = group.find(of);
  if (found == group.end()) return;
  found->second.erase(key);
  if (found->second.empty()) group.erase(found);
}

void HalfOpen::Remove(std::uint64_t key, Ipv4 address) {
  all_.erase(key);
  Forget(of_address_, address, key);
  Forget(of_network_, NetworkOf(address), key);
}

}  // namespace sw::dvpn
