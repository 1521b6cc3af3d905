// Static routes as the kernel should have them: keeps its table and what was asked for in step. A route that comes or
// goes costs itself and the routes whose next hops it leads to, however many there are.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "device/linux/found.h"
#include "device/platform.h"
#include "hal/ports/route_mirror.h"

namespace sw::device {

class KernelRoutes {
 public:
  struct Hooks {
    // The kernel's index of one of our interfaces; nullopt while there is none.
    std::function<std::optional<int>(const std::string& interface)> link_of;
    std::function<bool(const std::string& what)> may_mend;  // what somebody else took away
  };
  KernelRoutes(hal::Netlink& netlink, hal::RouteMirror& mirror, Found& found, Hooks hooks)
      : netlink_(netlink), mirror_(mirror), found_(found), hooks_(std::move(hooks)) {}

  // kBadValue: an own address as next hop; kExists: another program's route has that place. A next hop out of reach is
  // no error: the route waits.
  Status Add(const StaticRoute& route);
  Status Remove(const StaticRoute& route);  // kNotFound
  void Reconcile();                         // after links, addresses or other routes changed
  void RemoveAll();
  void PutBack(const std::string& note);  // a route of a predecessor that nobody wants any more

 private:
  using Place = std::pair<Prefix, int>;  // destination and preference: one kernel route
  std::optional<hal::KernelRoute> Resolve(const StaticRoute& route) const;
  std::optional<hal::KernelRoute> Desired(const Place& place) const;
  Status Install(const Place& place, const hal::KernelRoute& route);
  Status Forget(const StaticRoute& route);  // kNotFound
  Result<bool> Follow(const Place& place);  // true: the kernel has another route there now
  // Brings these places in step, and those that lead over them; the trouble with `watched`.
  Status Reconcile(std::set<Place> places, const Place& watched);

  hal::Netlink& netlink_;
  hal::RouteMirror& mirror_;
  Found& found_;
  Hooks hooks_;
  std::set<StaticRoute> wanted_;
  std::set<std::pair<Ipv4, Place>> by_next_hop_;  // of those that need a way to it
  std::map<Place, hal::KernelRoute> installed_;
};

// What `display ip routing-table` shows of the mirror. `name_of` turns a kernel link into our interface's name.
std::vector<RouteEntry> ShownRoutes(const hal::RouteMirror& mirror,
                                    const std::function<std::string(int link)>& name_of);

}  // namespace sw::device
