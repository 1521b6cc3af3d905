#include "dvpn/address_owners.h"

#include "dvpn/constants.h"

namespace sw::dvpn {

std::string AddressOwners::OwnerOf(Time now, Ipv4 address) const {
  const auto found = held_.find(address);
  return found == held_.end() || now >= found->second.until ? std::string() : found->second.user;
}

std::size_t AddressOwners::TakenBy(const std::string& user) const {
  const auto found = users_.find(user);
  return found == users_.end() ? 0 : found->second.taken;
}

void AddressOwners::Tidy(const std::string& user) {
  const auto found = users_.find(user);
  if (found != users_.end() && found->second.taken == 0 && found->second.held.empty()) users_.erase(found);
}

void AddressOwners::Forget(Ipv4 address) {
  const auto found = held_.find(address);
  if (found == held_.end()) return;
  const std::string user = found->second.user;
  users_[user].held.erase({found->second.until, address});
  held_.erase(found);
  Tidy(user);
}

void AddressOwners::Take(Ipv4 address, const std::string& user) {
  Forget(address);
  if (!user.empty()) ++users_[user].taken;
}

// What was left last goes to the back whatever its time is: times differ only where the setting was changed meanwhile,
// and then an entry stays a little longer than it counts.
void AddressOwners::Leave(Time now, Duration hold, Ipv4 address, const std::string& user, std::size_t most) {
  while (!order_.empty() && (now >= order_.front().first || order_.size() >= kMaxHeldAddresses)) {
    const auto [until, which] = order_.front();
    order_.pop_front();
    if (const auto found = held_.find(which); found != held_.end() && found->second.until == until) Forget(which);
  }
  if (user.empty()) return;
  User& owner = users_[user];
  if (owner.taken != 0) --owner.taken;
  if (hold > Duration{}) {
    Forget(address);
    users_[user].held.emplace(now + hold, address);
    held_[address] = {user, now + hold};
    order_.emplace_back(now + hold, address);
  }
  for (const User* who = &users_[user]; !who->held.empty() && who->taken + who->held.size() > most; who = &users_[user])
    Forget(who->held.begin()->second);
  Tidy(user);
}

}  // namespace sw::dvpn
