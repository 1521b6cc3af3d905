#include "hal/soft/engine_plan.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>

#include "hal/base/random.h"
#include "hal/soft/multi_buffer.h"
#include "hal/soft/transform.h"

namespace sw::hal {
namespace {

constexpr std::array kBursts{std::size_t{1}, std::size_t{4}, std::size_t{8}, std::size_t{16}, std::size_t{32}};
constexpr std::size_t kLongest = kBursts.back();
constexpr std::size_t kText = 1024;  // between a small and a full packet; a multiple of every block
constexpr int kRounds = 4;           // the quickest counts: the others were disturbed
constexpr std::array kAllCiphers{Cipher::kDesCbc,    Cipher::k3DesCbc,   Cipher::kAesCbc,   Cipher::kAesCbc192,
                                 Cipher::kAesCbc256, Cipher::kAesGcm128, Cipher::kAesGcm256};
constexpr std::array kAllIntegrities{Integrity::kHmacMd5, Integrity::kHmacSha1, Integrity::kHmacSha256,
                                     Integrity::kAead};

// A burst as ESP makes it: 8 bytes in front, IV, text, ICV.
struct Burst {
  explicit Burst(Capability t) {
    const auto front = static_cast<std::uint32_t>(8 + Info(t.cipher).iv_bytes);
    const auto icv = static_cast<std::uint32_t>(Info(t.integrity).icv_bytes);
    size = front + kText + icv;
    data.resize(kLongest * size);
    SeededRandom random(1);
    random.Fill(data);
    for (std::size_t i = 0; i < kLongest; ++i) {
      CryptoOp op;
      op.data = data.data() + i * size;
      op.size = static_cast<std::uint32_t>(size);
      op.iv_offset = 8;
      op.cipher_offset = front;
      op.cipher_length = kText;
      op.auth_length = Info(t.cipher).aead ? 8 : front + static_cast<std::uint32_t>(kText);
      op.icv_offset = op.cipher_offset + op.cipher_length;
      ops.push_back(op);
    }
  }
  std::size_t size = 0;
  Bytes data;
  std::vector<CryptoOp> ops;
};

template <typename Prepare, typename Run>
double Seconds(Prepare prepare, Run run) {
  double best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    prepare();
    const auto start = std::chrono::steady_clock::now();
    run();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

class Bench {
 public:
  static std::optional<Bench> Make(MultiBuffer& multi, Capability t, Direction d) {
    SaSpec spec{d, t.cipher, t.integrity, SecretBytes(Info(t.cipher).key_bytes),
                SecretBytes(Info(t.integrity).key_bytes)};
    SeededRandom random(2);
    random.Fill(spec.cipher_key.span());
    random.Fill(spec.integrity_key.span());
    Bench out(multi, t);
    out.one_ = Transform::Create(spec);
    out.many_ = multi.Prepare(spec);
    spec.direction = Direction::kSeal;
    out.sealer_ = Transform::Create(spec);
    if (!out.one_ || !out.many_ || !out.sealer_) return std::nullopt;
    if (d == Direction::kOpen)
      for (const CryptoOp& op : out.burst_.ops) (void)out.sealer_->Apply(op);
    out.fresh_ = out.burst_.data;
    return out;
  }

  // Both engines on equal bursts.
  bool SameBytes() {
    Refresh();
    for (const CryptoOp& op : burst_.ops)
      if (one_->Apply(op) != Verdict::kOk) return false;
    const Bytes by_one = burst_.data;
    Refresh();
    Together(kLongest);
    return burst_.data == by_one &&
           std::ranges::all_of(burst_.ops, [](const CryptoOp& op) { return op.verdict == Verdict::kOk; });
  }
  double One() {
    constexpr std::size_t kOps = 8;
    return Seconds([this] { Refresh(); },
                   [this] {
                     for (const CryptoOp& op : std::span(burst_.ops).first(kOps)) (void)one_->Apply(op);
                   }) /
           kOps;
  }
  double Many(std::size_t count) {
    return Seconds([this] { Refresh(); }, [&] { Together(count); }) / static_cast<double>(count);
  }

 private:
  Bench(MultiBuffer& multi, Capability t) : multi_(multi), burst_(t) {}
  // To be opened, packets must be as they were sealed: where the integrity check fails there is nothing to decrypt.
  void Refresh() { std::ranges::copy(fresh_, burst_.data.begin()); }
  void Together(std::size_t count) {
    work_.clear();
    for (CryptoOp& op : std::span(burst_.ops).first(count)) work_.push_back({many_.get(), &op});
    multi_.Apply(work_);
  }

  MultiBuffer& multi_;
  Burst burst_;
  Bytes fresh_;
  std::optional<Transform> one_, sealer_;
  MultiBufferKeysPtr many_;
  std::vector<MultiBuffer::Work> work_;
};

template <typename Visit>
void ForEachTransform(const MultiBuffer& multi, Visit visit) {
  for (Cipher cipher : kAllCiphers)
    for (Integrity integrity : kAllIntegrities)
      if (Fit(cipher, integrity) && multi.Offers({cipher, integrity}))
        for (Direction d : {Direction::kSeal, Direction::kOpen}) visit(Capability{cipher, integrity}, d);
}

}  // namespace

bool EnginePlan::uses_multi_buffer() const {
  return std::ranges::any_of(from_, [](std::uint32_t from) { return from != kNever; });
}

EnginePlan EnginePlan::MultiBufferAlways() {
  EnginePlan plan;
  if (const auto multi = MultiBuffer::Create())
    ForEachTransform(*multi, [&](Capability t, Direction d) { plan.set(t, d, 1); });
  return plan;
}

EnginePlan EnginePlan::Calibrate() {
  EnginePlan plan;
  const auto multi = MultiBuffer::Create();
  if (multi == nullptr) return plan;
  ForEachTransform(*multi, [&](Capability t, Direction d) {
    auto bench = Bench::Make(*multi, t, d);
    if (!bench || !bench->SameBytes()) return;
    const double one = bench->One();
    double many = 0;
    std::uint32_t from = kNever;  // faster from here on, at every longer burst too
    for (auto burst = kBursts.rbegin(); burst != kBursts.rend(); ++burst) {
      const double seconds = bench->Many(*burst);
      if (*burst == kLongest) many = seconds;
      if (seconds >= one) break;
      from = static_cast<std::uint32_t>(*burst);
    }
    plan.set(t, d, from);
    constexpr double kMega = 1e6;
    plan.figures_.push_back({t, d, static_cast<double>(kText) / one / kMega, static_cast<double>(kText) / many / kMega,
                             from == kNever ? 0 : from});
  });
  return plan;
}

}  // namespace sw::hal
