#include "device/gre/host.h"

#include <algorithm>

namespace sw::device {
namespace {

constexpr int kUsualMtu = 1500;  // of a way that is not known yet
// What comes in must fit into a Packet with its outer headers.
constexpr int kMaxOuter = static_cast<int>(Packet::kRoom - Packet::kHeadroom);

}  // namespace

void GreHost::Configure(const std::string& name, TunnelPort& port, const Result<GreSettings>& settings) {
  auto found = tunnels_.find(name);
  if (found == tunnels_.end()) {
    const auto first_id = static_cast<std::uint16_t>(services_.random.U32());
    found =
        tunnels_.try_emplace(name, port, services_.platform, first_id, [this, name] { OnTimer(*tunnels_.find(name)); })
            .first;
  }
  Named& one = *found;
  Tunnel& tunnel = one.second;
  tunnel.port = &port;
  tunnel.why_down = settings.ok() ? "" : settings.why();
  const std::optional<GreSettings>& before = tunnel.engine.settings();
  if (settings.ok() ? before == *settings : !before) return;
  Forget(one);
  tunnel.ends = settings.ok() ? std::optional(Ends(settings->local, settings->remote)) : std::nullopt;
  if (tunnel.ends) ends_.insert_or_assign(*tunnel.ends, &one);
  OpenOrClose();
  const bool runs = settings.ok() && port_ != nullptr;
  tunnel.engine.Configure(services_.platform.scheduler().now(), runs ? std::optional(*settings) : std::nullopt);
  tunnel.answered = tunnel.engine.answered();
  tunnel.timer.Follow(tunnel.engine.deadline());
}

void GreHost::Remove(const std::string& name) {
  const auto found = tunnels_.find(name);
  if (found == tunnels_.end()) return;
  Forget(*found);
  tunnels_.erase(found);
  OpenOrClose();
}

void GreHost::Forget(const Named& one) {
  const auto end = one.second.ends ? ends_.find(*one.second.ends) : ends_.end();
  if (end != ends_.end() && end->second == &one) ends_.erase(end);
}

void GreHost::OpenOrClose() {
  if (ends_.empty()) return port_.reset();
  if (port_ != nullptr) return;
  auto opened = services_.platform.OpenRawIp(kProtocolGre, [this](std::vector<PacketPtr>& burst) { Received(burst); });
  if (opened.ok()) {
    port_ = std::move(*opened);
    return;
  }
  for (const auto& [end, one] : ends_) one->second.why_down = opened.why();
}

bool GreHost::Runs(const std::string& name) const {
  const auto found = tunnels_.find(name);
  return found != tunnels_.end() && found->second.engine.settings().has_value();
}

// Through tunnels of ours as far as they lead: more steps than there are tunnels are a circle.
GreHost::Way GreHost::WayOf(const GreSettings& settings) const {
  Way out;
  if (!services_.platform.HasAddress(settings.local)) {
    out.why = "source " + settings.local.ToString() + " is not an address of this device";
    return out;
  }
  Ipv4 to = settings.remote;
  for (std::size_t step = 0; step <= tunnels_.size(); ++step) {
    const std::optional<Exit> exit = services_.platform.ExitTo(to);
    if (!exit) {
      out.why = "no route to destination " + to.ToString();
      return out;
    }
    if (step == 0) out.mtu = exit->mtu;
    const auto next = tunnels_.find(exit->interface);
    if (next == tunnels_.end() || !next->second.engine.settings()) {
      out.way = GreWay::kOpen;
      return out;
    }
    to = next->second.engine.settings()->remote;
  }
  out.way = GreWay::kIntoItself;
  out.why = "the route to destination " + settings.remote.ToString() + " leads into a tunnel that needs it";
  return out;
}

void GreHost::Forward(const std::string& name, std::vector<PacketPtr>& burst) {
  const auto found = tunnels_.find(name);
  if (found == tunnels_.end()) return burst.clear();
  Tunnel& tunnel = found->second;
  const GreWay way = tunnel.engine.settings() ? WayOf(*tunnel.engine.settings()).way : GreWay::kNone;
  tunnel.engine.Forward(services_.platform.scheduler().now(), way, burst, out_);
  Flush(*found);
}

// The tunnel between these ends; with another remote end the first one of the local end, which counts the packet.
GreHost::Named* GreHost::Find(Ipv4 local, Ipv4 remote) {
  if (const auto exact = ends_.find({local, remote}); exact != ends_.end()) return exact->second;
  const auto near = ends_.lower_bound({local, Ipv4()});
  if (near != ends_.end() && near->first.first == local) near->second->second.engine.CountDrops(GreDrop::kSource, 1);
  return nullptr;
}

void GreHost::Received(std::vector<PacketPtr>& burst) {
  const Time now = services_.platform.scheduler().now();
  Named* last = nullptr;
  for (PacketPtr& packet : burst) {
    const auto outer = hal::ParseIpv4(packet->data());
    Named* one = outer ? Find(outer->destination, outer->source) : nullptr;
    if (one == nullptr) continue;
    if (last != nullptr && last != one) Flush(*last);
    last = one;
    one->second.engine.Receive(now, std::move(packet), out_);
  }
  burst.clear();
  if (last != nullptr) Flush(*last);
}

void GreHost::Flush(Named& one) {
  Tunnel& tunnel = one.second;
  GreOutput out = std::exchange(out_, {});
  if (!out.sent.empty()) {
    const std::size_t refused = port_ == nullptr ? out.sent.size() : port_->Send(out.sent);
    tunnel.engine.CountDrops(GreDrop::kRefused, refused);
  }
  if (!out.delivered.empty()) tunnel.port->Deliver(out.delivered);
  tunnel.timer.Follow(tunnel.engine.deadline());
  if (tunnel.engine.answered() == tunnel.answered) return;
  tunnel.answered = tunnel.engine.answered();
  services_.line_changed(one.first, tunnel.answered);
}

void GreHost::OnTimer(Named& one) {
  one.second.engine.OnTimer(services_.platform.scheduler().now(), out_);
  Flush(one);
}

std::optional<GreView> GreHost::View(const std::string& name) const {
  const auto found = tunnels_.find(name);
  if (found == tunnels_.end()) return std::nullopt;
  const GreTunnel& engine = found->second.engine;
  const Time now = services_.platform.scheduler().now();
  GreView out{found->second.why_down, engine.settings(), engine.counters(), engine.input().At(now),
              engine.output().At(now)};
  if (!engine.settings()) return out;
  if (!engine.answered()) {
    out.why_down = std::to_string(engine.settings()->keepalive->times) + " keepalives were not answered";
  } else {
    out.why_down = WayOf(*engine.settings()).why;
  }
  return out;
}

bool GreHost::Answered(const std::string& name) const {
  const auto found = tunnels_.find(name);
  return found == tunnels_.end() || found->second.engine.answered();
}

std::optional<int> GreHost::Mtu(const std::string& name, int configured) const {
  const auto found = tunnels_.find(name);
  if (found == tunnels_.end() || !found->second.engine.settings()) return std::nullopt;
  const GreSettings& settings = *found->second.engine.settings();
  const int overhead = static_cast<int>(settings.overhead());
  if (configured != 0) return std::min(configured, kMaxOuter - overhead);
  const Way way = WayOf(settings);
  return (way.way == GreWay::kOpen ? std::min(way.mtu, kMaxOuter) : kUsualMtu) - overhead;
}

void GreHost::ResetCounters(const std::string& name) {
  if (const auto found = tunnels_.find(name); found != tunnels_.end()) found->second.engine.ResetCounters();
}

}  // namespace sw::device
