#include "hal/ports/route_mirror.h"

#include <algorithm>
#include <functional>

namespace sw::hal {
namespace {

// The kernel's own idea of "the same route": one of these takes the other's place.
bool SamePlace(const KernelRoute& a, const KernelRoute& b) {
  return a.metric == b.metric && a.tos == b.tos;
}

}  // namespace

Status RouteMirror::Reload() {
  Result<std::vector<KernelLink>> links = netlink_.Links();
  SW_TRY(links.status());
  Result<std::vector<KernelAddress>> addresses = netlink_.Addresses();
  SW_TRY(addresses.status());
  Result<std::vector<KernelRoute>> routes = netlink_.Routes();
  SW_TRY(routes.status());
  links_ = std::move(*links);
  addresses_ = std::move(*addresses);
  own_.Clear();
  for (const KernelAddress& a : addresses_) own_[{a.prefix.address, 32}] = a;
  routes_.Clear();
  for (const KernelRoute& r : *routes) Add(r, false);
  return {};
}

Result<RouteMirror::Change> RouteMirror::Poll() {
  Change change;
  KernelEvents events;
  events.route_added = [&](const KernelRoute& r, bool replaces) {
    Add(r, replaces);
    change.routes = true;
  };
  events.route_removed = [&](const KernelRoute& r) {
    Remove(r);
    change.routes = true;
  };
  events.links_or_addresses = [&] { change.links = true; };
  events.policy_removed = [&] { change.rules = true; };
  const bool complete = netlink_.Events(events);
  if (!complete) change.routes = change.links = change.rules = true;
  // Routes that go with a link or an address are not announced one by one: read all again.
  if (change.links) {
    SW_TRY(Reload());
    change.routes = true;
  }
  return change;
}

void RouteMirror::Add(const KernelRoute& route, bool replaces) {
  Routes& at = routes_[route.destination];
  const auto same = std::find_if(at.begin(), at.end(),
                                 [&](const KernelRoute& r) { return r == route || (replaces && SamePlace(r, route)); });
  if (same != at.end()) {
    *same = route;
    return;
  }
  at.insert(std::upper_bound(at.begin(), at.end(), route,
                             [](const KernelRoute& a, const KernelRoute& b) { return a.metric < b.metric; }),
            route);
}

void RouteMirror::Remove(const KernelRoute& route) {
  Routes* at = routes_.Find(route.destination);
  if (at == nullptr) return;
  auto it = std::find(at->begin(), at->end(), route);
  // Next hops that died in the meantime may make the announced route look different.
  if (it == at->end()) {
    it = std::find_if(at->begin(), at->end(), [&](const KernelRoute& r) {
      return SamePlace(r, route) && r.protocol == route.protocol && r.type == route.type;
    });
  }
  if (it != at->end()) at->erase(it);
  if (at->empty()) routes_.Erase(route.destination);
}

std::vector<KernelRoute> RouteMirror::routes() const {
  std::vector<KernelRoute> out;
  routes_.ForEach([&out](const Prefix&, const Routes& at) { out.insert(out.end(), at.begin(), at.end()); });
  return out;
}

const KernelLink* RouteMirror::Link(const std::string& name) const {
  const auto it = std::find_if(links_.begin(), links_.end(), [&](const KernelLink& l) { return l.name == name; });
  return it == links_.end() ? nullptr : &*it;
}

const KernelLink* RouteMirror::Link(int index) const {
  const auto it = std::find_if(links_.begin(), links_.end(), [&](const KernelLink& l) { return l.index == index; });
  return it == links_.end() ? nullptr : &*it;
}

bool RouteMirror::IsLocal(Ipv4 address) const {
  return address.loopback() || own_.Longest(address) != nullptr;
}

const KernelRoute* RouteMirror::Best(Ipv4 destination) const {
  const Routes* at = routes_.Longest(destination);
  return at == nullptr ? nullptr : &at->front();
}

const KernelLink* RouteMirror::LinkTo(Ipv4 destination) const {
  const KernelRoute* route = IsLocal(destination) ? nullptr : Best(destination);
  if (route == nullptr || route->type != KernelRoute::Type::kUnicast || route->hops.empty()) return nullptr;
  return Link(route->hops.front().link);
}

const KernelRoute* RouteMirror::At(const KernelRoute& route) const {
  const Routes* at = routes_.Find(route.destination);
  if (at == nullptr) return nullptr;
  const auto it = std::find_if(at->begin(), at->end(), [&](const KernelRoute& r) { return SamePlace(r, route); });
  return it == at->end() ? nullptr : &*it;
}

std::optional<Ipv4> RouteMirror::NextHop(Ipv4 destination, int link) const {
  if (IsLocal(destination)) return std::nullopt;
  const KernelRoute* route = Best(destination);
  if (route == nullptr || route->type != KernelRoute::Type::kUnicast) return std::nullopt;
  const auto ours = [link](const KernelRoute::Hop& h) { return h.link == link; };
  const auto count = static_cast<std::size_t>(std::count_if(route->hops.begin(), route->hops.end(), ours));
  if (count == 0) return std::nullopt;
  // Several next hops over this link share the load by destination.
  std::size_t skip = count == 1 ? 0 : std::hash<Ipv4>()(destination) % count;
  for (const KernelRoute::Hop& h : route->hops) {
    if (ours(h) && skip-- == 0) return h.gateway.empty() ? destination : h.gateway;
  }
  return std::nullopt;
}

}  // namespace sw::hal
