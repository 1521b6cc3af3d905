#include "device/dvpn/host.h"

#include <utility>

namespace sw::device {

Result<std::unique_ptr<DvpnHost>> DvpnHost::Start(dvpn::TunnelSettings settings, Platform& platform, TunnelPort& port,
                                                  dvpn::Services services, WithoutWorkers without_workers,
                                                  const SecretBytes* saved) {
  std::unique_ptr<DvpnHost> host(new DvpnHost(platform, port));
  host->without_workers_ = std::move(without_workers);
  const Endpoint local = settings.local;
  services.wake = [self = host.get()] { self->Flush(); };  // arms the deadline, which is due
  if (const hal::EnginePlan* plan = services.crypto.per_thread(); plan != nullptr && platform.workers() != 0) {
    host->fast_ = std::make_unique<dvpn::FastPath>(platform.workers(), *plan);
    services.fast = host->fast_.get();
  }
  Result<std::unique_ptr<dvpn::Tunnel>> tunnel = dvpn::Tunnel::Create(std::move(settings), services);
  if (!tunnel.ok()) return tunnel.status();
  host->tunnel_ = std::move(*tunnel);
  Result<std::unique_ptr<UdpPort>> udp = host->Open(local);
  if (!udp.ok()) return udp.status();
  host->udp_ = std::move(*udp);
  host->OpenDataPath();
  const Time now = host->scheduler_.now();
  if (saved == nullptr) {
    host->tunnel_->Start(now, host->out_);
  } else if (!host->tunnel_->Restore(now, saved->view(), host->out_)) {
    return Status(Code::kBadValue, "what was saved of it cannot be used");
  }
  host->Flush();
  return host;
}

Result<std::unique_ptr<UdpPort>> DvpnHost::Open(Endpoint local) {
  return platform_.OpenUdp(local, [this](std::vector<dvpn::Datagram>& burst) {
    tunnel_->Receive(scheduler_.now(), burst, out_);
    Flush();
  });
}

bool DvpnHost::Adopt(const dvpn::TunnelSettings& wanted) {
  std::unique_ptr<UdpPort> before;
  if (wanted.local != tunnel_->settings().local) {
    Result<std::unique_ptr<UdpPort>> udp = Open(wanted.local);
    if (!udp.ok()) return false;
    data_path_.reset();  // it works on the port that goes
    before = std::exchange(udp_, std::move(*udp));
  }
  const bool moved = before != nullptr;
  const bool adopted = tunnel_->Adopt(scheduler_.now(), wanted, out_);
  if (!adopted && moved) udp_ = std::exchange(before, nullptr);
  before.reset();
  if (moved) OpenDataPath();
  if (!adopted) return false;
  if (fast_ != nullptr) fast_->ForgetRoutes();  // what goes by which way may be another matter now
  Flush();
  return true;
}

// Where the platform cannot, the engine carries the traffic itself.
void DvpnHost::OpenDataPath() {
  if (fast_ == nullptr) return;
  data_path_.reset();
  DataPathHandlers handlers;
  handlers.received = [this](std::vector<dvpn::Datagram>& burst) {
    tunnel_->Receive(scheduler_.now(), burst, out_);
    Flush();
  };
  handlers.to_send = [this](std::vector<PacketPtr>& burst) { Forward(burst); };
  handlers.opened = [this](std::vector<dvpn::Opened>& burst) {
    tunnel_->ReceiveOpened(scheduler_.now(), burst, out_);
    Flush();
  };
  Result<std::unique_ptr<DataPath>> path = platform_.OpenDataPath(port_, *udp_, *fast_, std::move(handlers));
  if (path.ok()) {
    data_path_ = std::move(*path);
  } else {
    without_workers_(path.status());
  }
}

DvpnHost::~DvpnHost() = default;

void DvpnHost::Forward(std::vector<PacketPtr>& burst) {
  tunnel_->Forward(scheduler_.now(), burst, out_);
  Flush();
}

void DvpnHost::Leave() {
  tunnel_->Stop(scheduler_.now(), out_);
  Flush();
  timer_.Follow(Time::Never());
}

Status DvpnHost::ResetMap(std::optional<Ipv4> peer_private) {
  Status done = tunnel_->ResetMap(scheduler_.now(), peer_private, out_);
  Flush();
  return done;
}

Status DvpnHost::ResetSession(Ipv4 peer_private) {
  Status done = tunnel_->ResetSession(scheduler_.now(), peer_private, out_);
  Flush();
  return done;
}

void DvpnHost::OnChange() {
  tunnel_->OnChange(scheduler_.now(), out_);
  Flush();
}

void DvpnHost::PollCrypto() {
  tunnel_->OnTimer(scheduler_.now(), out_);
  Flush();
}

void DvpnHost::Flush() {
  // Sending may deliver at once and come back into the engine (a lab link without delay): take the output first.
  dvpn::Output out = std::exchange(out_, {});
  if (!out.datagrams.empty()) {
    const std::size_t refused = udp_->Send(out.datagrams);
    send_errors_ += refused;
    if (refused != 0) tunnel_->OnSendFailed(scheduler_.now(), udp_->why_refused());
  }
  if (!out.delivered.empty()) port_.Deliver(out.delivered);
  if (out_.datagrams.empty() && out_.delivered.empty()) {
    out.Clear();
    out_ = std::move(out);  // keeps its room for the next burst
  }
  timer_.Follow(tunnel_->deadline());
}

}  // namespace sw::device
