// What the parts of one tunnel share: its collaborators, the present moment, where effects go, and the counters.
// Not an interface of the folder: only tunnel engines hold one.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "dvpn/drop.h"
#include "dvpn/fast_path.h"
#include "dvpn/timer_queue.h"
#include "dvpn/tunnel.h"
#include "ipsec/esp.h"

namespace sw::dvpn {

// What a timer key belongs to; the low bits of the key.
enum class Owner : std::uint8_t { kRegistration = 0, kSession = 1, kMap = 2 };

class Core {
 public:
  Core(const TunnelSettings& tunnel_settings, Services collaborators);

  const TunnelSettings& settings;
  Services services;
  ipsec::Esp esp;
  TimerQueue timers;
  Counters counters;
  Time now;               // of the call that is running
  Output* out = nullptr;  // of the call that is running
  std::optional<Fault> fault;

  std::uint64_t NewKey(Owner owner) { return (++keys_ << 2) | static_cast<std::uint64_t>(owner); }
  bool Issued(std::uint64_t key, Owner to) const { return key >> 2 != 0 && key >> 2 <= keys_ && OwnerOf(key) == to; }
  static Owner OwnerOf(std::uint64_t key) { return static_cast<Owner>(key & 3); }

  void Count(Drop why) {
    ++drops_[static_cast<std::size_t>(why)];
    moved_[static_cast<std::size_t>(why)] = now;
  }
  // A control message from `from` was refused; says so when somebody traces control packets.
  void Refuse(Drop why, Endpoint from);
  std::uint64_t dropped(Drop why) const { return drops_[static_cast<std::size_t>(why)]; }
  void ResetStatistics();
  template <typename State>
  void Fields(State& state);      // counters, and which keys were given; dvpn/tunnel_state.cc
  Counters all_counters() const;  // with what data-path workers counted
  std::vector<Tunnel::NamedCount> drop_counters() const;

  void Send(Endpoint to, ByteView datagram, bool dont_fragment = false);  // a control message
  void Dump(Endpoint peer, ByteView datagram);                            // for `debugging dvpn hexadecimal`
  void Note(Topic topic, What what, std::string peer, std::string text, const MapInfo* map = nullptr,
            const SessionInfo* session = nullptr);
  void Step(int step, bool sent, std::string peer, std::string text);
  // Whether the operator of a lab wants the message of this step refused where it arrives.
  bool FaultAt(int step) const { return fault && fault->kind == Fault::Kind::kRefuse && fault->step == step; }
  bool FaultOnArrival(ByteView datagram) const;  // or lost or spoilt
  bool Wants(Topic topic) const { return services.events.Wants(topic); }

 private:
  std::uint64_t keys_ = 0;
  std::array<std::uint64_t, kDropReasons> drops_{};
  std::array<Time, kDropReasons> moved_{};                      // when each of them was counted last
  FastPath::Sums fast_reset_;                                   // what workers had counted at the last reset
  std::array<std::uint64_t, ipsec::kDropReasons> esp_reset_{};  // what the ESP layer had counted at the last reset
};

}  // namespace sw::dvpn
