// The data path by itself: TUN, ESP, UDP, with keys fixed beforehand and one peer. No negotiation, no sessions: what is
// measured with it is the limit of what the daemon can reach, with suite 13 the limit without cryptography.
//
//   bench_datapath TUN LOCAL:PORT PEER:PORT SUITE      runs until it is ended by a signal
//
// Both ends use the same keys in both directions, which nothing but a measurement may do.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "hal/ports/tun.h"
#include "hal/ports/udp.h"
#include "hal/soft/software_device.h"
#include "ipsec/esp.h"

namespace {

using namespace sw;

volatile sig_atomic_t ended = 0;

Endpoint EndpointOf(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto address = Ipv4::Parse(text.substr(0, colon));
  if (!address || colon == std::string_view::npos) std::exit(2);
  return {*address, static_cast<std::uint16_t>(std::atoi(text.data() + colon + 1))};
}

void Need(const Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "bench_datapath: {}\n", status.why());
  std::exit(1);
}

class Path {
 public:
  Path(const char* tun, Endpoint local, Endpoint peer, int suite) : peer_(peer) {
    auto device = hal::SoftwareDevice::Create({}, hal::PublishedAnswers(), hal::EnginePlan::Calibrate());
    Need(device.status());
    device_ = std::move(*device);
    esp_ = std::make_unique<ipsec::Esp>(*device_, random_);
    const ipsec::SaParams params{.spi = 0x1000, .suite = suite, .keys = SecretBytes(Bytes(ipsec::KeyBytes(suite), 7))};
    auto out = esp_->AddOutbound({}, params);
    Need(out.status());
    out_ = *out;
    Need(esp_->AddInbound({}, params).status());
    auto opened = hal::Tun::Open(tun);
    Need(opened.status());
    tun_ = std::move(*opened);
    auto socket = hal::UdpSocket::Open(local);
    Need(socket.status());
    udp_ = std::move(*socket);
  }

  void Run() {
    pollfd fds[] = {{tun_->fd(), POLLIN, 0}, {udp_->fd(), POLLIN, 0}};
    while (ended == 0) {
      if (::poll(fds, 2, -1) < 0) continue;
      if (fds[0].revents != 0) Out();
      if (fds[1].revents != 0) In();
    }
    fmt::print("sealed {} opened {} refused {}\n", sealed_, opened_, refused_);
  }

 private:
  void Out() {
    tun_->Read(pool_, packets_);
    for (PacketPtr& p : packets_) esp_->Protect({}, out_, std::move(p), ipsec::kNextHeaderIpv4, 0);
    packets_.clear();
    Collect();
    for (ipsec::Finished& f : done_) datagrams_.push_back({peer_, std::move(f.packet)});
    done_.clear();
    sealed_ += datagrams_.size();
    refused_ += udp_->Send(datagrams_);
  }
  void In() {
    udp_->Receive(pool_, datagrams_);
    for (hal::UdpDatagram& d : datagrams_) esp_->Unprotect({}, std::move(d.packet), 0);
    datagrams_.clear();
    Collect();
    for (ipsec::Finished& f : done_)
      if (f.drop == ipsec::Drop::kNone) packets_.push_back(std::move(f.packet));
    refused_ += done_.size() - packets_.size();
    done_.clear();
    opened_ += packets_.size();
    refused_ += tun_->Write(packets_);
  }
  void Collect() {
    esp_->Flush();
    esp_->Poll(done_);
  }

  const Endpoint peer_;
  SeededRandom random_{static_cast<std::uint64_t>(::getpid())};
  PacketPool pool_;
  std::unique_ptr<hal::SoftwareDevice> device_;
  std::unique_ptr<ipsec::Esp> esp_;
  ipsec::SaId out_ = 0;
  std::unique_ptr<hal::Tun> tun_;
  std::unique_ptr<hal::UdpSocket> udp_;
  std::vector<PacketPtr> packets_;
  std::vector<hal::UdpDatagram> datagrams_;
  std::vector<ipsec::Finished> done_;
  std::uint64_t sealed_ = 0, opened_ = 0, refused_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: bench_datapath TUN LOCAL:PORT PEER:PORT SUITE\n");
    return 2;
  }
  struct sigaction end {};
  end.sa_handler = [](int) { ended = 1; };
  ::sigaction(SIGTERM, &end, nullptr);
  ::sigaction(SIGINT, &end, nullptr);
  Path path(argv[1], EndpointOf(argv[2]), EndpointOf(argv[3]), std::atoi(argv[4]));
  path.Run();
  return 0;
}
