#include "hal/soft/software_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hal/soft/burst_engine.h"
#include "hal/soft/transform.h"

namespace sw::hal {
namespace {

constexpr std::size_t kMostSas = std::size_t{1} << 24;
constexpr std::array kCiphers{Cipher::kNull,      Cipher::kDesCbc,    Cipher::k3DesCbc,   Cipher::kAesCbc,
                              Cipher::kAesCbc192, Cipher::kAesCbc256, Cipher::kAesGcm128, Cipher::kAesGcm256};
constexpr std::array kIntegrities{Integrity::kNone, Integrity::kHmacMd5, Integrity::kHmacSha1, Integrity::kHmacSha256,
                                  Integrity::kAead};

// Runs one packet | aad | iv | text | icv | through a fresh transform and returns what follows the aad; empty when it
// failed. Without an AEAD cipher `aad` is empty and the text is what is authenticated.
Bytes RunOnce(const SaSpec& spec, std::string_view aad, std::string_view iv, std::string_view text,
              std::string_view icv) {
  std::optional<Transform> transform = Transform::Create(spec);
  if (!transform) return {};
  Bytes data;
  for (std::string_view part : {aad, iv, text, icv}) data.insert(data.end(), part.begin(), part.end());
  const bool aead = Info(spec.cipher).aead;
  const auto front = static_cast<std::uint32_t>(aad.size());
  const auto text_at = static_cast<std::uint32_t>(aad.size() + iv.size());
  const auto text_bytes = static_cast<std::uint32_t>(text.size());
  CryptoOp op;
  op.data = data.data();
  op.size = static_cast<std::uint32_t>(data.size());
  op.iv_offset = front;
  op.cipher_offset = text_at;
  op.cipher_length = text_bytes;
  op.auth_offset = aead ? 0 : text_at;
  op.auth_length = aead ? front : text_bytes;
  op.icv_offset = text_at + text_bytes;
  if (transform->Apply(op) != Verdict::kOk) return {};
  return Bytes(data.begin() + static_cast<std::ptrdiff_t>(front), data.end());
}

bool Reproduces(const CipherAnswer& a) {
  if (a.key.size() != Info(a.cipher).key_bytes || a.iv.size() != Info(a.cipher).iv_bytes) return false;
  SaSpec spec{Direction::kSeal, a.cipher, Integrity::kNone, SecretBytes(a.key), SecretBytes()};
  const std::string sealed = std::string(a.iv) + std::string(a.sealed);
  const std::string opened = std::string(a.iv) + std::string(a.plain);
  if (AsText(RunOnce(spec, "", a.iv, a.plain, "")) != sealed) return false;
  spec.direction = Direction::kOpen;
  return AsText(RunOnce(spec, "", a.iv, a.sealed, "")) == opened;
}

bool Reproduces(const IntegrityAnswer& a) {
  if (a.key.size() != Info(a.integrity).key_bytes || a.icv.size() != Info(a.integrity).icv_bytes) return false;
  SaSpec spec{Direction::kSeal, Cipher::kNull, a.integrity, SecretBytes(), SecretBytes(a.key)};
  const std::string whole = std::string(a.message) + std::string(a.icv);
  if (AsText(RunOnce(spec, "", "", a.message, std::string(a.icv.size(), '\0'))) != whole) return false;
  spec.direction = Direction::kOpen;
  return AsText(RunOnce(spec, "", "", a.message, a.icv)) == whole;
}

bool Reproduces(const AeadAnswer& a) {
  if (a.key.size() != Info(a.cipher).key_bytes || a.iv.size() != Info(a.cipher).iv_bytes) return false;
  SaSpec spec{Direction::kSeal, a.cipher, Integrity::kAead, SecretBytes(a.key), SecretBytes()};
  const std::string no_tag(a.tag.size(), '\0');
  const std::string sealed = std::string(a.iv) + std::string(a.sealed) + std::string(a.tag);
  const std::string opened = std::string(a.iv) + std::string(a.plain) + std::string(a.tag);
  if (AsText(RunOnce(spec, a.aad, a.iv, a.plain, no_tag)) != sealed) return false;
  spec.direction = Direction::kOpen;
  return AsText(RunOnce(spec, a.aad, a.iv, a.sealed, a.tag)) == opened;
}

// One answer or more concern it, and all of these come out.
template <typename Answer, typename Concerns>
bool AllReproduced(std::span<const Answer> answers, Concerns concerns) {
  return std::ranges::any_of(answers, concerns) &&
         std::ranges::all_of(answers, [&](const Answer& a) { return !concerns(a) || Reproduces(a); });
}

bool Proven(Cipher cipher, const KnownAnswers& answers) {
  if (cipher == Cipher::kNull) return true;
  if (Info(cipher).aead)
    return AllReproduced(answers.aead, [cipher](const AeadAnswer& a) { return a.cipher == cipher; });
  return AllReproduced(answers.ciphers, [cipher](const CipherAnswer& a) { return a.cipher == cipher; });
}

bool Proven(Integrity integrity, const KnownAnswers& answers) {
  if (integrity == Integrity::kNone || integrity == Integrity::kAead) return true;  // kAead: the cipher's own proof
  return AllReproduced(answers.integrity, [integrity](const IntegrityAnswer& a) { return a.integrity == integrity; });
}

std::vector<Capability> ProvenTransforms(const KnownAnswers& answers) {
  std::array<bool, kIntegrities.size()> integrity_proven{};
  std::ranges::transform(kIntegrities, integrity_proven.begin(), [&](Integrity i) { return Proven(i, answers); });
  std::vector<Capability> out;
  for (Cipher cipher : kCiphers) {
    if (!Proven(cipher, answers)) continue;
    for (std::size_t i = 0; i < kIntegrities.size(); ++i) {
      if (integrity_proven[i] && Fit(cipher, kIntegrities[i])) out.push_back({cipher, kIntegrities[i]});
    }
  }
  return out;
}

}  // namespace

// Handles are slot + generation * max_sas: a handle of a removed SA does not name the next SA in that slot.
struct SoftwareDevice::Impl {
  struct Slot {
    SaHandle handle = 0;
    std::uint32_t in_flight = 0;
    std::unique_ptr<BurstKeys> keys;  // null: free
  };

  explicit Impl(SoftwareLimits l) : limits(l) {}

  Slot* Find(SaHandle handle) {
    const std::size_t index = handle % limits.max_sas;
    if (index >= slots.size() || slots[index].handle != handle || !slots[index].keys) return nullptr;
    return &slots[index];
  }
  bool full() const { return free.empty() && slots.size() >= limits.max_sas; }

  void Run(std::span<CryptoOp> burst);

  SoftwareLimits limits;
  std::unique_ptr<BurstEngine> engine;
  std::vector<BurstEngine::Work> work;  // kept for its room
  Capabilities capabilities;
  std::vector<Slot> slots;
  std::vector<std::uint32_t> free;
  std::vector<CryptoOp> finished;  // grows to what is used: a simulation has thousands of engines
  std::size_t collected = 0;       // of `finished`, from the front
};

SoftwareDevice::SoftwareDevice(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SoftwareDevice::~SoftwareDevice() = default;

Result<std::unique_ptr<SoftwareDevice>> SoftwareDevice::Create(SoftwareLimits limits, KnownAnswers answers,
                                                               const EnginePlan& plan) {
  if (limits.max_sas == 0 || limits.max_sas > kMostSas || limits.queue_depth == 0) {
    return Status(Code::kBadValue, "software engine: limits out of range");
  }
  if (Status status = Openssl::Get().status(); !status.ok()) return std::move(status).Within("software engine");
  auto impl = std::make_unique<Impl>(limits);
  impl->capabilities.transforms = ProvenTransforms(answers);
  impl->capabilities.max_sas = limits.max_sas;
  impl->capabilities.max_burst = limits.queue_depth;
  Result<std::unique_ptr<BurstEngine>> engine = BurstEngine::Create(plan);
  SW_TRY(engine.status());
  impl->engine = std::move(*engine);
  impl->capabilities.engine = fmt::format("software ({})", impl->engine->libraries());
  impl->capabilities.figures = plan.figures();
  return std::unique_ptr<SoftwareDevice>(new SoftwareDevice(std::move(impl)));
}

const Capabilities& SoftwareDevice::capabilities() const {
  return impl_->capabilities;
}

Status SoftwareDevice::Validate(const SaSpec& spec) const {
  const auto matches = [&spec](const Capability& c) {
    return c.cipher == spec.cipher && c.integrity == spec.integrity;
  };
  if (std::ranges::none_of(impl_->capabilities.transforms, matches)) {
    return {Code::kUnsupported, "the software engine does not offer this transform"};
  }
  if (spec.cipher_key.size() != Info(spec.cipher).key_bytes ||
      spec.integrity_key.size() != Info(spec.integrity).key_bytes) {
    return {Code::kBadValue, "a key has the wrong size"};
  }
  if (impl_->full()) return {Code::kBusy, "the software engine's SA table is full"};
  return {};
}

Result<SaHandle> SoftwareDevice::AddSa(const SaSpec& spec) {
  if (Status status = Validate(spec); !status.ok()) return status;
  std::unique_ptr<BurstKeys> keys = impl_->engine->Prepare(spec);
  if (keys == nullptr) return Status(Code::kDevice, "OpenSSL refuses the keys");
  if (impl_->free.empty()) {
    impl_->free.push_back(static_cast<std::uint32_t>(impl_->slots.size()));
    impl_->slots.emplace_back().handle = impl_->free.back();
  }
  const std::uint32_t index = impl_->free.back();
  impl_->free.pop_back();
  Impl::Slot& slot = impl_->slots[index];
  const std::uint64_t next = std::uint64_t{slot.handle} + impl_->limits.max_sas;
  slot.handle = next > UINT32_MAX ? static_cast<SaHandle>(index + impl_->limits.max_sas) : static_cast<SaHandle>(next);
  slot.keys = std::move(keys);
  return slot.handle;
}

Status SoftwareDevice::RemoveSa(SaHandle handle) {
  Impl::Slot* slot = impl_->Find(handle);
  if (slot == nullptr) return {Code::kNotFound, "no such SA"};
  if (slot->in_flight != 0) return {Code::kInUse, "operations of this SA are not collected yet"};
  slot->keys.reset();
  impl_->free.push_back(static_cast<std::uint32_t>(handle % impl_->limits.max_sas));
  return {};
}

void SoftwareDevice::Impl::Run(std::span<CryptoOp> burst) {
  work.clear();
  for (CryptoOp& op : burst) {
    Slot* slot = Find(op.sa);
    if (slot == nullptr) {
      op.verdict = Verdict::kNoSa;
      continue;
    }
    ++slot->in_flight;
    work.push_back({slot->keys.get(), &op});
  }
  engine->Run(work);
}

const EnginePlan* SoftwareDevice::per_thread() const {
  return &impl_->engine->plan();
}

std::size_t SoftwareDevice::Submit(std::span<const CryptoOp> burst) {
  std::vector<CryptoOp>& finished = impl_->finished;
  finished.erase(finished.begin(), finished.begin() + static_cast<std::ptrdiff_t>(impl_->collected));
  impl_->collected = 0;
  const std::size_t taken = std::min(burst.size(), impl_->limits.queue_depth - finished.size());
  finished.insert(finished.end(), burst.begin(), burst.begin() + static_cast<std::ptrdiff_t>(taken));
  impl_->Run(std::span(finished).last(taken));
  return taken;
}

std::size_t SoftwareDevice::Complete(std::span<CryptoOp> done) {
  const std::size_t given = std::min(done.size(), impl_->finished.size() - impl_->collected);
  for (CryptoOp& op : done.first(given)) {
    op = impl_->finished[impl_->collected++];
    if (op.verdict != Verdict::kNoSa) --impl_->Find(op.sa)->in_flight;
  }
  return given;
}

}  // namespace sw::hal
