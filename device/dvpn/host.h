// Gives a DVPN engine what it must not have itself: a UDP socket, the tunnel interface and a timer.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "device/platform.h"
#include "dvpn/fast_path.h"
#include "dvpn/tunnel.h"
#include "hal/base/deadline_timer.h"

namespace sw::device {

class DvpnHost {
 public:
  // Told why the platform's workers do not carry the traffic and the engine does, which is slower.
  using WithoutWorkers = std::function<void(const Status& why)>;
  // `port` and the services outlive the host. Fails when the settings or the UDP port are refused.
  // `saved`: what a predecessor saved, to go on with; null: it begins. kBadValue: it is not that.
  static Result<std::unique_ptr<DvpnHost>> Start(dvpn::TunnelSettings settings, Platform& platform, TunnelPort& port,
                                                 dvpn::Services services, WithoutWorkers without_workers,
                                                 const SecretBytes* saved = nullptr);
  ~DvpnHost();
  DvpnHost(const DvpnHost&) = delete;
  DvpnHost& operator=(const DvpnHost&) = delete;

  const dvpn::Tunnel& tunnel() const { return *tunnel_; }
  void Forward(std::vector<PacketPtr>& burst);  // packets routed into the tunnel interface
  // Changes that the engine takes without leaving the domain; false: start a new host with them.
  bool Adopt(const dvpn::TunnelSettings& wanted);
  SecretBytes Save() { return tunnel_->Save(scheduler_.now()); }  // as the tunnel has it
  void Leave();  // tells peers; the host is silent afterwards
  Status ResetMap(std::optional<Ipv4> peer_private);
  Status ResetSession(Ipv4 peer_private);
  void OnChange();  // configuration, a link or a route changed
  void InjectFault(std::optional<dvpn::Fault> fault) { tunnel_->InjectFault(fault); }
  void PollCrypto();  // the crypto engine may have finished something
  void ResetStatistics() { tunnel_->ResetStatistics(); }
  std::uint64_t send_errors() const { return send_errors_; }

 private:
  DvpnHost(Platform& platform, TunnelPort& port)
      : platform_(platform),
        scheduler_(platform.scheduler()),
        port_(port),
        timer_(scheduler_, [this] { PollCrypto(); }) {}
  Result<std::unique_ptr<UdpPort>> Open(Endpoint local);
  void Flush();  // sends what the engine put out, then arms its next deadline
  void OpenDataPath();

  Platform& platform_;
  Scheduler& scheduler_;
  TunnelPort& port_;
  WithoutWorkers without_workers_;
  DeadlineTimer timer_;
  std::unique_ptr<dvpn::FastPath> fast_;  // null: all traffic is the engine's
  std::unique_ptr<dvpn::Tunnel> tunnel_;
  std::unique_ptr<UdpPort> udp_;
  std::unique_ptr<DataPath> data_path_;
  dvpn::Output out_;
  std::uint64_t send_errors_ = 0;
};

}  // namespace sw::device
