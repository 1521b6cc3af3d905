// What a worker of a server pays for many sessions at once: the same number of packets over 1, 100 and 5,000 sessions,
// which a server and its clients have set up with each other in virtual time. What is timed is what the server's worker
// does between its TUN queue and its socket: look the destination up, seal; look the SPI up, open, judge the inner
// packet. The kernel's part, which does not know of sessions and makes differences smaller, is left out.
//
//   sessions in turn: every packet is another session's, the worst case
//   trains of 16:     sixteen packets of a session in a row, as segments of one large packet come
//
// Processor time of the thread, the best of several rounds; the rounds of the three domains take turns.
//
// Then two workers on the same 100 sessions beside one: what both get done in the time on the wall, which needs two
// processors with nothing else to do, and what a packet costs each of them in processor time, which does not.
//   bench_sessions [quick]                      quick: 500 sessions instead of 5,000
//   bench_sessions count SUITE SIZE TRAIN N     N packets over 100 sessions, sealed and opened, for callgrind
#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "dvpn/inner_packet.h"
#include "hal/ports/ipv4.h"
#include "ipsec/burst.h"
#include "tests/bench/cycles.h"
#include "tests/fakes/dvpn_domain.h"

namespace {

using namespace sw;
using namespace sw::testing;

constexpr std::size_t kBurst = 64;  // about what one large packet is cut into
constexpr std::size_t kPackets = 20480;
constexpr int kRounds = 5, kShortRounds = 50;  // short ones fit between what else the machine has to do

struct Cost {
  double ns = 1e18;  // of a packet
  void Add(double one) { ns = std::min(ns, one); }
  double cycles() const { return ns * bench::CyclesPerNanosecond(); }
};

// A server, its clients, and a session with each of them.
class Sessions {
 public:
  Sessions(std::size_t how_many, int suite, const hal::EnginePlan& engines, std::size_t workers)
      : plan(engines), count(how_many) {
    device_ = *hal::SoftwareDevice::Create({.max_sas = 1 << 20}, hal::PublishedAnswers(), plan);
    shared_ = std::make_unique<hal::SharedDevice>(*device_);
    domain_.net.crypto = shared_.get();
    domain_.net.workers = workers;
    auto& policy = domain_.role().policy;
    policy.data_suite = suite;
    policy.session_suite = 15;
    policy.keepalive = std::chrono::seconds(300);
    policy.idle = std::chrono::seconds(86400);
    Silence(domain_.Server());
    for (std::size_t n = 0; n < count; ++n) {
      dvpn::TunnelSettings settings = domain_.ClientSettings(static_cast<unsigned>(n + 2));
      ClientRole(settings).suite = 15;
      clients.push_back(&domain_.net.Add(std::move(settings)));
      Silence(*clients.back());
      clients.back()->Start();
      domain_.Run(std::chrono::milliseconds(1));
    }
    domain_.Run(std::chrono::seconds(2));
    // A packet each way by the engines, for the workers to learn from.
    for (std::size_t n = 0; n < count; ++n) {
      domain_.server->Send(domain_.net.pool.Copy(Ping(hub(), Private(n), 1)));
      clients[n]->Send(domain_.net.pool.Copy(Ping(Private(n), hub(), 1)));
      domain_.Run(std::chrono::milliseconds(1));
    }
    domain_.Run(std::chrono::seconds(1));
  }

  Ipv4 hub() const { return domain_.server_settings.address.address; }
  static Ipv4 Private(std::size_t n) { return Domain::Private(static_cast<unsigned>(n + 2)); }
  dvpn::FastPath& fast() const { return *domain_.server->fast; }
  Time now() const { return domain_.net.scheduler.now(); }

  const hal::EnginePlan& plan;
  const std::size_t count;
  std::vector<FakeHost*> clients;

 private:
  static void Silence(FakeHost& host) {
    host.log.keep = false;
    for (int t = 0; t <= static_cast<int>(dvpn::Topic::kHexadecimal); ++t)
      host.log.silent.insert(static_cast<dvpn::Topic>(t));
    host.on_delivered = [](ByteView) {};
  }
  std::unique_ptr<hal::SoftwareDevice> device_;
  std::unique_ptr<hal::SharedDevice> shared_;
  Domain domain_;
};

// One worker of that server, and the same one of each client.
class Hand {
 public:
  Hand(const Sessions& sessions, std::size_t index) : sessions_(sessions), index_(index) {}

  void Measure(std::size_t size, std::size_t train, Cost& seal, Cost& open, std::size_t packets = kPackets) {
    dvpn::FastPath& fast = sessions_.fast();
    fast.epochs().Enter(index_);
    double seal_time = 0, open_time = 0;
    for (std::size_t done = 0; done < packets; done += kBurst) {
      Fill(size, train, done, false);
      double begin = bench::ThreadNanoseconds();
      Out(fast);
      seal_time += bench::ThreadNanoseconds() - begin;

      Fill(size, train, done, true);
      ByClients(done, train);
      begin = bench::ThreadNanoseconds();
      In(fast);
      open_time += bench::ThreadNanoseconds() - begin;
    }
    fast.epochs().Leave(index_);
    seal.Add(seal_time / static_cast<double>(packets));
    open.Add(open_time / static_cast<double>(packets));
  }

 private:
  std::size_t Whose(std::size_t packet, std::size_t train) const { return packet / train % sessions_.count; }

  void Fill(std::size_t size, std::size_t train, std::size_t first, bool to_server) {
    if (like_.size() != size) like_ = Ping(sessions_.hub(), sessions_.hub(), 2, false, 64, size - 28);
    inner_.resize(kBurst);
    for (std::size_t i = 0; i < kBurst; ++i) {  // without asking for memory, which threads do not share well
      const Ipv4 client = Sessions::Private(Whose(first + i, train));
      inner_[i] = like_;
      hal::Ipv4Header header = *hal::ParseIpv4(like_);
      header.source = to_server ? client : sessions_.hub();
      header.destination = to_server ? sessions_.hub() : client;
      hal::WriteIpv4(inner_[i], header);
    }
  }
  void Place(ipsec::SharedSa* sa, const Bytes& packet) {
    if (sa == nullptr) std::abort();
    const std::size_t whole = sa->shape.Around(packet.size());
    if (row_.size() < used_ + whole) std::abort();
    const ByteSpan esp = ByteSpan(row_).subspan(used_, whole);
    std::memcpy(esp.data() + sa->shape.front(), packet.data(), packet.size());
    used_ += whole;
    seals_.push_back({.sa = sa,
                      .esp = esp,
                      .inner = static_cast<std::uint32_t>(packet.size()),
                      .next_header = ipsec::kNextHeaderIpv4});
  }
  void Seal() {
    burst_.Run(std::span(seals_), sessions_.now());
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
      dvpn::FastPath& theirs = *sessions_.clients[Whose(first + i, train)]->fast;
      theirs.epochs().Enter(index_);
      dvpn::FastPeer* peer = theirs.FindPeer(sessions_.hub());
      if (peer == nullptr) std::abort();
      Place(peer->outbound(), inner_[i]);
      theirs.epochs().Leave(index_);
    }
    Seal();
  }
  void In(dvpn::FastPath& fast) {
    opens_.clear();
    by_.clear();
    for (const auto& s : seals_) {
      const dvpn::FastInbound* by = fast.FindInbound(Load32(s.esp.data()));
      if (by == nullptr || by->peer == nullptr) std::abort();
      opens_.push_back({.sa = by->sa.get(), .esp = s.esp, .inner = {}});
      by_.push_back(by);
    }
    burst_.Run(std::span(opens_), sessions_.now());
    for (std::size_t i = 0; i < opens_.size(); ++i) {
      const auto& o = opens_[i];
      const auto header = o.drop == ipsec::Drop::kNone ? dvpn::ParseInner(o.inner) : std::nullopt;
      if (!header || !fast.Delivers(*by_[i], header->source, header->destination)) std::abort();
    }
  }

  const Sessions& sessions_;
  const std::size_t index_;
  std::unique_ptr<hal::BurstEngine> engine_ = *hal::BurstEngine::Create(sessions_.plan);
  SeededRandom random_{5 + index_};
  ipsec::Burst burst_{*engine_, random_, index_};
  Bytes like_;
  std::vector<Bytes> inner_;
  Bytes row_ = Bytes(256 * 1024);
  std::size_t used_ = 0;
  std::vector<ipsec::Burst::Seal> seals_;
  std::vector<ipsec::Burst::Open> opens_;
  std::vector<const dvpn::FastInbound*> by_;
};

void Suite(int suite, std::size_t most, const hal::EnginePlan& plan) {
  std::vector<std::size_t> counts{1, 100, most};
  std::vector<std::unique_ptr<Sessions>> domains;
  std::vector<std::unique_ptr<Hand>> hands;
  for (const std::size_t count : counts) {
    domains.push_back(std::make_unique<Sessions>(count, suite, plan, 1));
    hands.push_back(std::make_unique<Hand>(*domains.back(), 0));
  }
  for (const std::size_t size : {std::size_t{1400}, std::size_t{64}}) {
    for (const std::size_t train : {std::size_t{16}, std::size_t{1}}) {
      std::vector<Cost> seal(counts.size()), open(counts.size());
      for (int round = 0; round < kRounds; ++round)
        for (std::size_t i = 0; i < counts.size(); ++i) hands[i]->Measure(size, train, seal[i], open[i]);
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const double ns = seal[i].ns + open[i].ns, one = seal[0].ns + open[0].ns;
        fmt::print("{:>6}{:>7}{:>7}{:>10}{:>10.0f}{:>10.0f}{:>12.0f}{:>12.0f}{:>11.0f} %\n", suite, size, train,
                   counts[i], seal[i].ns, open[i].ns, seal[i].cycles(), open[i].cycles(), 100 * one / ns);
      }
    }
  }
}

// Wall-clock seconds from when all begin `job(i)` until all have done it, each on a processor of its own where there
// are as many.
template <typename Job>
double Together(std::size_t threads, Job job) {
  std::barrier ready(static_cast<std::ptrdiff_t>(threads));
  std::vector<std::chrono::steady_clock::time_point> begun(threads), done(threads);
  {
    std::vector<std::jthread> running;
    for (std::size_t i = 0; i < threads; ++i)
      running.emplace_back([&, i] {
        cpu_set_t mine;
        CPU_ZERO(&mine);
        CPU_SET(i % std::thread::hardware_concurrency(), &mine);
        (void)::pthread_setaffinity_np(::pthread_self(), sizeof mine, &mine);
        ready.arrive_and_wait();
        begun[i] = std::chrono::steady_clock::now();
        job(i);
        done[i] = std::chrono::steady_clock::now();
      });
  }
  return std::chrono::duration<double>(*std::ranges::max_element(done) - *std::ranges::min_element(begun)).count();
}

double Median(std::vector<double> of) {
  std::ranges::nth_element(of, of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2));
  return of[of.size() / 2];
}

void Arithmetic() {
  volatile std::uint64_t out = 0;
  std::uint64_t x = 1;
  for (int i = 0; i < 8'000'000; ++i) x = x * 6364136223846793005ULL + 1442695040888963407ULL;
  out = x;
  (void)out;
}

// One, two, one, two ..., and the same of plain arithmetic, which shows what the machine has at this moment.
void Workers(int suite, const hal::EnginePlan& plan) {
  const Sessions sessions(100, suite, plan, 2);
  std::vector<std::unique_ptr<Hand>> hands;
  for (std::size_t i = 0; i < 2; ++i) hands.push_back(std::make_unique<Hand>(sessions, i));
  std::vector<double> wall[2], plain[2];
  std::vector<Cost> seal(3), open(3);  // of the one, and of each of the two
  for (int round = 0; round < kShortRounds; ++round)
    for (std::size_t two = 0; two < 2; ++two) {
      wall[two].push_back(Together(
          two + 1, [&](std::size_t i) { hands[i]->Measure(1400, 16, seal[two + i], open[two + i], kPackets / 4); }));
      plain[two].push_back(Together(two + 1, [](std::size_t) { Arithmetic(); }));
    }
  const auto ns = [&](std::size_t i) { return seal[i].ns + open[i].ns; };
  fmt::print(
      "suite {}, 1400 bytes: two workers do {:.2f} x of what one does, two threads of plain arithmetic {:.2f} x; a "
      "packet "
      "costs {:.0f} ns with one worker, {:.0f} ns with two\n",
      suite, 2 * Median(wall[0]) / Median(wall[1]), 2 * Median(plain[0]) / Median(plain[1]), ns(0),
      (ns(1) + ns(2)) / 2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 6 && std::strcmp(argv[1], "count") == 0) {
    const hal::EnginePlan plan = hal::EnginePlan::MultiBufferAlways();  // the same at each run
    const Sessions sessions(100, std::atoi(argv[2]), plan, 1);
    Cost seal, open;
    Hand(sessions, 0)
        .Measure(std::strtoul(argv[3], nullptr, 10), std::strtoul(argv[4], nullptr, 10), seal, open,
                 std::strtoul(argv[5], nullptr, 10));
    return 0;
  }
  const bool quick = argc > 1 && std::strcmp(argv[1], "quick") == 0;
  const hal::EnginePlan plan = hal::EnginePlan::Calibrate();
  fmt::print("nanoseconds and cycles (of the time stamp counter) of a packet; throughput with one session is 100 %\n");
  fmt::print("{:>6}{:>7}{:>7}{:>10}{:>10}{:>10}{:>12}{:>12}{:>13}\n", "suite", "bytes", "train", "sessions", "seal ns",
             "open ns", "seal cyc.", "open cyc.", "throughput");
  for (const int suite : {14, 1}) Suite(suite, quick ? 500 : 5000, plan);
  double load = 0;
  (void)::getloadavg(&load, 1);
  fmt::print("{} processors, load {:.1f}\n", std::thread::hardware_concurrency(), load);
  for (const int suite : {14, 1}) Workers(suite, plan);
  return 0;
}
