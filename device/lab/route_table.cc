#include "device/lab/route_table.h"

#include <algorithm>
#include <functional>
#include <tuple>

namespace sw::device {
namespace {

constexpr char kLoop[] = "InLoopBack0";
constexpr Ipv4 kLocalhost(127, 0, 0, 1);
constexpr int kMaxRecursion = 8;  // next hops behind next hops; our choice

StaticRoute Normal(StaticRoute route) {
  route.destination = route.destination.AsNetwork();
  return route;
}

RouteEntry Direct(const Prefix& destination, Ipv4 next_hop, const std::string& interface) {
  return {destination, "DIRECT", 0, 0, next_hop, interface};
}

}  // namespace

bool RouteTable::IsOwn(Ipv4 address) {
  if (own_stale_) {
    own_.clear();
    for (const auto& [name, interface] : interfaces_)
      for (const Prefix& own : interface.settings.addresses) own_.insert(own.address);
    own_stale_ = false;
  }
  return own_.contains(address);
}

Status RouteTable::Add(const StaticRoute& route) {
  SW_TRY(Check(route));
  if (IsOwn(route.next_hop)) return {Code::kBadValue, route.next_hop.ToString() + " is an address of this device"};
  statics_.insert(Normal(route));
  stale_ = true;
  return {};
}

Status RouteTable::Remove(const StaticRoute& route) {
  SW_TRY(Check(route));
  if (statics_.erase(Normal(route)) == 0) {
    return {Code::kNotFound, "no static route to " + route.destination.AsNetwork().ToString()};
  }
  stale_ = true;
  return {};
}

std::optional<Hop> RouteTable::Find(Ipv4 destination) const {
  Refresh();
  const std::vector<Entry>* found = table_.Longest(destination);
  if (found == nullptr) return std::nullopt;
  return (*found)[found->size() == 1 ? 0 : std::hash<Ipv4>()(destination) % found->size()].hop;
}

std::vector<RouteEntry> RouteTable::entries() const {
  Refresh();
  std::vector<RouteEntry> out;
  table_.ForEach([&out](const Prefix&, const std::vector<Entry>& entries) {
    for (const Entry& e : entries) {
      if (!e.shown.protocol.empty()) out.push_back(e.shown);
    }
  });
  std::sort(out.begin(), out.end(), [](const RouteEntry& a, const RouteEntry& b) {
    return std::tie(a.destination, a.next_hop, a.interface) < std::tie(b.destination, b.next_hop, b.interface);
  });
  return out;
}

void RouteTable::AddDirect(Table& table) const {
  const auto local = [&table](const Prefix& p) {
    auto& at = table[p];
    if (at.empty()) at.push_back({Direct(p, kLocalhost, kLoop), {Hop::Kind::kLocal, nullptr, {}}});
  };
  const auto broadcast = [&table](Ipv4 address) {
    auto& at = table[{address, 32}];
    if (at.empty()) at.push_back({{}, {Hop::Kind::kBroadcast, nullptr, {}}});
  };
  local({Ipv4(127, 0, 0, 0), 8});
  local({kLocalhost, 32});
  for (auto& [name, interface] : interfaces_) {
    if (!interface.usable()) continue;
    for (const Prefix& own : interface.settings.addresses) local({own.address, 32});
  }
  broadcast(Ipv4(0xffffffff));
  for (auto& [name, interface] : interfaces_) {
    if (!interface.usable()) continue;
    for (const Prefix& own : interface.settings.addresses) {
      if (own.length == 32) continue;
      auto& at = table[own.AsNetwork()];
      if (at.empty()) {
        at.push_back({Direct(own.AsNetwork(), own.address, name), {Hop::Kind::kForward, &interface, {}}});
      }
      if (own.length < 31) {
        broadcast(own.broadcast());
        broadcast(own.network());
      }
    }
  }
}

// Where a packet for the station `next_hop` leaves, by the routes of `table`; nullopt when it cannot.
std::optional<Hop> RouteTable::Follow(const Table& table, Ipv4 next_hop) const {
  for (int depth = 0; depth < kMaxRecursion; ++depth) {
    const std::vector<Entry>* found = table.Longest(next_hop);
    if (found == nullptr) return std::nullopt;
    const Entry& e = found->front();
    if (e.hop.kind != Hop::Kind::kForward) return std::nullopt;
    if (e.origin == nullptr || e.origin->next_hop.empty()) return Hop{Hop::Kind::kForward, e.hop.interface, next_hop};
    if (!e.origin->interface.empty()) return e.hop;
    next_hop = e.origin->next_hop;
  }
  return std::nullopt;
}

std::optional<Hop> RouteTable::Resolve(const Table& table, const StaticRoute& route) const {
  if (route.reject) return Hop{Hop::Kind::kReject, nullptr, {}};
  if (route.interface == "NULL0") return Hop{Hop::Kind::kBlackhole, nullptr, {}};
  if (route.interface.empty()) return Follow(table, route.next_hop);
  auto it = interfaces_.find(route.interface);
  if (it == interfaces_.end() || !it->second.usable()) return std::nullopt;
  return Hop{Hop::Kind::kForward, &it->second, route.next_hop};
}

RouteTable::Table RouteTable::Build(const std::vector<const StaticRoute*>& active) const {
  Table table;
  AddDirect(table);
  for (const StaticRoute* route : active) {
    auto& at = table[route->destination];
    const int best = at.empty() ? route->preference : at.front().shown.preference;
    if (best < route->preference) continue;
    if (best > route->preference) at.clear();
    const bool recursive = route->interface.empty() && !route->reject;
    const Hop hop = recursive ? Hop{} : Resolve(table, *route).value_or(Hop{});
    at.push_back({{route->destination, "STATIC", route->preference, 0, route->next_hop, {}}, hop, route});
  }
  return table;
}

// Rounds: each lets in the routes whose next hop the routes of the round before can reach, until nothing changes. A
// route that loses its next hop by what came in (it covers its own next hop, or two need each other) stays out: the
// rounds end, and always in the same state. What a route resolves to is decided last, against the whole table.
void RouteTable::Refresh() const {
  if (!stale_) return;
  stale_ = false;
  std::set<const StaticRoute*> out;
  std::vector<const StaticRoute*> active;
  for (;;) {
    table_ = Build(active);
    for (const StaticRoute* route : active) {
      if (!Resolve(table_, *route)) out.insert(route);
    }
    std::vector<const StaticRoute*> next;
    for (const StaticRoute& route : statics_) {
      if (!out.contains(&route) && Resolve(table_, route)) next.push_back(&route);
    }
    if (next == active) break;
    active = std::move(next);
  }
  for (const StaticRoute* route : active) {
    std::vector<Entry>* at = table_.Find(route->destination);
    const auto entry = std::find_if(at->begin(), at->end(), [route](const Entry& e) { return e.origin == route; });
    if (entry == at->end()) continue;  // a better one is in its place
    entry->hop = *Resolve(table_, *route);
    entry->shown.interface = entry->hop.interface != nullptr ? entry->hop.interface->settings.name : "NULL0";
  }
}

}  // namespace sw::device
