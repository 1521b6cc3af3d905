#include "hal/ports/virtual_link.h"

#include <utility>

namespace sw::hal {

VirtualLink::Port::Port(VirtualLink& link, std::uint32_t id, const Impairment& cable, Receive receive)
    : link_(link), id_(id), cable_(cable), receive_(std::make_shared<Receive>(std::move(receive))) {}

VirtualLink::Port::~Port() {
  SetStations({});
  link_.ports_.erase(id_);
}

void VirtualLink::Port::SetStations(const std::vector<Station>& stations) {
  for (const auto& [vlan, address] : stations_) link_.claims_.erase({vlan, address, id_});
  stations_.clear();
  for (const Station& s : stations) {
    stations_.emplace(s.vlan, s.address);
    link_.claims_.insert({s.vlan, s.address, id_});
  }
}

void VirtualLink::Port::ChangeStations(std::uint16_t vlan, const std::vector<Ipv4>& before,
                                       const std::vector<Ipv4>& now) {
  for (const Ipv4 address : before) {
    stations_.erase({vlan, address});
    link_.claims_.erase({vlan, address, id_});
  }
  for (const Ipv4 address : now) {
    stations_.emplace(vlan, address);
    link_.claims_.insert({vlan, address, id_});
  }
}

void VirtualLink::Port::Send(Frame frame) {
  link_.Send(*this, std::move(frame));
}

VirtualLink::VirtualLink(Scheduler& scheduler, Random& random, PacketPool& packets)
    : scheduler_(scheduler), random_(random), packets_(packets) {}

VirtualLink::~VirtualLink() {
  scheduler_.Cancel(timer_);
}

std::unique_ptr<VirtualLink::Port> VirtualLink::Attach(const Impairment& cable, Receive receive) {
  const std::uint32_t id = ++last_port_;
  std::unique_ptr<Port> port(new Port(*this, id, cable, std::move(receive)));
  ports_.emplace(id, port.get());
  return port;
}

void VirtualLink::Send(const Port& from, Frame frame) {
  ++counters_.sent;
  if (tap_) tap_(scheduler_.now(), frame);
  if (frame.next_hop.multicast() || frame.next_hop == Ipv4(0xffffffff)) {
    for (const auto& [id, port] : ports_) {
      if (port == &from) continue;
      Frame copy{frame.next_hop, frame.vlan, packets_.Copy(frame.packet->data())};
      if (copy.packet != nullptr) Cross(from, *port, std::move(copy));
    }
    return;
  }
  auto claim = claims_.lower_bound({frame.vlan, frame.next_hop, 0});
  if (claim == claims_.end() || std::get<0>(*claim) != frame.vlan || std::get<1>(*claim) != frame.next_hop) {
    ++counters_.unclaimed;
    return;
  }
  Cross(from, *ports_.at(std::get<2>(*claim)), std::move(frame));
}

void VirtualLink::Cross(const Port& from, const Port& to, Frame frame) {
  if (Chance(from.cable_.loss) || Chance(to.cable_.loss)) {
    ++counters_.lost;
    return;
  }
  if (Chance(from.cable_.duplicate) || Chance(to.cable_.duplicate)) {
    Frame copy{frame.next_hop, frame.vlan, packets_.Copy(frame.packet->data())};
    if (copy.packet != nullptr) {
      ++counters_.duplicated;
      Enqueue(from, to, std::move(copy));
    }
  }
  Enqueue(from, to, std::move(frame));
}

void VirtualLink::Enqueue(const Port& from, const Port& to, Frame frame) {
  if (in_flight_.size() >= kMaxInFlight) {
    ++counters_.overflow;
    return;
  }
  const Duration wait = from.cable_.delay + to.cable_.delay + UpTo(from.cable_.jitter) + UpTo(to.cable_.jitter);
  in_flight_.emplace(scheduler_.now() + wait, InFlight{to.id_, std::move(frame)});
  Arm();
}

void VirtualLink::Arm() {
  const Time next = in_flight_.empty() ? Time::Never() : in_flight_.begin()->first;
  if (next >= armed_) return;
  scheduler_.Cancel(timer_);
  armed_ = next;
  timer_ = scheduler_.At(next, [this] { Deliver(); });
}

void VirtualLink::Deliver() {
  timer_ = 0;
  armed_ = Time::Never();
  // Taken out first: a receiver may send, attach and detach while it is called.
  std::vector<InFlight> due;
  const auto end = in_flight_.upper_bound(scheduler_.now());
  for (auto it = in_flight_.begin(); it != end; ++it) due.push_back(std::move(it->second));
  in_flight_.erase(in_flight_.begin(), end);
  std::vector<Frame> burst;
  for (std::size_t i = 0; i < due.size();) {
    const std::uint32_t id = due[i].port;
    burst.clear();
    for (; i < due.size() && due[i].port == id; ++i) burst.push_back(std::move(due[i].frame));
    auto port = ports_.find(id);
    if (port == ports_.end()) continue;
    counters_.delivered += burst.size();
    const std::shared_ptr<Receive> receive = port->second->receive_;
    (*receive)(burst);
  }
  Arm();
}

// Draws nothing when there is nothing to decide, so that an unimpaired link leaves the random source alone.
bool VirtualLink::Chance(double share) {
  if (share <= 0) return false;
  return static_cast<double>(random_.U32()) < share * 4294967296.0;
}

Duration VirtualLink::UpTo(Duration limit) {
  if (limit.count() <= 0) return Duration{0};
  return Duration{static_cast<Duration::rep>(random_.U64() % (static_cast<std::uint64_t>(limit.count()) + 1))};
}

}  // namespace sw::hal
