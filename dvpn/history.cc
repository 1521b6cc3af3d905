#include "dvpn/history.h"

#include "dvpn/constants.h"

namespace sw::dvpn {

void SessionHistory::Up(Time now, int dvpn_id, Ipv4 peer, const std::string& device_id) {
  Expire(now);
  const Key key{dvpn_id, peer};
  const auto [it, fresh] = rows_.try_emplace(key);
  SessionRecord& row = it->second;
  if (fresh) {
    row.dvpn_id = dvpn_id;
    row.peer_private = peer;
    row.first_up = now;
    if (rows_.size() > kMaxHistory && !offline_.empty()) {
      rows_.erase(offline_.begin()->second);
      offline_.erase(offline_.begin());
    }
  } else if (!row.online) {
    offline_.erase({row.last_down, key});
  }
  row.peer_device_id = device_id;
  row.last_up = now;
  row.online = true;
  ++row.online_number;
}

void SessionHistory::Down(Time now, int dvpn_id, Ipv4 peer, std::uint64_t sent_packets,
                          std::uint64_t received_packets) {
  const Key key{dvpn_id, peer};
  const auto it = rows_.find(key);
  if (it == rows_.end() || !it->second.online) return;
  SessionRecord& row = it->second;
  row.sent_packets += sent_packets;
  row.received_packets += received_packets;
  row.last_down = now;
  row.online = false;
  row.was_down = true;
  offline_.emplace(now, key);
}

std::vector<SessionRecord> SessionHistory::List(Time now) {
  Expire(now);
  std::vector<SessionRecord> out;
  out.reserve(rows_.size());
  for (const auto& [key, row] : rows_) out.push_back(row);
  return out;
}

void SessionHistory::Reset() {
  for (const auto& [when, key] : offline_) rows_.erase(key);
  offline_.clear();
}

void SessionHistory::Expire(Time now) {
  while (!offline_.empty() && now >= offline_.begin()->first + age_) {
    rows_.erase(offline_.begin()->second);
    offline_.erase(offline_.begin());
  }
}

}  // namespace sw::dvpn
