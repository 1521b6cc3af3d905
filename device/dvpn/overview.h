// DVPN as the whole device shows it and is told to reset it: over all its tunnels.
//
// Looks at the engines when it is asked and keeps nothing. Everything on the platform's scheduler thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/dvpn/info.h"
#include "device/dvpn/tunnel_host.h"
#include "device/dvpn/values.h"
#include "device/interface/values.h"
#include "dvpn/history.h"
#include "dvpn/models.h"
#include "hal/base/clock.h"
#include "hal/base/result.h"

namespace sw::device {

class DvpnOverview {
 public:
  struct Parts {  // all outlive this
    TunnelHosts& hosts;
    const DvpnConfig& config;
    const InterfacesConfig& interfaces;
    const std::string& sysname;
    dvpn::SessionHistory& history;
    Scheduler& scheduler;
  };
  explicit DvpnOverview(Parts parts) : parts_(parts) {}

  std::vector<dvpn::MapInfo> maps() const;
  std::vector<dvpn::SessionInfo> sessions() const;
  std::vector<dvpn::IpsecSaInfo> ipsec_sas() const;
  DvpnInfo info() const;                            // global
  std::optional<DvpnInfo> info(int dvpn_id) const;  // one domain; nullopt: not here

  std::vector<dvpn::SessionRecord> history();  // by domain and peer; counters of running sessions included
  void ResetHistory();                         // what is over; running sessions stay
  // Why a peer or a registration stands where it stands, line by line (dvpn/why.h). kNotFound: no such class.
  std::vector<std::string> Why() const;  // every tunnel, the worst first
  std::vector<std::string> WhyPeer(Ipv4 peer_private) const;
  std::vector<std::string> WhyPair(Ipv4 a, Ipv4 b) const;  // two clients of a server here
  Result<std::vector<std::string>> WhyClass(const std::string& dvpn_class) const;

  // Removes maps, and with them their sessions; nullopt: whatever the domain, whatever the peer.
  Status ResetMap(std::optional<int> dvpn_id, std::optional<Ipv4> peer_private);
  Status ResetSession(int dvpn_id, Ipv4 peer_private);
  void ResetStatistics();
  // For labs: what happens to the message of one step where it arrives, at every tunnel; nullopt: nothing any more.
  void InjectFault(std::optional<dvpn::Fault> fault);

 private:
  template <typename Visit>
  void EachEngine(Visit visit) const {
    for (const auto& [name, tunnel] : parts_.hosts)
      if (tunnel.engine) visit(*tunnel.engine);
  }

  Parts parts_;
};

}  // namespace sw::device
