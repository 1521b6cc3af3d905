// Throughput of Esp over the software engine per suite and inner packet size, in bursts: Protect or Unprotect, Flush,
// Poll. One thread. bytes_per_second counts inner bytes.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "hal/soft/software_device.h"
#include "ipsec/esp.h"

namespace {

using namespace sw;

constexpr std::size_t kBurst = 32;

class Bench {
 public:
  Bench(int suite, std::size_t size) : size_(size) {
    SecretBytes keys(ipsec::KeyBytes(suite));
    random_.Fill(keys.span());
    const ipsec::SaParams params{.spi = 0x1000, .suite = suite, .keys = keys};
    out_ = *esp_.AddOutbound({}, params);
    if (!esp_.AddInbound({}, params).ok()) std::abort();
  }

  // Leaves the burst in done_.
  void Seal() {
    for (std::size_t i = 0; i < kBurst; ++i) {
      PacketPtr packet = pool_.Take();
      packet->SetSize(size_);
      esp_.Protect({}, out_, std::move(packet), ipsec::kNextHeaderIpv4, 0);
    }
    Collect();
  }
  void Open() {
    incoming_.clear();
    for (ipsec::Finished& f : done_) incoming_.push_back(std::move(f.packet));
    done_.clear();
    for (PacketPtr& packet : incoming_) esp_.Unprotect({}, std::move(packet), 0);
    Collect();
  }
  void Drop() { done_.clear(); }
  bool AllPassed() const {
    for (const ipsec::Finished& f : done_) {
      if (f.drop != ipsec::Drop::kNone) return false;
    }
    return done_.size() == kBurst;
  }

 private:
  void Collect() {
    esp_.Flush();
    esp_.Poll(done_);
  }

  std::size_t size_;
  SeededRandom random_{1};
  PacketPool pool_;
  std::unique_ptr<hal::SoftwareDevice> device_ = *hal::SoftwareDevice::Create();
  std::vector<PacketPtr> incoming_;
  std::vector<ipsec::Finished> done_;
  ipsec::SaId out_ = 0;
  ipsec::Esp esp_{*device_, random_};
};

void Count(benchmark::State& state, std::size_t size) {
  const auto packets = state.iterations() * static_cast<std::int64_t>(kBurst);
  state.SetItemsProcessed(packets);
  state.SetBytesProcessed(packets * static_cast<std::int64_t>(size));
}

void EspSeal(benchmark::State& state, int suite, std::size_t size) {
  Bench bench(suite, size);
  for (auto _ : state) {
    bench.Seal();
    if (!bench.AllPassed()) state.SkipWithError("a packet was dropped");
    bench.Drop();
  }
  Count(state, size);
}

// Every packet must be new to the replay window, so each burst is sealed first, with the clock stopped.
void EspOpen(benchmark::State& state, int suite, std::size_t size) {
  Bench bench(suite, size);
  for (auto _ : state) {
    state.PauseTiming();
    bench.Seal();
    state.ResumeTiming();
    bench.Open();
    if (!bench.AllPassed()) state.SkipWithError("a packet was dropped");
    bench.Drop();
  }
  Count(state, size);
}

}  // namespace

int main(int argc, char** argv) {
  for (const hal::Suite& suite : hal::Suites()) {
    for (std::size_t size : {64, 512, 1400}) {
      const std::string parameters = fmt::format("/suite:{}/size:{}", suite.number, size);
      benchmark::RegisterBenchmark(("EspSeal" + parameters).c_str(), EspSeal, suite.number, size);
      benchmark::RegisterBenchmark(("EspOpen" + parameters).c_str(), EspOpen, suite.number, size);
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
