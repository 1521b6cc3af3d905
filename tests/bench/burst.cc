// What ESP framing costs beside the cryptography: a worker's burst (ipsec/burst.h) and the queued way through a device
// (ipsec/esp.h) against the bare engine on the same burst. One thread, one SA, packets where they lie; per packet:
// inner bytes, packets per second and cycles. `tests/bench/README.md` has the figures.
//
//   bench_burst                                   all suites that differ in their transform
//   bench_burst count Raw|Burst|Esp SUITE SIZE N  N bursts of 32, sealed and opened, for callgrind
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "hal/soft/software_device.h"
#include "ipsec/burst.h"
#include "ipsec/esp.h"
#include "tests/bench/cycles.h"

namespace {

using namespace sw;

constexpr std::size_t kBurst = 32;

class Bench {
 public:
  Bench(int suite, std::size_t size) : size_(size) {
    SecretBytes keys(ipsec::KeyBytes(suite));
    random_.Fill(keys.span());
    const ipsec::SaParams params{.spi = 0x1000, .suite = suite, .keys = keys};
    out_id_ = *esp_.AddOutbound({}, params);
    out_ = esp_.Shared(out_id_);
    in_ = esp_.Shared(*esp_.AddInbound({}, params));
    whole_ = out_->shape.Around(size);
    bytes_.resize(kBurst * whole_);
  }

  void RawSeal() { Raw(*out_); }
  void RawOpen() { Raw(*in_); }
  void BurstSeal() {
    seals_.clear();
    for (std::size_t i = 0; i < kBurst; ++i)
      seals_.push_back({.sa = out_.get(),
                        .esp = At(i),
                        .inner = static_cast<std::uint32_t>(size_),
                        .next_header = ipsec::kNextHeaderIpv4});
    burst_.Run(std::span(seals_), {});
    for (const auto& s : seals_) passed_ = passed_ && s.drop == ipsec::Drop::kNone;
  }
  void BurstOpen() {
    opens_.clear();
    for (std::size_t i = 0; i < kBurst; ++i) opens_.push_back({.sa = in_.get(), .esp = At(i), .inner = {}});
    burst_.Run(std::span(opens_), {});
    for (const auto& o : opens_) passed_ = passed_ && o.drop == ipsec::Drop::kNone;
  }
  void EspSeal() {
    for (std::size_t i = 0; i < kBurst; ++i) {
      PacketPtr packet = pool_.Take();
      packet->SetSize(size_);
      esp_.Protect({}, out_id_, std::move(packet), ipsec::kNextHeaderIpv4, 0);
    }
    Collect();
  }
  void EspOpen() {
    std::vector<ipsec::Finished> sealed = std::exchange(done_, {});
    for (ipsec::Finished& f : sealed) esp_.Unprotect({}, std::move(f.packet), 0);
    Collect();
    done_.clear();
  }
  bool passed() const { return passed_; }

 private:
  ByteSpan At(std::size_t i) { return ByteSpan(bytes_).subspan(i * whole_, whole_); }
  void Raw(ipsec::SharedSa& sa) {
    ops_.resize(kBurst);
    work_.clear();
    for (std::size_t i = 0; i < kBurst; ++i) {
      ops_[i] = ipsec::EspOp(At(i), sa.shape);
      work_.push_back({sa.workers[0].keys.get(), &ops_[i]});
    }
    engine_->Run(work_);
  }
  void Collect() {
    esp_.Flush();
    esp_.Poll(done_);
    for (const ipsec::Finished& f : done_) passed_ = passed_ && f.drop == ipsec::Drop::kNone;
  }

  std::size_t size_, whole_ = 0;
  bool passed_ = true;
  SeededRandom random_{1};
  PacketPool pool_;
  static const hal::EnginePlan& Plan() {
    static const hal::EnginePlan plan = hal::EnginePlan::Calibrate();
    return plan;
  }
  std::unique_ptr<hal::SoftwareDevice> device_ = *hal::SoftwareDevice::Create({}, hal::PublishedAnswers(), Plan());
  std::vector<ipsec::Finished> done_;
  ipsec::Esp esp_{*device_, random_, 1};
  ipsec::SaId out_id_ = 0;
  std::shared_ptr<ipsec::SharedSa> out_, in_;
  std::unique_ptr<hal::BurstEngine> engine_ = *hal::BurstEngine::Create(Plan());
  ipsec::Burst burst_{*engine_, random_, 0};
  Bytes bytes_;
  std::vector<hal::CryptoOp> ops_;
  std::vector<hal::BurstEngine::Work> work_;
  std::vector<ipsec::Burst::Seal> seals_;
  std::vector<ipsec::Burst::Open> opens_;
};

using Step = void (Bench::*)();
struct Way {
  std::string_view name;
  Step seal, open;
};
constexpr Way kWays[] = {{"Raw", &Bench::RawSeal, &Bench::RawOpen},
                         {"Burst", &Bench::BurstSeal, &Bench::BurstOpen},
                         {"Esp", &Bench::EspSeal, &Bench::EspOpen}};

// Opening needs packets that are new to the window, so a round is both.
void Round(benchmark::State& state, Way way, int suite, std::size_t size) {
  Bench bench(suite, size);
  const double begin = bench::ThreadNanoseconds();
  for (auto _ : state) {
    (bench.*way.seal)();
    (bench.*way.open)();
  }
  const double spent = bench::ThreadNanoseconds() - begin;
  if (!bench.passed()) state.SkipWithError("a packet was dropped");
  const auto packets = state.iterations() * static_cast<std::int64_t>(kBurst);
  state.SetItemsProcessed(packets);
  state.SetBytesProcessed(packets * static_cast<std::int64_t>(size));
  state.counters["cycles/packet"] = spent * bench::CyclesPerNanosecond() / static_cast<double>(packets);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 6 && std::string_view(argv[1]) == "count") {
    for (const Way& way : kWays) {
      if (way.name != argv[2]) continue;
      Bench bench(std::atoi(argv[3]), static_cast<std::size_t>(std::atoi(argv[4])));
      for (int i = std::atoi(argv[5]); i > 0; --i) {
        (bench.*way.seal)();
        (bench.*way.open)();
      }
      return bench.passed() ? 0 : 1;
    }
    return 2;
  }
  for (int suite : {14, 16, 12, 1, 5, 13})
    for (std::size_t size : {64, 1424})
      for (const Way& way : kWays)
        benchmark::RegisterBenchmark(fmt::format("{}/suite:{}/size:{}", way.name, suite, size).c_str(), Round, way,
                                     suite, size);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
