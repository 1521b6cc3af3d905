// A DVPN tunnel engine on a real UDP socket and the real clock, without interface or routes of the kernel: many of
// them make the clients of a domain in one process. Everything on the loop's thread.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "device/event_loop.h"
#include "dvpn/tunnel.h"
#include "hal/ports/udp.h"
#include "hal/primitives.h"
#include "hal/soft/software_device.h"

namespace sw::testing {

class UdpPeer final : dvpn::EventSink, dvpn::Authenticator, dvpn::NextHops {
 public:
  UdpPeer(device::EventLoop& loop, dvpn::TunnelSettings settings) : loop_(loop), own_(settings.address) {
    auto socket = hal::UdpSocket::Open(settings.local);
    auto engine = hal::SoftwareDevice::Create();
    if (!socket.ok() || !engine.ok()) {
      std::fprintf(stderr, "%s: %s\n", settings.local.ToString().c_str(),
                   socket.ok() ? "no crypto engine" : socket.why().c_str());
      std::abort();
    }
    socket_ = std::move(*socket);
    crypto_ = std::move(*engine);
    auto made = dvpn::Tunnel::Create(std::move(settings), {*crypto_, random_, pool_, *this, *this, *this});
    if (!made.ok()) std::abort();
    tunnel_ = std::move(*made);
    watch_ = loop_.WatchReadable(socket_->fd(), [this] { Ready(); });
  }
  ~UdpPeer() override { loop_.Cancel(timer_); }

  void Start() {
    tunnel_->Start(loop_.now(), out_);
    Flush();
  }
  void Send(ByteView inner) {
    std::vector<PacketPtr> burst;
    if (PacketPtr packet = pool_.Copy(inner)) burst.push_back(std::move(packet));
    tunnel_->Forward(loop_.now(), burst, out_);
    Flush();
  }
  const dvpn::Tunnel& tunnel() const { return *tunnel_; }
  const Prefix& own() const { return own_; }

  std::function<void(Time, const dvpn::Event&)> on_event;
  std::function<void(ByteView)> on_delivered;

 private:
  bool Wants(dvpn::Topic topic) const override {
    return topic == dvpn::Topic::kRegister || topic == dvpn::Topic::kSession || topic == dvpn::Topic::kError;
  }
  void OnEvent(Time now, const dvpn::Event& event) override {
    if (on_event) on_event(now, event);
  }
  void Authenticate(dvpn::Credentials, std::function<void(dvpn::Verdict)> done) override { done({}); }
  std::optional<Ipv4> Find(Ipv4 destination) const override {
    if (destination == own_.address || !own_.Contains(destination)) return std::nullopt;
    return destination;
  }

  void Ready() {
    socket_->Receive(pool_, received_);
    burst_.clear();
    for (hal::UdpDatagram& d : received_) burst_.push_back({d.peer, std::move(d.packet)});
    received_.clear();
    tunnel_->Receive(loop_.now(), burst_, out_);
    Flush();
  }
  void Flush() {
    for (dvpn::Datagram& d : out_.datagrams) sending_.push_back({d.peer, std::move(d.packet)});
    std::vector<PacketPtr> delivered = std::move(out_.delivered);
    out_.Clear();
    if (!sending_.empty()) (void)socket_->Send(sending_);
    for (const PacketPtr& packet : delivered)
      if (on_delivered) on_delivered(std::as_const(*packet).data());
    const Time deadline = tunnel_->deadline();
    if (deadline == armed_ && timer_ != 0) return;
    loop_.Cancel(std::exchange(timer_, 0));
    armed_ = deadline;
    if (deadline == Time::Never()) return;
    timer_ = loop_.At(deadline, [this] {
      timer_ = 0;
      tunnel_->OnTimer(loop_.now(), out_);
      Flush();
    });
  }

  device::EventLoop& loop_;
  const Prefix own_;
  PacketPool pool_;
  hal::SystemRandom random_;
  std::unique_ptr<hal::UdpSocket> socket_;
  std::unique_ptr<hal::SoftwareDevice> crypto_;
  std::unique_ptr<dvpn::Tunnel> tunnel_;
  std::unique_ptr<device::EventLoop::Watch> watch_;
  std::vector<hal::UdpDatagram> received_, sending_;
  std::vector<dvpn::Datagram> burst_;
  dvpn::Output out_;
  Scheduler::TimerId timer_ = 0;
  Time armed_ = Time::Never();
};

}  // namespace sw::testing
