// Who had a session with this device and when: one row per domain and peer, kept for some hours after the last session
// ended (MIB SessionHistoryTable). Bounded: the row that is offline for longest makes room.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dvpn/constants.h"
#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "hal/base/dvpn_ranges.h"

namespace sw::dvpn {

struct SessionRecord {
  int dvpn_id = 0;
  Ipv4 peer_private;
  std::string peer_device_id;
  std::uint64_t sent_packets = 0, received_packets = 0;  // of sessions that have ended
  std::uint32_t online_number = 0;                       // how often it came up
  Time first_up, last_up, last_down;                     // last_down: meaningless while it never went down
  bool online = false, was_down = false;

  template <typename State>
  void Fields(State& state) {
    state(dvpn_id, peer_private, peer_device_id, sent_packets, received_packets, online_number, first_up, last_up);
    state(last_down, online, was_down);
  }
};

class SessionHistory {
 public:
  void SetAge(Duration age) { age_ = age; }
  void Up(Time now, int dvpn_id, Ipv4 peer, const std::string& device_id);
  void Down(Time now, int dvpn_id, Ipv4 peer, std::uint64_t sent_packets, std::uint64_t received_packets);
  std::vector<SessionRecord> List(Time now);  // by domain and peer
  void Reset();                               // rows of sessions that are up stay
  std::size_t size() const { return rows_.size(); }
  template <typename State>
  void Fields(State& state) {
    state(rows_);
    if constexpr (!State::kReads) return;
    if (rows_.size() > kMaxHistory) state.Refuse();
    offline_.clear();
    for (const auto& [key, row] : rows_)
      if (!row.online) offline_.emplace(row.last_down, key);
  }

 private:
  using Key = std::pair<int, Ipv4>;
  void Expire(Time now);

  Duration age_ = std::chrono::hours(kHistoryAge.preset);
  std::map<Key, SessionRecord> rows_;
  std::set<std::pair<Time, Key>> offline_;  // by the time they went down
};

}  // namespace sw::dvpn
