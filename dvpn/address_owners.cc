#include "dvpn/address_owners.h"

#include "dvpn/constants.h"

namespace sw::dvpn {

std::string AddressOwners::OwnerOf(Time now, Ipv4 address) const {
  const auto found = held_.find(address);
  return found == held_.end() || now >= found->second.until ? std::string() : found->second.user;
}

// What was left last goes to the back whatever its time is: times differ only where the setting was changed meanwhile,
// and then an entry stays a little longer than it counts.
void AddressOwners::Leave(Time now, Duration hold, Ipv4 address, const std::string& user) {
  while (!order_.empty() && (now >= order_.front().first || order_.size() >= kMaxHeldAddresses)) {
    const auto [until, which] = order_.front();
    order_.pop_front();
    if (const auto found = held_.find(which); found != held_.end() && found->second.until == until) held_.erase(found);
  }
  if (user.empty() || hold <= Duration{}) return;
  held_[address] = {user, now + hold};
  order_.emplace_back(now + hold, address);
}

}  // namespace sw::dvpn
