#include "device/linux/kernel_routes.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <limits>
#include <tuple>

namespace sw::device {

using hal::KernelRoute;
using hal::kOurProtocol;

namespace {

StaticRoute Normal(StaticRoute route) {
  route.destination = route.destination.AsNetwork();
  return route;
}

// Whether another route must lead to its next hop.
bool NeedsWay(const StaticRoute& route) {
  return route.interface.empty() && !route.reject;
}

struct ProtocolName {
  std::uint8_t protocol;
  const char* name;
};
// linux/rtnetlink.h; those of routing daemons under the name Comware gives the protocol, where it has one.
constexpr ProtocolName kProtocols[] = {{kOurProtocol, "STATIC"},  {RTPROT_KERNEL, "DIRECT"}, {RTPROT_BOOT, "KERNEL"},
                                       {RTPROT_STATIC, "STATIC"}, {RTPROT_RA, "RA"},         {RTPROT_ZEBRA, "ZEBRA"},
                                       {RTPROT_BIRD, "BIRD"},     {RTPROT_DHCP, "DHCP"},     {RTPROT_BABEL, "BABEL"},
                                       {RTPROT_BGP, "BGP"},       {RTPROT_ISIS, "ISIS"},     {RTPROT_OSPF, "OSPF"},
                                       {RTPROT_RIP, "RIP"},       {RTPROT_EIGRP, "EIGRP"},   {RTPROT_REDIRECT, "ICMP"}};

std::string NameOf(std::uint8_t protocol) {
  for (const ProtocolName& p : kProtocols) {
    if (p.protocol == protocol) return p.name;
  }
  return "PROTO" + std::to_string(protocol);
}

}  // namespace

Status KernelRoutes::Add(const StaticRoute& route) {
  SW_TRY(Check(route));
  if (!route.next_hop.empty() && mirror_.IsLocal(route.next_hop)) {
    return {Code::kBadValue, route.next_hop.ToString() + " is an address of this device"};
  }
  const StaticRoute normal = Normal(route);
  const Place place{normal.destination, normal.preference};
  const bool added = wanted_.insert(normal).second;
  if (NeedsWay(normal)) by_next_hop_.emplace(normal.next_hop, place);
  Status status = Reconcile({place}, place);
  if (!status.ok() && added) (void)Forget(normal);
  return status;
}

Status KernelRoutes::Remove(const StaticRoute& route) {
  SW_TRY(Check(route));
  const StaticRoute normal = Normal(route);
  SW_TRY(Forget(normal));
  const Place place{normal.destination, normal.preference};
  (void)Reconcile({place}, place);
  return {};
}

Status KernelRoutes::Forget(const StaticRoute& route) {
  if (wanted_.erase(route) == 0) return {Code::kNotFound, "no static route to " + route.destination.ToString()};
  if (NeedsWay(route)) by_next_hop_.erase({route.next_hop, {route.destination, route.preference}});
  return {};
}

// nullopt: out of reach for now. A next hop behind another gateway is resolved to that gateway, as the kernel takes
// only neighbours. A route that would cover the way to its own next hop is out of reach for good.
std::optional<KernelRoute> KernelRoutes::Resolve(const StaticRoute& r) const {
  KernelRoute out;
  out.destination = r.destination;
  out.protocol = kOurProtocol;
  out.metric = static_cast<std::uint32_t>(r.preference);
  if (r.reject || r.interface == "NULL0") {
    out.type = r.reject ? KernelRoute::Type::kUnreachable : KernelRoute::Type::kBlackhole;
    return out;
  }
  if (!r.interface.empty()) {
    const auto link = hooks_.link_of(r.interface);
    const hal::KernelLink* known = link ? mirror_.Link(*link) : nullptr;
    if (known == nullptr || !known->up) return std::nullopt;
    out.hops = {{*link, r.next_hop}};
    return out;
  }
  const KernelRoute* way = mirror_.Best(r.next_hop);
  if (way == nullptr || way->type != KernelRoute::Type::kUnicast || way->hops.empty()) return std::nullopt;
  const bool direct = way->protocol != kOurProtocol && way->hops.front().gateway.empty();
  const int shortest = r.destination.length + (direct ? 0 : 1);
  if (r.destination.Contains(r.next_hop) && way->destination.length < shortest) return std::nullopt;
  const KernelRoute::Hop& hop = way->hops.front();
  out.hops = {{hop.link, hop.gateway.empty() ? r.next_hop : hop.gateway}};
  return out;
}

std::optional<KernelRoute> KernelRoutes::Desired(const Place& place) const {
  std::optional<KernelRoute> out;
  const auto& [destination, preference] = place;
  for (auto at = wanted_.lower_bound(StaticRoute{destination, {}, {}, std::numeric_limits<int>::min(), false});
       at != wanted_.end() && at->destination == destination; ++at) {
    if (at->preference != preference) continue;
    const std::optional<KernelRoute> route = Resolve(*at);
    if (!route) continue;
    if (!out || route->type != KernelRoute::Type::kUnicast) {
      if (!out) out = route;
      continue;
    }
    // A next hop beats a drop; several share the load.
    out->type = KernelRoute::Type::kUnicast;
    if (std::ranges::find(out->hops, route->hops.front()) == out->hops.end()) out->hops.push_back(route->hops.front());
  }
  return out;
}

Status KernelRoutes::Install(const Place& place, const KernelRoute& route) {
  const KernelRoute* there = mirror_.At(route);
  if (there != nullptr && there->protocol != kOurProtocol) {
    return {Code::kExists, route.destination.ToString() + ": another program has a route with this preference"};
  }
  if (there == nullptr || !(*there == route)) {
    using IfThere = hal::Netlink::IfThere;
    found_.Note(Found::Route(place.first, place.second), {});
    SW_TRY(netlink_.AddRoute(route, there != nullptr ? IfThere::kReplace : IfThere::kFail));
    SW_TRY(mirror_.Poll().status());
  }
  (void)found_.Claim(Found::Route(place.first, place.second));
  installed_[place] = route;
  return {};
}

void KernelRoutes::PutBack(const std::string& note) {
  for (const KernelRoute& route : mirror_.routes())
    if (route.protocol == kOurProtocol && Found::Route(route.destination, static_cast<int>(route.metric)) == note)
      (void)netlink_.RemoveRoute(route);
}

void KernelRoutes::Reconcile() {
  std::set<Place> all;
  for (const StaticRoute& route : wanted_) all.emplace(route.destination, route.preference);
  for (const auto& [place, route] : installed_) all.insert(place);
  (void)Reconcile(std::move(all), {});
}

Result<bool> KernelRoutes::Follow(const Place& place) {
  const std::optional<KernelRoute> desired = Desired(place);
  const auto installed = installed_.find(place);
  if (!desired) {
    if (installed == installed_.end()) return false;
    (void)netlink_.RemoveRoute(installed->second);  // the kernel may have dropped it together with its link
    found_.Drop(Found::Route(place.first, place.second));
    installed_.erase(installed);
    (void)mirror_.Poll();
    return true;
  }
  const KernelRoute* there = mirror_.At(*desired);
  if (installed != installed_.end() && there != nullptr && *there == *desired) return false;
  const bool taken = installed != installed_.end() && installed->second == *desired && there == nullptr;
  if (taken && !hooks_.may_mend("route to " + place.first.ToString())) return false;
  const Status done = Install(place, *desired);
  // Out of reach after all: the kernel knows better, and will be asked again.
  if (done.code() == Code::kUnsupported || done.code() == Code::kNotFound) return false;
  if (!done.ok()) return done;
  return true;
}

// One route may be the way to the next hop of another: again until nothing moves.
Status KernelRoutes::Reconcile(std::set<Place> places, const Place& watched) {
  constexpr int kRounds = 8;
  Status status;
  for (int round = 0; round < kRounds && !places.empty(); ++round) {
    std::set<Place> behind;
    for (const Place& place : places) {
      const Result<bool> moved = Follow(place);
      if (!moved.ok() && place == watched) status = moved.status();
      if (!moved.ok() || !*moved) continue;
      for (auto at = by_next_hop_.lower_bound({place.first.network(), {}});
           at != by_next_hop_.end() && place.first.Contains(at->first); ++at)
        behind.insert(at->second);
    }
    places = std::move(behind);
  }
  return status;
}

void KernelRoutes::RemoveAll() {
  wanted_.clear();
  by_next_hop_.clear();
  Reconcile();
}

std::vector<RouteEntry> ShownRoutes(const hal::RouteMirror& mirror, const std::function<std::string(int)>& name_of) {
  constexpr char kLoop[] = "InLoopBack0";
  constexpr Ipv4 kLocalhost(127, 0, 0, 1);
  std::vector<RouteEntry> out = {{{Ipv4(127, 0, 0, 0), 8}, "DIRECT", 0, 0, kLocalhost, kLoop},
                                 {{kLocalhost, 32}, "DIRECT", 0, 0, kLocalhost, kLoop}};
  for (const hal::KernelAddress& a : mirror.addresses()) {
    const hal::KernelLink* link = mirror.Link(a.link);
    if (a.prefix.address.loopback() || link == nullptr || !link->up) continue;
    out.push_back({{a.prefix.address, 32}, "DIRECT", 0, 0, kLocalhost, kLoop});
  }
  std::map<Prefix, std::uint32_t> best;
  const std::vector<KernelRoute> routes = mirror.routes();
  for (const KernelRoute& r : routes) {
    const auto [it, first] = best.emplace(r.destination, r.metric);
    if (!first) it->second = std::min(it->second, r.metric);
  }
  for (const KernelRoute& r : routes) {
    if (r.metric != best.at(r.destination)) continue;
    // The kernel has one number where Comware has preference and cost: our own is the preference.
    const bool ours = r.protocol == kOurProtocol;
    RouteEntry entry{
        r.destination, NameOf(r.protocol), ours ? static_cast<int>(r.metric) : 0, ours ? 0 : r.metric, {}, {}};
    if (r.hops.empty() && r.type != KernelRoute::Type::kUnicast) {
      entry.interface = "NULL0";
      out.push_back(entry);
    }
    for (const KernelRoute::Hop& hop : r.hops) {
      entry.next_hop = hop.gateway.empty() ? r.source : hop.gateway;
      entry.interface = name_of(hop.link);
      out.push_back(entry);
    }
  }
  const auto key = [](const RouteEntry& e) { return std::tie(e.destination, e.next_hop, e.interface); };
  std::sort(out.begin(), out.end(), [&key](const RouteEntry& a, const RouteEntry& b) { return key(a) < key(b); });
  out.erase(std::unique(out.begin(), out.end(),
                        [&key](const RouteEntry& a, const RouteEntry& b) { return key(a) == key(b); }),
            out.end());
  return out;
}

}  // namespace sw::device
