// The engine of a card with one mistake in it, as a designer of cards makes them: what a fuzzer for cards has to find.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "hal/soft/software_device.h"

namespace sw::hal::card {

struct Plant {
  std::string_view what;
  void (*before)(CryptoOp& op, const SaSpec& spec);  // may bend what is asked; null: does not
  void (*after)(CryptoOp& op, const SaSpec& spec);   // may bend what came of it; null: does not
  void (*key)(SaSpec& spec);                         // may bend what an SA is; null: does not
};

inline bool Opens(const SaSpec& spec) {
  return spec.direction == Direction::kOpen;
}

inline constexpr Plant kPlants[] = {
    {"the IV is read from the front of the packet", [](CryptoOp& op, const SaSpec&) { op.iv_offset = 0; }, nullptr,
     nullptr},
    {"a forged ICV is taken when the packet has an odd length", nullptr,
     [](CryptoOp& op, const SaSpec& spec) {
       if (Opens(spec) && op.verdict == Verdict::kBadIcv && op.size % 2 == 1) op.verdict = Verdict::kOk;
     },
     nullptr},
    {"the last byte of a text over 4096 bytes is left as it was", nullptr,
     [](CryptoOp& op, const SaSpec&) {
       if (op.verdict == Verdict::kOk && op.cipher_length > 4096) op.data[op.cipher_offset + op.cipher_length - 1] ^= 1;
     },
     nullptr},
    {"authentication begins at the front, whatever it is told",
     [](CryptoOp& op, const SaSpec&) { op.auth_length += std::exchange(op.auth_offset, 0); }, nullptr, nullptr},
    {"AES-CBC-256 has the keys of AES-CBC-128", nullptr, nullptr,
     [](SaSpec& spec) {
       if (spec.cipher == Cipher::kAesCbc256) std::fill_n(spec.cipher_key.span().data() + 16, 16, std::uint8_t{0});
     }},
    {"impossible ranges are computed where nothing ends behind the packet", nullptr,
     [](CryptoOp& op, const SaSpec&) {
       if (op.verdict == Verdict::kBadShape && op.icv_offset < op.size) op.verdict = Verdict::kOk;
     },
     nullptr},
    {"HMAC-SHA256 is cut to 96 bits", nullptr,
     [](CryptoOp& op, const SaSpec& spec) {
       if (op.verdict == Verdict::kOk && !Opens(spec) && spec.integrity == Integrity::kHmacSha256)
         std::fill_n(op.data + op.icv_offset + 12, 4, std::uint8_t{0});
     },
     nullptr},
    {"a good packet is refused when its text has 160 bytes", nullptr,
     [](CryptoOp& op, const SaSpec& spec) {
       if (Opens(spec) && op.verdict == Verdict::kOk && op.cipher_length == 160) op.verdict = Verdict::kBadIcv;
     },
     nullptr},
    {"3DES ends with the first of its keys", nullptr, nullptr,
     [](SaSpec& spec) {
       if (spec.cipher == Cipher::k3DesCbc)
         std::copy_n(spec.cipher_key.view().data(), 8, spec.cipher_key.span().data() + 16);
     }},
    {"of the additional data of AES-GCM 16 bytes count",
     [](CryptoOp& op, const SaSpec& spec) {
       if (spec.integrity == Integrity::kAead) op.auth_length = std::min(op.auth_length, 16U);
     },
     nullptr, nullptr},
};

class PlantedEngine final : public CryptoDevice {
 public:
  PlantedEngine(std::unique_ptr<CryptoDevice> engine, const Plant& plant) : engine_(std::move(engine)), plant_(plant) {}

  const Capabilities& capabilities() const override { return engine_->capabilities(); }
  Health health() const override { return engine_->health(); }
  Status Validate(const SaSpec& spec) const override { return engine_->Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override {
    SaSpec bent = spec;
    if (plant_.key != nullptr) plant_.key(bent);
    const Result<SaHandle> added = engine_->AddSa(bent);
    if (added.ok()) specs_.emplace_back(*added, spec);
    return added;
  }
  Status RemoveSa(SaHandle sa) override {
    std::erase_if(specs_, [sa](const auto& row) { return row.first == sa; });
    return engine_->RemoveSa(sa);
  }
  std::size_t Submit(std::span<const CryptoOp> burst) override {  // the model asks for one at a time
    CryptoOp op = burst[0];
    if (plant_.before != nullptr) plant_.before(op, SpecOf(op.sa));
    asked_ = burst[0];
    return engine_->Submit({&op, 1});
  }
  std::size_t Complete(std::span<CryptoOp> done) override {
    if (engine_->Complete(done.first(1)) == 0) return 0;
    const Verdict verdict = done[0].verdict;
    done[0] = asked_;
    done[0].verdict = verdict;
    if (plant_.after != nullptr) plant_.after(done[0], SpecOf(done[0].sa));
    return 1;
  }

 private:
  const SaSpec& SpecOf(SaHandle sa) const {
    static const SaSpec kNone;
    for (const auto& [handle, spec] : specs_)
      if (handle == sa) return spec;
    return kNone;
  }

  std::unique_ptr<CryptoDevice> engine_;
  const Plant& plant_;
  std::vector<std::pair<SaHandle, SaSpec>> specs_;
  CryptoOp asked_;
};

}  // namespace sw::hal::card
