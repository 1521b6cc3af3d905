#include "dvpn/server_map.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sw::dvpn {
namespace {

template <typename Index, typename Key>
Map* Look(const Index& index, const Key& key) {
  const auto it = index.find(key);
  return it == index.end() ? nullptr : &*it->second;
}
template <typename Index, typename Key>
void Forget(Index& index, const Key& key, const Map& map) {
  const auto it = index.find(key);
  if (it != index.end() && it->second == &map) index.erase(it);
}

}  // namespace

MapInfo InfoOf(const Map& map, const TunnelSettings& tunnel, int dvpn_id) {
  MapInfo info;
  info.control_id = map.control_id;
  info.suite = map.suite->number;
  info.dvpn_id = map.finished() ? dvpn_id : 0;
  info.tunnel = tunnel.name;
  info.peer_private = map.private_address;
  info.local_private = tunnel.address.address;
  info.peer_public = map.endpoint;
  info.local_public = tunnel.local;
  info.peer_device_id = map.device_id;
  info.user_name = map.user_name;
  info.state = map.state();
  info.type = CommunicateType::kServerToClient;
  info.built = map.built;
  info.trail = map.trail;
  info.trail.timer_at = map.ages_at;
  if (map.ages_at != Time::Never()) info.trail.timer = map.finished() ? "time to open the session" : "map age-time";
  return info;
}

Map& MapTable::Add(std::unique_ptr<Map> made) {
  Map& map = *made;
  by_request_.emplace(map.request, &map);
  by_channel_.emplace(map.channel->id(), &map);
  by_nonce_.emplace(Load64(map.nonce.data()), &map);
  maps_.emplace(map.key, std::move(made));
  return map;
}

void MapTable::Erase(Map& map) {
  Forget(by_request_, map.request, map);
  Forget(by_channel_, map.channel->id(), map);
  const auto [first, last] = by_nonce_.equal_range(Load64(map.nonce.data()));
  for (auto it = first; it != last; it = it->second == &map ? by_nonce_.erase(it) : std::next(it)) {
  }
  Forget(by_private_, map.private_address, map);
  maps_.erase(map.key);
}

Map* MapTable::Find(std::uint64_t key) const {
  return Look(maps_, key);
}
Map* MapTable::OfPrivate(Ipv4 address) const {
  return Look(by_private_, address);
}
Map* MapTable::OfRequest(std::uint64_t digest) const {
  return Look(by_request_, digest);
}
Map* MapTable::OfChannel(std::uint64_t channel) const {
  return Look(by_channel_, channel);
}
std::vector<Map*> MapTable::OfNonce(const wire::Nonce& nonce) const {
  std::vector<Map*> out;
  const auto [first, last] = by_nonce_.equal_range(Load64(nonce.data()));
  for (auto it = first; it != last; ++it)
    if (it->second->nonce == nonce) out.push_back(it->second);
  return out;
}

std::vector<const Map*> MapTable::all() const {
  std::vector<const Map*> out;
  out.reserve(maps_.size());
  for (const auto& [key, map] : maps_) out.push_back(map.get());
  std::ranges::sort(out, {}, [](const Map* m) { return std::tuple(!m->finished(), m->private_address, m->key); });
  return out;
}

}  // namespace sw::dvpn
