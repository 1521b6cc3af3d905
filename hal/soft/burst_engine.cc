#include "hal/soft/burst_engine.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "hal/soft/openssl.h"

namespace sw::hal {

Result<std::unique_ptr<BurstEngine>> BurstEngine::Create(const EnginePlan& plan) {
  std::unique_ptr<BurstEngine> engine(new BurstEngine);
  engine->plan_ = plan;
  if (plan.uses_multi_buffer()) {
    engine->multi_ = MultiBuffer::Create();
    if (engine->multi_ == nullptr) return Status(Code::kDevice, "software engine: libipsec-mb does not start");
  }
  return engine;
}

std::string BurstEngine::libraries() const {
  const std::string openssl = OpenSSL_version(OPENSSL_VERSION);
  return multi_ == nullptr ? openssl : fmt::format("{}; {}", openssl, multi_->name());
}

std::unique_ptr<BurstKeys> BurstEngine::Prepare(const SaSpec& spec) const {
  std::optional<Transform> one = Transform::Create(spec);
  if (!one) return nullptr;
  const bool many = plan_.from({spec.cipher, spec.integrity}, spec.direction) != EnginePlan::kNever;
  return std::unique_ptr<BurstKeys>(
      new BurstKeys(std::move(*one), many && multi_ ? multi_->Prepare(spec) : nullptr, spec));
}

// Packets that are done faster together, given how many of their kind there are, go together; the others go one by one.
// Where an op lies in the burst does not depend on it.
void BurstEngine::Run(std::span<const Work> burst) {
  const auto kind_of = [](const BurstKeys& keys) { return EnginePlan::Index(keys.kind_, keys.direction_); };
  for (const Work& w : burst)
    if (w.keys->many_) ++how_many_[kind_of(*w.keys)];
  many_.clear();
  for (const Work& w : burst) {
    BurstKeys& keys = *w.keys;
    if (!keys.many_ || how_many_[kind_of(keys)] < plan_.from(keys.kind_, keys.direction_)) {
      w.op->verdict = keys.one_.Apply(*w.op);
    } else if (!ShapeFits(*w.op, keys.kind_)) {
      w.op->verdict = Verdict::kBadShape;
    } else {
      many_.push_back({keys.many_.get(), w.op});
    }
  }
  if (!many_.empty()) multi_->Apply(many_);
  for (const Work& w : burst) how_many_[kind_of(*w.keys)] = 0;
}

}  // namespace sw::hal
