// Who owns an incoming control channel or SA; and, by peer, how far the setup channel of the last session that is gone
// had counted. One a peer is enough: a pair gets another secret when one of its maps is another, and never an earlier
// one again.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "dvpn/constants.h"
#include "dvpn/control_channel.h"
#include "ipsec/esp.h"

namespace sw::dvpn {

class Session;

// Bounded: the peer that was kept longest ago goes first. No keys are held.
class RememberedChannels {
 public:
  explicit RememberedChannels(std::size_t most) : most_(most) {}

  // What the channel `id` with `peer` had counted, which is forgotten here.
  std::optional<ControlChannel::Counters> Take(Ipv4 peer, std::uint64_t id);
  // `session`: its key. Of two sessions with one peer the later one counts, whichever ends first.
  void Keep(Ipv4 peer, std::uint64_t session, std::uint64_t id, ControlChannel::Counters counters);
  void Clear();
  template <typename State>
  void Fields(State& state);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t session, id;
    ControlChannel::Counters counters;
    std::list<Ipv4>::iterator place;
  };
  const std::size_t most_;
  std::unordered_map<Ipv4, Entry> entries_;
  std::list<Ipv4> order_;  // of those in `entries_`, the oldest first
};

struct SessionIndex {
  std::unordered_map<std::uint64_t, Session*> by_channel;
  std::unordered_map<ipsec::SaId, Session*> by_sa;
  RememberedChannels remembered{kMaxRemembered};
};

}  // namespace sw::dvpn
