#include "dvpn/address_owners.h"

#include "dvpn/constants.h"

namespace sw::dvpn {

std::string AddressOwners::OwnerOf(Time now, Ipv4 address) const {
  const auto found = held_.find(address);
  return found == held_.end() || now >= found->second.until ? std::string() : found->second.user;
}

void AddressOwners::Leave(Time now, Ipv4 address, const std::string& user) {
  while (!order_.empty() && (now >= order_.front().first || order_.size() >= kMaxHeldAddresses)) {
    const auto [until, which] = order_.front();
    order_.pop_front();
    if (const auto found = held_.find(which); found != held_.end() && found->second.until == until) held_.erase(found);
  }
  if (user.empty()) return;
  held_[address] = {user, now + kAddressHold};
  order_.emplace_back(now + kAddressHold, address);
}

}  // namespace sw::dvpn
