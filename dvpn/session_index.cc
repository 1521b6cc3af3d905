#include "dvpn/session_index.h"

namespace sw::dvpn {

std::optional<ControlChannel::Counters> RememberedChannels::Take(Ipv4 peer, std::uint64_t id) {
  const auto known = entries_.find(peer);
  if (known == entries_.end() || known->second.id != id) return std::nullopt;
  const ControlChannel::Counters counters = known->second.counters;
  order_.erase(known->second.place);
  entries_.erase(known);
  return counters;
}

void RememberedChannels::Keep(Ipv4 peer, std::uint64_t session, std::uint64_t id, ControlChannel::Counters counters) {
  if (const auto before = entries_.find(peer); before != entries_.end()) {
    if (before->second.session > session) return;
    order_.erase(before->second.place);
    entries_.erase(before);
  }
  entries_.emplace(peer, Entry{session, id, counters, order_.insert(order_.end(), peer)});
  if (entries_.size() <= most_) return;
  entries_.erase(order_.front());
  order_.pop_front();
}

void RememberedChannels::Clear() {
  entries_.clear();
  order_.clear();
}

}  // namespace sw::dvpn
