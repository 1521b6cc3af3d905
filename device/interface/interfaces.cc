// Interfaces and the indices they are looked up by.
#include <utility>

#include "device/interface/values.h"

namespace sw::device {

const InterfaceConfig* InterfacesConfig::Find(std::string_view name) const {
  const auto id = ids_.find(name);
  return id == ids_.end() ? nullptr : &interfaces_.at(id->second);
}

const InterfaceConfig* InterfacesConfig::OwnerOf(Ipv4 address) const {
  const InterfaceConfig* owner = nullptr;
  by_address_.Each(address, [&](const InterfaceId& id) {
    if (owner == nullptr) owner = &interfaces_.at(id);
  });
  return owner;
}

std::optional<InterfacesConfig::Conflict> InterfacesConfig::With(const std::optional<InterfaceId>& other,
                                                                 const InterfaceConfig& interface) const {
  if (!other) return std::nullopt;
  const InterfaceConfig& found = interfaces_.at(*other);
  return *other < IdOf(interface) ? Conflict{&found, &interface} : Conflict{&interface, &found};
}

// A network overlaps those that hold it, one for each shorter mask, and those within it, which stand side by side.
const InterfacesConfig::Address* InterfacesConfig::Overlapping(const Prefix& prefix, InterfaceId besides) const {
  for (std::uint8_t length = 0; length < prefix.length; ++length) {
    const Prefix network = Prefix{prefix.address, length}.AsNetwork();
    for (auto at = networks_.lower_bound({network, {}, {}}); at != networks_.end() && std::get<Prefix>(*at) == network;
         ++at)
      if (std::get<InterfaceId>(*at) != besides) return &*at;
  }
  for (auto at = networks_.lower_bound({prefix.AsNetwork(), {}, {}});
       at != networks_.end() && std::get<Prefix>(*at).address <= prefix.broadcast(); ++at)
    if (std::get<InterfaceId>(*at) != besides) return &*at;
  return nullptr;
}

std::optional<InterfacesConfig::Overlap> InterfacesConfig::FindOverlap(const InterfaceConfig& interface) const {
  for (const Prefix& own : interface.addresses) {
    const Address* other = Overlapping(own, IdOf(interface));
    if (other == nullptr) continue;
    const auto& [network, id, address] = *other;
    const Prefix theirs{address, network.length};
    const Conflict conflict = *With(id, interface);
    return conflict.first == &interface ? Overlap{conflict, own, theirs} : Overlap{conflict, theirs, own};
  }
  return std::nullopt;
}

std::optional<InterfacesConfig::Conflict> InterfacesConfig::SameDomain(const InterfaceConfig& tunnel) const {
  if (tunnel.tunnel.dvpn_id == 0) return std::nullopt;
  return With(by_dvpn_id_.Other(tunnel.tunnel.dvpn_id, IdOf(tunnel)), tunnel);
}

std::optional<InterfacesConfig::Conflict> InterfacesConfig::SameSocket(const InterfaceConfig& tunnel) const {
  const TunnelConfig& t = tunnel.tunnel;
  if (!t.dvpn || t.source.empty()) return std::nullopt;
  return With(by_socket_.Other({t.source, t.udp_port}, IdOf(tunnel)), tunnel);
}

// The source may be named by its address or by its interface: the same end in other words.
std::optional<InterfacesConfig::Conflict> InterfacesConfig::SameEnds(const InterfaceConfig& tunnel) const {
  const TunnelConfig& t = tunnel.tunnel;
  if (t.dvpn || t.destination.empty()) return std::nullopt;
  const Result<Ipv4> source = SourceAddress(*this, t);
  if (!source.ok()) return std::nullopt;
  std::set<std::string> sources = {source->ToString()};
  by_address_.Each(*source, [&](const InterfaceId& id) { sources.insert(interfaces_.at(id).name); });
  for (const std::string& text : sources) {
    const auto other = by_ends_.Other({t.destination, text}, IdOf(tunnel));
    if (!other) continue;
    const Result<Ipv4> theirs = SourceAddress(*this, interfaces_.at(*other).tunnel);
    if (theirs.ok() && *theirs == *source) return With(other, tunnel);
  }
  return std::nullopt;
}

void InterfacesConfig::Note(InterfaceId id, const InterfaceConfig& interface) {
  for (const Prefix& own : interface.addresses) {
    networks_.insert({own.AsNetwork(), id, own.address});
    by_address_.Add(own.address, id);
  }
  if (interface.kind != "Tunnel") return;
  const TunnelConfig& t = interface.tunnel;
  if (!t.source.empty()) by_source_.Add(t.source, id);
  if (t.dvpn_id != 0) by_dvpn_id_.Add(t.dvpn_id, id);
  if (t.dvpn) by_socket_.Add({t.source, t.udp_port}, id);
  if (!t.dvpn) by_ends_.Add({t.destination, t.source}, id);
}

void InterfacesConfig::Forget(InterfaceId id, const InterfaceConfig& interface) {
  for (const Prefix& own : interface.addresses) {
    networks_.erase({own.AsNetwork(), id, own.address});
    by_address_.Remove(own.address, id);
  }
  const TunnelConfig& t = interface.tunnel;
  by_source_.Remove(t.source, id);
  by_dvpn_id_.Remove(t.dvpn_id, id);
  by_socket_.Remove({t.source, t.udp_port}, id);
  by_ends_.Remove({t.destination, t.source}, id);
}

void InterfacesConfig::Set(InterfaceId id, InterfaceConfig interface) {
  ids_.insert_or_assign(interface.name, id);
  InterfaceConfig& place = interfaces_[id];
  if (!place.name.empty()) Forget(id, place);
  interface.addresses = std::move(place.addresses);
  place = std::move(interface);
  Note(id, place);
}

void InterfacesConfig::SetAddresses(std::string_view name, std::vector<Prefix> addresses) {
  const auto id = ids_.find(name);
  if (id == ids_.end()) return;
  InterfaceConfig& interface = interfaces_.at(id->second);
  Forget(id->second, interface);
  interface.addresses = std::move(addresses);
  Note(id->second, interface);
}

void InterfacesConfig::Erase(std::string_view name) {
  const auto id = ids_.find(name);
  if (id == ids_.end()) return;
  const auto place = interfaces_.find(id->second);
  Forget(place->first, place->second);
  interfaces_.erase(place);
  ids_.erase(id);
}

}  // namespace sw::device
