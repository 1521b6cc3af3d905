#include "dvpn/admission.h"

#include <fmt/format.h>

namespace sw::dvpn {

using Said = wire::Answer;

std::optional<Refusal> Admission::Judge(const Map& map, Ipv4 address) const {
  if (core_.FaultAt(7)) return Refusal{Said::kFault, "fault injected at step 7"};
  const Prefix& own = core_.settings.address;
  const bool host = own.length >= 31 || (address != own.network() && address != own.broadcast());
  if (!own.Contains(address) || !host || address == own.address)
    return Refusal{Said::kOutsideNetwork, fmt::format("registration of {} refused: {}", address.ToString(),
                                                      wire::Phrase(Said::kOutsideNetwork))};
  const auto taken = [&](const std::string& owner) {
    return Refusal{Said::kAddressTaken,
                   fmt::format("registration of {} refused to {}: the address belongs to {}", address.ToString(),
                               map.user_name.empty() ? "a client without a user" : "user " + map.user_name,
                               owner.empty() ? "a client that is registered" : "user " + owner)};
  };
  const Map* old = maps_.OfPrivate(address);
  if (old == nullptr) {
    const std::string owner = owners_.OwnerOf(core_.now, address);
    return owner.empty() || owner == map.user_name ? std::nullopt : std::optional(taken(owner));
  }
  // Authenticated, the same user may come back and replace what it left behind. Without authentication nobody can
  // tell clients apart: the old registration yields when it is dead or came from the same place.
  const bool may = map.user_name.empty() && old->user_name.empty()
                       ? host_.EndpointOf(*old) == map.endpoint || !host_.HasLiveSession(*old)
                       : old->user_name == map.user_name;
  return may ? std::nullopt : std::optional(taken(old->user_name));
}

}  // namespace sw::dvpn
