// Interfaces as configured, tunnels among them.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "config-db/schema.h"
#include "device/config/index.h"
#include "device/config/rows.h"
#include "device/platform.h"
#include "dvpn/types.h"
#include "hal/base/result.h"

namespace sw::device {

struct TunnelConfig {
  bool dvpn = false;   // tunnel-protocol udp dvpn; otherwise gre
  std::string source;  // address or interface name; empty: none
  Ipv4 destination;    // of GRE, as the rest up to the keepalive
  std::optional<std::uint32_t> gre_key;
  bool gre_checksum = false;
  bool gre_keepalive = false;
  int gre_keepalive_interval = configdb::Preset("interface", "gre_keepalive_interval");  // seconds
  int gre_keepalive_times = configdb::Preset("interface", "gre_keepalive_times");
  dvpn::Role role = dvpn::Role::kClient;
  int dvpn_id = 0;
  std::string policy, dvpn_class;
  dvpn::RegisterType register_type = dvpn::RegisterType::kNormal;
  int udp_port = configdb::Preset("interface", "dvpn_udp_port");
  int acl = 0;
  friend bool operator==(const TunnelConfig&, const TunnelConfig&) = default;
};

struct InterfaceConfig {
  std::string name, kind;
  bool shutdown = false;
  std::string description;
  int mtu = 0, vlan = 0;
  // Of ports, stored only; empty: negotiated.
  std::string duplex, speed;
  bool loopback = false;
  std::string remote;             // of a Virtual-Template, stored only: what the peer's address is
  std::vector<Prefix> addresses;  // primary first
  std::string ipsec_policy;       // group applied here; empty: none
  TunnelConfig tunnel;            // only for kind Tunnel
  friend bool operator==(const InterfaceConfig&, const InterfaceConfig&) = default;
};

// In the order of `display`: by kind, number, then sub-interface; 0: the interface itself.
struct InterfaceId {
  int kind = 0, number = 0, sub = 0;
  friend auto operator<=>(const InterfaceId&, const InterfaceId&) = default;
};

// All interfaces with what they are looked up by. A question, and a change of one interface, costs the logarithm of
// their number, and what it has itself.
class InterfacesConfig {
 public:
  class Iterator {  // in display order
   public:
    using Place = std::map<InterfaceId, InterfaceConfig>::const_iterator;
    explicit Iterator(Place place) : place_(place) {}
    const InterfaceConfig& operator*() const { return place_->second; }
    const InterfaceConfig* operator->() const { return &place_->second; }
    Iterator& operator++() {
      ++place_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    Place place_;
  };
  Iterator begin() const { return Iterator(interfaces_.begin()); }
  Iterator end() const { return Iterator(interfaces_.end()); }
  std::size_t size() const { return interfaces_.size(); }

  const InterfaceConfig* Find(std::string_view name) const;  // null: there is none
  const InterfaceConfig* OwnerOf(Ipv4 address) const;        // the first that has it; null: none

  struct Conflict {  // `second` comes later in display order
    const InterfaceConfig *first, *second;
  };
  struct Overlap : Conflict {
    Prefix of_first, of_second;
  };
  // With another interface, of what this one has.
  std::optional<Overlap> FindOverlap(const InterfaceConfig& interface) const;
  // Another tunnel of the same dvpn-id (not 0); another DVPN tunnel with the same source and UDP port; another GRE
  // tunnel with the same ends, once its source has an address.
  std::optional<Conflict> SameDomain(const InterfaceConfig& tunnel) const;
  std::optional<Conflict> SameSocket(const InterfaceConfig& tunnel) const;
  std::optional<Conflict> SameEnds(const InterfaceConfig& tunnel) const;

  // Tunnels whose source is this text, in display order.
  template <typename Visit>
  void EachWithSource(const std::string& source, Visit visit) const {
    by_source_.Each(source, [&](const InterfaceId& id) { visit(interfaces_.at(id)); });
  }

  void Set(InterfaceId id, InterfaceConfig interface);  // new, or otherwise than before: but for its addresses
  void SetAddresses(std::string_view name, std::vector<Prefix> addresses);  // primary first; no such interface: nothing
  void Erase(std::string_view name);

 private:
  using Address = std::tuple<Prefix, InterfaceId, Ipv4>;  // network, owner, address
  using Ends = std::pair<Ipv4, std::string>;              // destination and source as configured
  InterfaceId IdOf(const InterfaceConfig& interface) const { return ids_.find(interface.name)->second; }
  std::optional<Conflict> With(const std::optional<InterfaceId>& other, const InterfaceConfig& interface) const;
  const Address* Overlapping(const Prefix& prefix, InterfaceId besides) const;
  void Note(InterfaceId id, const InterfaceConfig& interface);
  void Forget(InterfaceId id, const InterfaceConfig& interface);

  std::map<InterfaceId, InterfaceConfig> interfaces_;
  std::map<std::string, InterfaceId, std::less<>> ids_;
  std::set<Address> networks_;
  Index<Ipv4, InterfaceId> by_address_;
  Index<std::string, InterfaceId> by_source_;
  Index<int, InterfaceId> by_dvpn_id_;
  Index<std::pair<std::string, int>, InterfaceId> by_socket_;
  Index<Ends, InterfaceId> by_ends_;
};

struct InterfaceDelta {
  std::set<std::string> names;      // of interfaces that are new, other, or gone
  std::set<std::string> addresses;  // of interfaces, some of which have other addresses
};

// Where a tunnel's packets come from, or in words why there is no such address (yet).
Result<Ipv4> SourceAddress(const InterfacesConfig& interfaces, const TunnelConfig& tunnel);

void TakeInterface(const configdb::Key& key, Rows rows, InterfacesConfig& config, InterfaceDelta& delta);
void TakeAddresses(const configdb::Key& interface, Rows rows, InterfacesConfig& config, InterfaceDelta& delta);
// Refuses addresses that no interface can have or that overlap those of another.
Status ValidateInterfaces(const InterfacesConfig& config, const InterfaceDelta& delta);

// Calls `visit` with each interface that changed and is there, in display order where that tells.
template <typename Visit>
Status EachChanged(const InterfacesConfig& config, const InterfaceDelta& delta, Visit visit) {
  for (const std::string& name : delta.names)
    if (const InterfaceConfig* interface = config.Find(name); interface != nullptr) SW_TRY(visit(*interface));
  return {};
}

}  // namespace sw::device
