// A copy of the kernel's links, IPv4 addresses and main routing table in memory, kept current by notifications, so that
// a packet's next hop costs a lookup and no system call. A routing daemon's routes arrive here like our own.
//
// Policy rules and other tables are not looked at. One thread; `netlink` outlives the mirror.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hal/ports/netlink.h"
#include "hal/ports/prefix_map.h"

namespace sw::hal {

class RouteMirror {
 public:
  explicit RouteMirror(Netlink& netlink) : netlink_(netlink) {}

  Status Reload();
  struct Change {
    bool routes = false, links = false;  // links: or addresses
    bool rules = false;                  // a rule of the policy database went, or a route of a table of its own
  };
  Result<Change> Poll();  // takes in what the kernel has announced since

  const std::vector<KernelLink>& links() const { return links_; }  // counters as of the last reload
  const std::vector<KernelAddress>& addresses() const { return addresses_; }
  std::vector<KernelRoute> routes() const;  // in no order
  const KernelLink* Link(const std::string& name) const;
  const KernelLink* Link(int index) const;
  bool IsLocal(Ipv4 address) const;

  // The next hop of `destination` if its best route can leave by `link`; the destination itself when it is on that
  // link's network. nullopt: it leaves elsewhere, or is our own.
  std::optional<Ipv4> NextHop(Ipv4 destination, int link) const;
  // The link that packets to `destination` leave by; null: there is none, or it is our own.
  const KernelLink* LinkTo(Ipv4 destination) const;
  // The best route, by prefix and then by metric; null when there is none.
  const KernelRoute* Best(Ipv4 destination) const;
  // The route that has the place of `route`: same destination, metric and TOS; null: the place is free.
  const KernelRoute* At(const KernelRoute& route) const;

 private:
  using Routes = std::vector<KernelRoute>;  // of one prefix, lowest metric first, then as the kernel lists them
  void Add(const KernelRoute& route, bool replaces);
  void Remove(const KernelRoute& route);

  Netlink& netlink_;
  std::vector<KernelLink> links_;
  std::vector<KernelAddress> addresses_;
  PrefixMap<KernelAddress> own_;
  PrefixMap<Routes> routes_;
};

}  // namespace sw::hal
