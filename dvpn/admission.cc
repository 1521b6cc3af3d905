#include "dvpn/admission.h"

#include <algorithm>

#include <fmt/format.h>

namespace sw::dvpn {

using Said = wire::Answer;

namespace {

std::string Who(const Map& map) {
  return map.user_name.empty() ? "a client without a user" : "user " + map.user_name;
}
Refusal Taken(const Map& map, Ipv4 address, const std::string& owner) {
  return {Said::kAddressTaken,
          fmt::format("registration of {} refused to {}: the address belongs to {}", address.ToString(), Who(map),
                      owner.empty() ? "a client that is registered" : "user " + owner)};
}

}  // namespace

// Who has addresses of its own gets these; and nobody else does.
std::optional<Refusal> Admission::JudgeProperty(const Map& map, Ipv4 address) const {
  const std::vector<Ipv4>& own = map.property.addresses;
  if (std::ranges::find(own, address) != own.end()) return std::nullopt;
  if (const std::string owner = core_.services.authenticator.OwnerOf(address); !owner.empty())
    return Taken(map, address, owner);
  if (own.empty()) return std::nullopt;
  return Refusal{Said::kAddressTaken, fmt::format("registration of {} refused to {}: its own address is {}",
                                                  address.ToString(), Who(map), own.front().ToString())};
}

// As what the address was, and will be.
std::optional<Refusal> Admission::JudgeOwner(const Map& map, Ipv4 address) const {
  const Map* old = maps_.OfPrivate(address);
  if (old == nullptr) {
    if (!map.property.addresses.empty()) return std::nullopt;
    const std::string owner = owners_.OwnerOf(core_.now, address);
    return owner.empty() || owner == map.user_name ? std::nullopt : std::optional(Taken(map, address, owner));
  }
  // Authenticated, the same user may come back and replace what it left behind. Without authentication nobody can
  // tell clients apart: the old registration yields when it is dead or came from the same place.
  const bool may = map.user_name.empty() && old->user_name.empty()
                       ? host_.EndpointOf(*old) == map.endpoint || !host_.HasLiveSession(*old)
                       : old->user_name == map.user_name;
  return may ? std::nullopt : std::optional(Taken(map, address, old->user_name));
}

std::optional<Refusal> Admission::Judge(const Map& map, Ipv4 address) const {
  if (core_.FaultAt(7)) return Refusal{Said::kFault, "fault injected at step 7"};
  const Prefix& own = core_.settings.address;
  const bool host = own.length >= 31 || (address != own.network() && address != own.broadcast());
  if (!own.Contains(address) || !host || address == own.address)
    return Refusal{Said::kOutsideNetwork, fmt::format("registration of {} refused: {}", address.ToString(),
                                                      wire::Phrase(Said::kOutsideNetwork))};
  if (auto no = JudgeProperty(map, address)) return no;
  if (auto no = JudgeOwner(map, address)) return no;
  if (map.user_name.empty() || maps_.OfPrivate(address) != nullptr ||
      owners_.TakenBy(map.user_name) < settings_.user_addresses)
    return std::nullopt;
  return Refusal{Said::kTooManyAddresses,
                 fmt::format("registration of {} refused to {}: it has {} addresses already", address.ToString(),
                             Who(map), settings_.user_addresses)};
}

}  // namespace sw::dvpn
