// What a card costs and gives: the driver over vfio-user to a sw8800-card of its own beside the software engine, and
// the driver over the model in this process. Real time, because the card computes in another process.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "hal/card/model_transport.h"
#include "hal/pcie/pcie_device.h"
#include "hal/soft/software_device.h"
#include "hal/vfio/user_transport.h"
#include "tests/fakes/card_process.h"

namespace sw::hal {
namespace {

constexpr std::size_t kBurst = 32, kInFlight = 128;
constexpr std::uint32_t kIv = 16, kIcv = 12;

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

// Seals packets with `state.range(0)` bytes of text, kInFlight of them at a time.
void Seal(benchmark::State& state, CryptoDevice& device) {
  const auto text = static_cast<std::uint32_t>(state.range(0));
  const Result<SaHandle> sa =
      device.AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
  if (!sa.ok()) return state.SkipWithError(sa.why().c_str());
  std::vector<Bytes> packets(kInFlight, Bytes(kIv + text + kIcv));
  std::vector<CryptoOp> free;
  for (Bytes& packet : packets) {
    CryptoOp& op = free.emplace_back();
    op.sa = *sa;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    op.cipher_offset = kIv;
    op.cipher_length = text;
    op.auth_length = op.icv_offset = kIv + text;
  }
  std::array<CryptoOp, kBurst> done;
  std::uint64_t sealed = 0;
  for (auto _ : state) {
    const std::size_t give = std::min(kBurst, free.size());
    const std::size_t taken = device.Submit(std::span(free).last(give));
    free.erase(free.end() - static_cast<std::ptrdiff_t>(give), free.end() - static_cast<std::ptrdiff_t>(give - taken));
    const std::size_t n = device.Complete(done);
    for (const CryptoOp& op : std::span(done).first(n)) {
      if (op.verdict != Verdict::kOk) return state.SkipWithError("a packet was not sealed");
      free.push_back(op);
    }
    sealed += n;
    if (device.health() == Health::kDown) return state.SkipWithError("the engine is down");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(sealed * text));
  state.counters["packets"] = benchmark::Counter(static_cast<double>(sealed), benchmark::Counter::kIsRate);
}

void BringUpAndSeal(benchmark::State& state, pcie::Transport& transport) {
  pcie::PcieDevice driver(transport, Now, {.operation_deadline = std::chrono::seconds(5)});
  while (driver.state() != pcie::BringUp::kRunning && driver.state() != pcie::BringUp::kFailed) driver.Poll();
  Seal(state, driver);
}

void Software(benchmark::State& state) {
  const auto engine = *SoftwareDevice::Create();
  Seal(state, *engine);
}
void CardInProcess(benchmark::State& state) {
  card::ModelTransport transport({64, 256, 4}, *SoftwareDevice::Create({64, 1}), Now);
  BringUpAndSeal(state, transport);
}
void CardOverVfioUser(benchmark::State& state) {
  const card::CardProcess process;
  vfio::UserTransport transport(process.socket(), std::chrono::seconds(5));
  BringUpAndSeal(state, transport);
}
BENCHMARK(Software)->Arg(64)->Arg(512)->Arg(1408)->UseRealTime();
BENCHMARK(CardInProcess)->Arg(64)->Arg(512)->Arg(1408)->UseRealTime();
BENCHMARK(CardOverVfioUser)->Arg(64)->Arg(512)->Arg(1408)->UseRealTime();

}  // namespace
}  // namespace sw::hal

BENCHMARK_MAIN();
