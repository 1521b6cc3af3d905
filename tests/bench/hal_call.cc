// What the hardware layer itself costs: bursts through Submit and Complete of an engine that does nothing, directly and
// through the queue that each tunnel of a device has.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <vector>

#include "hal/shared_device.h"

namespace sw::hal {
namespace {

constexpr std::size_t kBurst = 32;

// An engine that gives back what it takes: what is left is the cost of the calls.
class NullDevice final : public CryptoDevice {
 public:
  NullDevice() {
    capabilities_.engine = "null";
    capabilities_.max_sas = capabilities_.max_burst = 1024;
  }
  const Capabilities& capabilities() const override { return capabilities_; }
  Health health() const override { return Health::kUp; }
  Status Validate(const SaSpec&) const override { return {}; }
  Result<SaHandle> AddSa(const SaSpec&) override { return SaHandle{1}; }
  Status RemoveSa(SaHandle) override { return {}; }
  std::size_t Submit(std::span<const CryptoOp> burst) override {
    held_.assign(burst.begin(), burst.end());
    return burst.size();
  }
  std::size_t Complete(std::span<CryptoOp> done) override {
    const std::size_t n = std::min(done.size(), held_.size());
    std::copy_n(held_.begin(), n, done.begin());
    held_.clear();
    return n;
  }

 private:
  Capabilities capabilities_;
  std::vector<CryptoOp> held_;
};

void Bursts(benchmark::State& state, CryptoDevice& device) {
  std::array<CryptoOp, kBurst> burst{}, done{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(device.Submit(burst));
    benchmark::DoNotOptimize(device.Complete(done));
  }
  state.counters["ns/packet"] = benchmark::Counter(
      static_cast<double>(kBurst) * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void NullEngine(benchmark::State& state) {
  NullDevice device;
  Bursts(state, device);
}
BENCHMARK(NullEngine);

void NullEngineBehindAQueue(benchmark::State& state) {
  NullDevice device;
  SharedDevice shared(device);
  const auto queue = shared.Open();
  Bursts(state, *queue);
}
BENCHMARK(NullEngineBehindAQueue);

}  // namespace
}  // namespace sw::hal

BENCHMARK_MAIN();
