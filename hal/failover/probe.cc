#include "hal/failover/probe.h"

#include <array>
#include <span>

namespace sw::hal {
namespace {

constexpr std::uint32_t kText = 256;

CryptoOp OpOf(Bytes& packet, SaHandle sa, const Capability& transform) {
  const CipherInfo& cipher = Info(transform.cipher);
  CryptoOp op;
  op.sa = sa;
  op.data = packet.data();
  op.size = static_cast<std::uint32_t>(packet.size());
  op.cipher_offset = static_cast<std::uint32_t>(cipher.iv_bytes);
  op.cipher_length = kText;
  op.auth_length = cipher.aead ? 0 : op.cipher_offset + kText;
  op.icv_offset = op.size - static_cast<std::uint32_t>(Info(transform.integrity).icv_bytes);
  return op;
}

}  // namespace

Status Probe::Start(int packets, Time deadline) {
  deadline_ = deadline;
  submitted_ = done_ = 0;
  for (std::array<CryptoOp, 64> left; card_.Complete(left) != 0;) {  // of a probe that ended before its packets
  }
  transform_ = card_.capabilities().transforms.back();
  SaSpec spec{Direction::kSeal, transform_.cipher, transform_.integrity, SecretBytes(Info(transform_.cipher).key_bytes),
              SecretBytes(Info(transform_.integrity).key_bytes)};
  random_.Fill(spec.cipher_key.span());
  random_.Fill(spec.integrity_key.span());
  const Result<SaHandle> on_card = card_.AddSa(spec);
  if (!on_card.ok()) return {Code::kDevice, on_card.why()};
  const Result<SaHandle> in_software = software_.AddSa(spec);
  if (!in_software.ok()) return {Code::kDevice, "software refused the probe's SA"};
  on_card_ = *on_card;
  in_software_ = *in_software;
  const std::size_t iv = Info(transform_.cipher).iv_bytes;
  plain_.resize(iv + kText + Info(transform_.integrity).icv_bytes);
  random_.Fill(plain_);
  packets_.assign(static_cast<std::size_t>(packets), plain_);
  for (std::size_t i = 0; iv != 0 && i < packets_.size(); ++i) packets_[i][0] = static_cast<std::uint8_t>(i);
  return {};
}

bool Probe::Submit() {
  if (card_.health() != Health::kUp || submitted_ == packets_.size()) return false;
  const CryptoOp op = OpOf(packets_[submitted_], on_card_, transform_);
  if (card_.Submit({&op, 1}) == 0) return false;
  ++submitted_;
  return true;
}

bool Probe::IsRight(const Bytes& result) {
  Bytes expected = plain_;
  if (Info(transform_.cipher).iv_bytes != 0) expected[0] = result[0];
  const CryptoOp op = OpOf(expected, in_software_, transform_);
  CryptoOp done;
  if (software_.Submit({&op, 1}) != 1 || software_.Complete({&done, 1}) != 1) return false;
  return done.verdict == Verdict::kOk && expected == result;
}

Probe::Outcome Probe::Poll(Time now) {
  while (Submit()) {
  }
  bool right = true;
  std::array<CryptoOp, 64> some;
  for (std::size_t n = 0; (n = card_.Complete(some)) != 0;)
    for (const CryptoOp& op : std::span(some).first(n))
      right = op.verdict == Verdict::kOk && IsRight(packets_[done_++]) && right;
  if (!right || card_.health() == Health::kDown) return Outcome::kWrong;
  if (done_ == packets_.size()) return Outcome::kRight;
  return now < deadline_ ? Outcome::kGoesOn : Outcome::kLate;
}

void Probe::End() {
  (void)software_.RemoveSa(in_software_);
}

}  // namespace sw::hal
