// A lab link: one segment that joins any number of ports, without Ethernet and without ARP.
//
// A frame is an IP packet together with the IPv4 address of the station it is meant for: the sender's routing
// already knows it, so nothing needs to be asked or cached. A port announces the addresses it answers for; a unicast
// frame goes to the first port that holds the address, a frame for a multicast or the limited broadcast address to
// every other port. VLAN tags are kept: each VLAN is a segment of its own.
//
// Every port hangs on a cable with its own impairments; a frame crosses the sender's cable and the receiver's.
// Jitter reorders. Frames arrive by the scheduler, never inside Send, in order of their time and then of sending, so a
// run is a pure function of its inputs and the random source. One thread. Scheduler, random source and packet pool
// outlive the link, the link its ports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "hal/base/packet.h"
#include "hal/base/random.h"

namespace sw::hal {

struct Impairment {
  Duration delay{0};
  Duration jitter{0};    // each frame waits up to this much longer
  double loss = 0;       // 0..1, share of frames
  double duplicate = 0;  // 0..1, share of frames that arrive twice
};

struct Frame {
  Ipv4 next_hop;
  std::uint16_t vlan = 0;  // 0: untagged
  PacketPtr packet;
};

class VirtualLink {
 public:
  static constexpr std::size_t kMaxInFlight = 65536;  // frames; what comes on top is lost, as in a full queue

  using Receive = std::function<void(std::vector<Frame>& burst)>;
  using Tap = std::function<void(Time sent, const Frame& frame)>;
  struct Station {
    std::uint16_t vlan = 0;
    Ipv4 address;
  };
  struct Counters {
    std::uint64_t sent = 0, delivered = 0;
    std::uint64_t lost = 0;  // by impairment
    std::uint64_t duplicated = 0;
    std::uint64_t unclaimed = 0;  // nobody holds the next hop
    std::uint64_t overflow = 0;
  };

  class Port {
   public:
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    void SetStations(const std::vector<Station>& stations);  // replaces what was announced before
    // Of one VLAN, whose addresses before and now these are; others stay.
    void ChangeStations(std::uint16_t vlan, const std::vector<Ipv4>& before, const std::vector<Ipv4>& now);
    void SetCable(const Impairment& cable) { cable_ = cable; }
    void Send(Frame frame);

   private:
    friend class VirtualLink;
    Port(VirtualLink& link, std::uint32_t id, const Impairment& cable, Receive receive);
    VirtualLink& link_;
    const std::uint32_t id_;
    Impairment cable_;
    std::shared_ptr<Receive> receive_;  // shared: a receiver may drop its own port
    std::set<std::pair<std::uint16_t, Ipv4>> stations_;
  };

  VirtualLink(Scheduler& scheduler, Random& random, PacketPool& packets);
  ~VirtualLink();
  VirtualLink(const VirtualLink&) = delete;
  VirtualLink& operator=(const VirtualLink&) = delete;

  std::unique_ptr<Port> Attach(const Impairment& cable, Receive receive);
  void SetTap(Tap tap) { tap_ = std::move(tap); }  // sees every frame as it is sent, before impairments
  const Counters& counters() const { return counters_; }

 private:
  struct InFlight {
    std::uint32_t port;
    Frame frame;
  };
  using Claim = std::tuple<std::uint16_t, Ipv4, std::uint32_t>;  // VLAN, address, port

  void Send(const Port& from, Frame frame);
  void Cross(const Port& from, const Port& to, Frame frame);
  void Enqueue(const Port& from, const Port& to, Frame frame);
  void Arm();
  void Deliver();
  bool Chance(double share);
  Duration UpTo(Duration limit);

  Scheduler& scheduler_;
  Random& random_;
  PacketPool& packets_;
  Tap tap_;
  Counters counters_;
  std::map<std::uint32_t, Port*> ports_;
  std::uint32_t last_port_ = 0;
  std::set<Claim> claims_;
  std::multimap<Time, InFlight> in_flight_;
  Scheduler::TimerId timer_ = 0;
  Time armed_ = Time::Never();
};

}  // namespace sw::hal
