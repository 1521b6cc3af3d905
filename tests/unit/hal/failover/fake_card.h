// A card that does what it is told: SAs that it takes or not, packets that software computes for it, right or wrong.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "hal/crypto_card.h"
#include "hal/soft/software_device.h"
#include "hal/testing/scripted_transport.h"

namespace sw::hal {

class FakeCard final : public CryptoCard {
 public:
  explicit FakeCard(std::size_t sas = 8) : inside_(*SoftwareDevice::Create({sas, 64})) {}

  const Capabilities& capabilities() const override { return inside_->capabilities(); }
  Health health() const override { return is; }
  Status Validate(const SaSpec& spec) const override { return inside_->Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override {
    if (!adds.ok()) return adds;
    const Result<SaHandle> added = inside_->AddSa(spec);
    if (added.ok()) ++present;
    return added;
  }
  Status RemoveSa(SaHandle sa) override {
    if (!removes.ok()) return removes;
    --present;
    return inside_->RemoveSa(sa);
  }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return takes ? inside_->Submit(burst) : 0; }
  std::size_t Complete(std::span<CryptoOp> done) override {
    const std::size_t given = inside_->Complete(done);
    for (CryptoOp& op : done.first(given))
      if (wrong) op.data[op.icv_offset] ^= 1;
    return given;
  }
  void Poll() override {}
  bool failed() const override { return is == Health::kDown; }
  void Restart() override {}
  void Fail(pcie::Trouble, std::string) override { is = Health::kDown; }
  std::string_view stage() const override { return "running"; }
  pcie::Trouble trouble() const override { return pcie::Trouble::kNone; }
  std::string trouble_text() const override { return {}; }
  std::size_t sas() const override { return static_cast<std::size_t>(present); }
  CardReading Read() override { return {}; }
  pcie::Transport& transport() override { return transport_; }

  Status adds, removes;  // what AddSa and RemoveSa answer, when not ok
  Health is = Health::kUp;
  bool takes = true, wrong = false;
  int present = 0;  // SAs

 private:
  std::unique_ptr<SoftwareDevice> inside_;
  pcie::ScriptedTransport transport_;
};

inline SaSpec SpecOf(Cipher cipher = Cipher::kAesCbc, Integrity integrity = Integrity::kHmacSha1) {
  return {Direction::kSeal, cipher, integrity, SecretBytes(Info(cipher).key_bytes),
          SecretBytes(Info(integrity).key_bytes)};
}

}  // namespace sw::hal
