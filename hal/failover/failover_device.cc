#include "hal/failover/failover_device.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace sw::hal {

namespace {

// The capabilities are software's, with the sizes of both.
Capabilities Of(const CryptoCard& card, const CryptoDevice& software) {
  Capabilities out = software.capabilities();
  if (card.capabilities().max_burst != 0) {
    out.max_burst = std::min(out.max_burst, card.capabilities().max_burst);
    out.max_sas = std::min(out.max_sas, card.capabilities().max_sas);
  }
  out.engine = card.capabilities().engine + ", backup " + software.capabilities().engine;
  return out;
}

}  // namespace

FailoverDevice::FailoverDevice(CryptoCard& card, CryptoDevice& software, std::function<Time()> now, Random& random,
                               OnEvent on_event, FailoverOptions options)
    : card_(card),
      software_(software),
      now_(std::move(now)),
      on_event_(std::move(on_event)),
      options_(options),
      capabilities_(Of(card, software)),
      hold_(options.first_hold),
      next_attempt_(now_()),
      probe_(card, software, random),
      sas_(card, software, capabilities_.max_sas),
      operations_(capabilities_.max_burst) {}

Status FailoverDevice::Validate(const SaSpec& spec) const {
  if (!on_card() && !backup_) return {Code::kDevice, "the card is out of service and backup is off"};
  if (sas_.count() >= capabilities_.max_sas) return {Code::kBusy, "the SA table is full"};
  if (!on_card()) return software_.Validate(spec);
  Status status = card_.Validate(spec);
  const bool software_may = status.code() == Code::kUnsupported || status.code() == Code::kBusy;
  return software_may && backup_ ? software_.Validate(spec) : status;
}

Result<SaHandle> FailoverDevice::AddSa(const SaSpec& spec) {
  Poll();
  if (Status status = Validate(spec); !status.ok()) return status;
  return sas_.Add(spec, on_card(), backup_);
}

Status FailoverDevice::RemoveSa(SaHandle handle) {
  return sas_.Remove(handle);
}

// Its packets have to wait: for its entry on the card, which software may not stand in for, or for those before them.
bool FailoverDevice::Waits(const SaTable::Sa& sa) const {
  return on_card() && (sa.rewrite || (!sa.card && !sa.card_refuses && !backup_));
}

std::size_t FailoverDevice::Submit(std::span<const CryptoOp> burst) {
  Poll();
  std::size_t taken = 0;
  for (const CryptoOp& op : burst) {
    if (operations_.full() || health() == Health::kDown) break;
    SaTable::Sa* sa = sas_.Find(op.sa);
    if (sa != nullptr && Waits(*sa)) break;
    Route(op, sa);
    ++taken;
  }
  Flush();
  return taken;
}

void FailoverDevice::Route(const CryptoOp& op, SaTable::Sa* sa) {
  const std::uint32_t index = operations_.Take(op);
  if (sa == nullptr) return operations_.Finish(index, Verdict::kNoSa);
  ++sa->in_flight;
  if (!on_card() || !sa->card) return ToSoftware(index);
  Slot& slot = operations_.at(index);
  slot.where = Where::kCard;
  shadow_phase_ += shadow_percent_;
  if (shadow_phase_ >= 100 && op.data != nullptr) {
    shadow_phase_ -= 100;
    slot.shadowed = true;
    slot.before.assign(op.data, op.data + op.size);
  }
  CryptoOp& work = to_card_.emplace_back(op);
  work.sa = *sa->card;
  work.context = index;
}

void FailoverDevice::ToSoftware(std::uint32_t index) {
  Slot& slot = operations_.at(index);
  const Result<SaHandle> sa = sas_.InSoftware(*sas_.Find(slot.op.sa));
  if (!sa.ok()) {
    ++counters_.lost;
    return operations_.Finish(index, Verdict::kFault);
  }
  slot.where = Where::kSoftware;
  CryptoOp& work = to_software_.emplace_back(slot.op);
  work.sa = *sa;
  work.context = index;
}

// Hands on what was taken, as far as the engines take it.
void FailoverDevice::Flush() {
  if (!to_card_.empty()) {
    const std::size_t n = card_.Submit(to_card_);
    to_card_.erase(to_card_.begin(), to_card_.begin() + static_cast<std::ptrdiff_t>(n));
  }
  if (!to_software_.empty()) {
    const std::size_t n = software_.Submit(to_software_);
    with_software_ += n;
    to_software_.erase(to_software_.begin(), to_software_.begin() + static_cast<std::ptrdiff_t>(n));
  }
}

std::size_t FailoverDevice::Complete(std::span<CryptoOp> done) {
  Poll();
  return operations_.Collect(done, [this](const CryptoOp& op) {
    if (SaTable::Sa* sa = sas_.Find(op.sa); sa != nullptr && op.verdict != Verdict::kNoSa) --sa->in_flight;
  });
}

void FailoverDevice::Poll() {
  card_.Poll();
  if (on_card()) {
    CollectCard();
    if (card_.health() == Health::kDown) LeaveCard();
  } else {
    PollReturn();
  }
  Flush();
  CollectSoftware();
  if (on_card() && sas_.rewriting()) sas_.Rewrite();
  if (on_card() && sas_.missing() != 0) sas_.AddMissing(true);
  sas_.RetryRemovals();
}

void FailoverDevice::CollectCard() {
  std::array<CryptoOp, kCollect> some;
  for (std::size_t n = 0; (n = card_.Complete(some)) != 0;) {
    for (const CryptoOp& op : std::span(some).first(n)) {
      if (op.verdict == Verdict::kFault) continue;  // the card has failed: LeaveCard finds these still in flight
      Verdict verdict = op.verdict;
      const auto index = static_cast<std::uint32_t>(op.context);
      Check(index, verdict);
      ++counters_.on_card;
      operations_.Finish(index, verdict);
    }
  }
  if (std::exchange(wrong_result_, false)) {
    card_.Fail(pcie::Trouble::kWrongResult);
    CollectCard();
  }
}

void FailoverDevice::CollectSoftware() {
  std::array<CryptoOp, kCollect> some;
  for (std::size_t n = 0; (n = software_.Complete(some)) != 0;) {
    for (const CryptoOp& op : std::span(some).first(n)) {
      --with_software_;
      ++counters_.on_software;
      operations_.Finish(static_cast<std::uint32_t>(op.context), op.verdict);
    }
  }
}

// A packet through software on the side. Software finishes what it takes inside Submit or soon after; nothing of ours
// is with it while the card is in use but SAs that only software has.
CryptoOp FailoverDevice::Recompute(Slot& slot, Bytes& data) {
  CollectSoftware();
  CryptoOp op = slot.op;
  op.verdict = Verdict::kFault;
  const Result<SaHandle> sa = sas_.InSoftware(*sas_.Find(slot.op.sa));
  if (!sa.ok() || with_software_ != 0) return op;
  op.sa = *sa;
  op.data = data.data();
  CryptoOp done;
  if (software_.Submit({&op, 1}) == 1 && software_.Complete({&done, 1}) == 1) op.verdict = done.verdict;
  return op;
}

// Compares the card's result with software's where this packet is to be looked at.
void FailoverDevice::Check(std::uint32_t index, Verdict& verdict) {
  Slot& slot = operations_.at(index);
  const bool refused = verdict == Verdict::kBadIcv && backup_;  // the driver leaves such a packet as it was
  if (!slot.shadowed && !refused) return;
  if (!slot.shadowed) slot.before.assign(slot.op.data, slot.op.data + slot.op.size);
  ++counters_.shadowed;
  const CryptoOp right = Recompute(slot, slot.before);
  if (right.verdict == Verdict::kFault) return;  // software cannot tell
  const bool same_bytes =
      right.verdict != Verdict::kOk || std::equal(slot.before.begin(), slot.before.end(), slot.op.data);
  if (right.verdict == verdict && same_bytes) return;
  ++counters_.shadow_differences;
  verdict = right.verdict;
  if (verdict == Verdict::kOk) std::ranges::copy(slot.before, slot.op.data);
  wrong_result_ = true;
}

void FailoverDevice::SetBackup(bool on) {
  backup_ = on;
}

}  // namespace sw::hal
