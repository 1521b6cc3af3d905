// The routes of one lab node: what its interfaces give, and static routes with recursive next hops.
//
// The lowest preference among equal prefixes is active; equal ones share the load by destination. A static route
// whose next hop cannot be reached is kept and comes back by itself. Rebuilt lazily, on the first question after a
// change. Layout of the entries as Comware 3.10 prints them: an own address is a host route by InLoopBack0, a connected
// network has the own address as next hop. One thread; `interfaces` outlives the table.
#pragma once

#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

#include "device/lab/interface.h"
#include "hal/ports/prefix_map.h"

namespace sw::device {

struct Hop {
  enum class Kind : std::uint8_t { kLocal, kBroadcast, kForward, kBlackhole, kReject };
  Kind kind = Kind::kForward;
  Interface* interface = nullptr;  // set for kForward
  Ipv4 gateway;                    // empty: the destination itself is the next station
};

class RouteTable {
 public:
  explicit RouteTable(Interfaces& interfaces) : interfaces_(interfaces) {}

  Status Add(const StaticRoute& route);              // kBadValue: an own address as next hop
  Status Remove(const StaticRoute& route);           // kNotFound
  void Invalidate() { stale_ = own_stale_ = true; }  // interfaces or addresses changed

  std::optional<Hop> Find(Ipv4 destination) const;
  std::vector<RouteEntry> entries() const;  // active ones, sorted by destination, then mask

 private:
  struct Entry {
    RouteEntry shown;  // protocol empty: not shown
    Hop hop;
    const StaticRoute* origin = nullptr;  // null: from an interface
  };
  using Table = hal::PrefixMap<std::vector<Entry>>;

  void Refresh() const;
  Table Build(const std::vector<const StaticRoute*>& active) const;
  void AddDirect(Table& table) const;
  std::optional<Hop> Resolve(const Table& table, const StaticRoute& route) const;
  std::optional<Hop> Follow(const Table& table, Ipv4 next_hop) const;

  bool IsOwn(Ipv4 address);

  Interfaces& interfaces_;
  std::unordered_set<Ipv4> own_;  // addresses of all interfaces, usable or not; made with the first question
  bool own_stale_ = true;
  std::set<StaticRoute> statics_;
  mutable Table table_;
  mutable bool stale_ = true;
};

}  // namespace sw::device
