// What a worker of a server pays for many sessions at once: the same number of packets over 1, 100 and 5,000 sessions,
// which a server and its clients have set up with each other in virtual time. What is timed is what the server's worker
// does between its TUN queue and its socket: look the destination up, seal; look the SPI up, open, judge the inner
// packet. The kernel's part, which does not know of sessions and makes differences smaller, is left out.
//
//   sessions in turn: every packet is another session's, the worst case
//   trains of 16:     sixteen packets of a session in a row, as segments of one large packet come
//
// Processor time of the thread, the best of several rounds; the rounds of the three domains take turns.
//   bench_sessions [quick]      quick: 500 sessions instead of 5,000
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "dvpn/inner_packet.h"
#include "ipsec/burst.h"
#include "tests/fakes/dvpn_domain.h"

namespace {

using namespace sw;
using namespace sw::testing;

constexpr std::size_t kBurst = 64;  // about what one large packet is cut into
constexpr std::size_t kPackets = 20480;
constexpr int kRounds = 5;

double Clock() {
  return std::chrono::duration<double>(ThreadCpu()).count();
}
std::uint64_t Cycles() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return 0;
#endif
}

struct Cost {
  double ns = 1e18, cycles = 1e18;  // of a packet
  void Add(double seconds, std::uint64_t ticks) {
    ns = std::min(ns, 1e9 * seconds / kPackets);
    cycles = std::min(cycles, static_cast<double>(ticks) / kPackets);
  }
};

class Sessions {
 public:
  Sessions(std::size_t count, int suite, const hal::EnginePlan& plan) : count_(count) {
    device_ = *hal::SoftwareDevice::Create({.max_sas = 1 << 20}, hal::PublishedAnswers(), plan);
    shared_ = std::make_unique<hal::SharedDevice>(*device_);
    domain_.net.crypto = shared_.get();
    domain_.net.workers = 1;
    auto& policy = domain_.role().policy;
    policy.data_suite = suite;
    policy.session_suite = 15;
    policy.keepalive = std::chrono::seconds(300);
    policy.idle = std::chrono::seconds(86400);
    Silence(domain_.Server());
    for (std::size_t n = 0; n < count; ++n) {
      dvpn::TunnelSettings settings = domain_.ClientSettings(static_cast<unsigned>(n + 2));
      ClientRole(settings).suite = 15;
      clients_.push_back(&domain_.net.Add(std::move(settings)));
      Silence(*clients_.back());
      clients_.back()->Start();
      domain_.Run(std::chrono::milliseconds(1));
    }
    domain_.Run(std::chrono::seconds(2));
    // A packet each way by the engines, for the workers to learn from.
    for (std::size_t n = 0; n < count; ++n) {
      domain_.server->Send(domain_.net.pool.Copy(Ping(Hub(), Private(n), 1)));
      clients_[n]->Send(domain_.net.pool.Copy(Ping(Private(n), Hub(), 1)));
      domain_.Run(std::chrono::milliseconds(1));
    }
    domain_.Run(std::chrono::seconds(1));
    engine_ = *hal::BurstEngine::Create(plan);
    burst_ = std::make_unique<ipsec::Burst>(*engine_, random_, 0);
  }

  void Measure(std::size_t size, std::size_t train, Cost& seal, Cost& open) {
    dvpn::FastPath& fast = *domain_.server->fast;
    fast.epochs().Enter(0);
    double seal_time = 0, open_time = 0;
    std::uint64_t seal_ticks = 0, open_ticks = 0;
    for (std::size_t done = 0; done < kPackets; done += kBurst) {
      Fill(size, train, done, false);
      double begin = Clock();
      std::uint64_t tick = Cycles();
      Out(fast);
      seal_ticks += Cycles() - tick;
      seal_time += Clock() - begin;

      Fill(size, train, done, true);
      ByClients(done, train);
      begin = Clock();
      tick = Cycles();
      In(fast);
      open_ticks += Cycles() - tick;
      open_time += Clock() - begin;
    }
    fast.epochs().Leave(0);
    seal.Add(seal_time, seal_ticks);
    open.Add(open_time, open_ticks);
  }

 private:
  static void Silence(FakeHost& host) {
    host.log.keep = false;
    for (int t = 0; t <= static_cast<int>(dvpn::Topic::kHexadecimal); ++t)
      host.log.silent.insert(static_cast<dvpn::Topic>(t));
    host.on_delivered = [](ByteView) {};
  }
  Ipv4 Hub() const { return domain_.server_settings.address.address; }
  static Ipv4 Private(std::size_t n) { return Domain::Private(static_cast<unsigned>(n + 2)); }
  std::size_t Whose(std::size_t packet, std::size_t train) const { return packet / train % count_; }

  void Fill(std::size_t size, std::size_t train, std::size_t first, bool to_server) {
    inner_.clear();
    for (std::size_t i = 0; i < kBurst; ++i) {
      const Ipv4 client = Private(Whose(first + i, train));
      inner_.push_back(to_server ? Ping(client, Hub(), 2, false, 64, size - 28)
                                 : Ping(Hub(), client, 2, false, 64, size - 28));
    }
  }
  void Place(ipsec::SharedSa* sa, const Bytes& packet) {
    if (sa == nullptr) std::abort();
    const std::size_t whole = sa->shape.Around(packet.size());
    if (row_.size() < used_ + whole) std::abort();
    const ByteSpan esp = ByteSpan(row_).subspan(used_, whole);
    std::ranges::copy(packet, esp.begin() + static_cast<std::ptrdiff_t>(sa->shape.front()));
    used_ += whole;
    seals_.push_back({.sa = sa,
                      .esp = esp,
                      .inner = static_cast<std::uint32_t>(packet.size()),
                      .next_header = ipsec::kNextHeaderIpv4});
  }
  void Seal() {
    burst_->Run(std::span(seals_), domain_.net.scheduler.now());
    for (const auto& s : seals_)
      if (s.drop != ipsec::Drop::kNone) std::abort();
  }
  void Out(dvpn::FastPath& fast) {
    used_ = 0;
    seals_.clear();
    for (const Bytes& packet : inner_) {
      dvpn::FastPeer* peer = fast.FindPeer(Ipv4(Load32(&packet[16])));
      if (peer == nullptr) std::abort();
      Place(peer->outbound(), packet);
    }
    Seal();
  }
  void ByClients(std::size_t first, std::size_t train) {
    used_ = 0;
    seals_.clear();
    for (std::size_t i = 0; i < kBurst; ++i) {
      dvpn::FastPath& theirs = *clients_[Whose(first + i, train)]->fast;
      theirs.epochs().Enter(0);
      dvpn::FastPeer* peer = theirs.FindPeer(Hub());
      if (peer == nullptr) std::abort();
      Place(peer->outbound(), inner_[i]);
      theirs.epochs().Leave(0);
    }
    Seal();
  }
  void In(dvpn::FastPath& fast) {
    opens_.clear();
    for (const auto& s : seals_) {
      const dvpn::FastInbound* by = fast.FindInbound(Load32(s.esp.data()));
      if (by == nullptr || by->peer == nullptr) std::abort();
      opens_.push_back({.sa = by->sa.get(), .esp = s.esp, .inner = {}});
    }
    burst_->Run(std::span(opens_), domain_.net.scheduler.now());
    for (const auto& o : opens_) {
      const auto header = o.drop == ipsec::Drop::kNone ? dvpn::ParseInner(o.inner) : std::nullopt;
      if (!header || !fast.IsOwn(header->destination)) std::abort();
    }
  }

  const std::size_t count_;
  std::unique_ptr<hal::SoftwareDevice> device_;
  std::unique_ptr<hal::SharedDevice> shared_;
  Domain domain_;
  std::vector<FakeHost*> clients_;
  std::unique_ptr<hal::BurstEngine> engine_;
  SeededRandom random_{5};
  std::unique_ptr<ipsec::Burst> burst_;
  std::vector<Bytes> inner_;
  Bytes row_ = Bytes(256 * 1024);
  std::size_t used_ = 0;
  std::vector<ipsec::Burst::Seal> seals_;
  std::vector<ipsec::Burst::Open> opens_;
};

void Suite(int suite, std::size_t most, const hal::EnginePlan& plan) {
  std::vector<std::size_t> counts{1, 100, most};
  std::vector<std::unique_ptr<Sessions>> domains;
  for (const std::size_t count : counts) domains.push_back(std::make_unique<Sessions>(count, suite, plan));
  for (const std::size_t size : {std::size_t{1400}, std::size_t{64}}) {
    for (const std::size_t train : {std::size_t{16}, std::size_t{1}}) {
      std::vector<Cost> seal(counts.size()), open(counts.size());
      for (int round = 0; round < kRounds; ++round)
        for (std::size_t i = 0; i < counts.size(); ++i) domains[i]->Measure(size, train, seal[i], open[i]);
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const double ns = seal[i].ns + open[i].ns, one = seal[0].ns + open[0].ns;
        fmt::print("{:>6}{:>7}{:>7}{:>10}{:>10.0f}{:>10.0f}{:>12.0f}{:>12.0f}{:>11.0f} %\n", suite, size, train,
                   counts[i], seal[i].ns, open[i].ns, seal[i].cycles, open[i].cycles, 100 * one / ns);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "quick") == 0;
  const hal::EnginePlan plan = hal::EnginePlan::Calibrate();
  fmt::print("nanoseconds and cycles (of the time stamp counter) of a packet; throughput with one session is 100 %\n");
  fmt::print("{:>6}{:>7}{:>7}{:>10}{:>10}{:>10}{:>12}{:>12}{:>13}\n", "suite", "bytes", "train", "sessions", "seal ns",
             "open ns", "seal cyc.", "open cyc.", "throughput");
  for (const int suite : {14, 1}) Suite(suite, quick ? 500 : 5000, plan);
  return 0;
}
