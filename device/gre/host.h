// Gives the GRE engines of a device what they must not have themselves: the IP port, which they share, their tunnel
// interfaces, timers and the way to their destinations.
//
// The IP port is open while a tunnel runs. Packets whose route leads into the tunnels again are dropped: their headers
// would have no end. Everything on the platform's scheduler thread. Services outlive the host.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/gre/gre_tunnel.h"
#include "device/platform.h"
#include "hal/base/deadline_timer.h"
#include "hal/base/random.h"
#include "hal/base/result.h"

namespace sw::device {

class GreHost {
 public:
  struct Services {
    Platform& platform;
    Random& random;
    // The keepalives of a tunnel were answered again, or are not any more.
    std::function<void(const std::string& name, bool up)> line_changed;
  };
  explicit GreHost(Services services) : services_(std::move(services)) {}
  GreHost(const GreHost&) = delete;
  GreHost& operator=(const GreHost&) = delete;

  // The interface `name`, whose port this is, is a GRE tunnel from now on; with its settings, or why it does not run.
  void Configure(const std::string& name, TunnelPort& port, const Result<GreSettings>& settings);
  void Remove(const std::string& name);                                  // before its port goes
  void Forward(const std::string& name, std::vector<PacketPtr>& burst);  // what was routed into the interface
  bool Runs(const std::string& name) const;

  // nullopt: the interface is no GRE tunnel.
  std::optional<GreView> View(const std::string& name) const;
  bool Answered(const std::string& name) const;  // false: keepalives say that the interface is to carry nothing
  // Of the interface, by the way as it is now, or `configured`, if that is not 0, as far as packets have room. nullopt:
  // no GRE tunnel that runs.
  std::optional<int> Mtu(const std::string& name, int configured) const;
  void ResetCounters(const std::string& name);

 private:
  using Ends = std::pair<Ipv4, Ipv4>;  // local and remote address
  struct Tunnel {
    Tunnel(TunnelPort& p, Platform& platform, std::uint16_t first_id, std::function<void()> due)
        : port(&p), engine(platform.packets(), first_id), timer(platform.scheduler(), std::move(due)) {}
    TunnelPort* port;
    GreTunnel engine;
    std::string why_down;
    std::optional<Ends> ends;  // while it could run
    DeadlineTimer timer;
    bool answered = true;  // as it was told
  };
  struct Way {
    GreWay way = GreWay::kNone;
    int mtu = 0;  // of the link, when there is one
    std::string why;
  };
  using Named = std::pair<const std::string, Tunnel>;
  Way WayOf(const GreSettings& settings) const;
  void OpenOrClose();
  void Forget(const Named& one);  // its ends
  void Received(std::vector<PacketPtr>& burst);
  Named* Find(Ipv4 local, Ipv4 remote);
  void Flush(Named& one);
  void OnTimer(Named& one);

  Services services_;
  std::map<std::string, Tunnel> tunnels_;
  std::map<Ends, Named*> ends_;  // those that could run
  std::unique_ptr<RawIpPort> port_;
  GreOutput out_;
};

}  // namespace sw::device
