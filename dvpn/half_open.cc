#include "dvpn/half_open.h"

#include "dvpn/constants.h"

namespace sw::dvpn {

std::uint64_t HalfOpen::OldestOfMost(const Network& network) {
  return *network.addresses.at(std::get<Ipv4>(*network.order.rbegin())).begin();
}

std::optional<std::uint64_t> HalfOpen::WhoGoes(Ipv4 address) const {
  if (const auto network = networks_.find(NetworkOf(address)); network != networks_.end()) {
    const auto own = network->second.addresses.find(address);
    if (own != network->second.addresses.end() && own->second.size() >= kMaxHalfOpenPerAddress)
      return *own->second.begin();
    if (network->second.keys.size() >= kMaxHalfOpenPerNetwork) return OldestOfMost(network->second);
  }
  if (size_ < kMaxHalfOpen) return std::nullopt;
  return OldestOfMost(networks_.at(std::get<Ipv4>(*order_.rbegin())));
}

std::optional<std::uint64_t> HalfOpen::Add(std::uint64_t key, Ipv4 address) {
  const auto goes = WhoGoes(address);
  Network& network = networks_[NetworkOf(address)];
  Keys& own = network.addresses[address];
  if (!own.empty()) network.order.erase(RankOf(address, own));
  if (!network.keys.empty()) order_.erase(RankOf(NetworkOf(address), network.keys));
  own.insert(key);
  network.keys.insert(key);
  network.order.insert(RankOf(address, own));
  order_.insert(RankOf(NetworkOf(address), network.keys));
  ++size_;
  return goes;
}

void HalfOpen::Remove(std::uint64_t key, Ipv4 address) {
  const auto found = networks_.find(NetworkOf(address));
  if (found == networks_.end() || !found->second.keys.contains(key)) return;
  Network& network = found->second;
  const auto own = network.addresses.find(address);
  network.order.erase(RankOf(address, own->second));
  order_.erase(RankOf(found->first, network.keys));
  own->second.erase(key);
  network.keys.erase(key);
  --size_;
  if (own->second.empty()) {
    network.addresses.erase(own);
  } else {
    network.order.insert(RankOf(address, own->second));
  }
  if (network.keys.empty()) {
    networks_.erase(found);
  } else {
    order_.insert(RankOf(found->first, network.keys));
  }
}

}  // namespace sw::dvpn
