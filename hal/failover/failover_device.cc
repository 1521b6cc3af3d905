#include "hal/failover/failover_device.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace sw::hal {

FailoverDevice::FailoverDevice(pcie::PcieDevice& card, CryptoDevice& software, std::function<Time()> now,
                               Random& random, OnEvent on_event, FailoverOptions options)
    : card_(card),
      software_(software),
      now_(std::move(now)),
      random_(random),
      on_event_(std::move(on_event)),
      options_(options),
      capabilities_(software.capabilities()),
      hold_(options.first_hold),
      next_attempt_(now_()) {
  if (card_.capabilities().max_burst != 0) {
    capabilities_.max_burst = std::min(capabilities_.max_burst, card_.capabilities().max_burst);
    capabilities_.max_sas = std::min(capabilities_.max_sas, card_.capabilities().max_sas);
  }
  capabilities_.engine = card_.capabilities().engine + ", backup " + software_.capabilities().engine;
  slots_.resize(capabilities_.max_burst);
  for (std::size_t i = slots_.size(); i-- > 0;) free_slots_.push_back(static_cast<std::uint32_t>(i));
}

FailoverDevice::Sa* FailoverDevice::Find(SaHandle handle) {
  const std::size_t index = handle % capabilities_.max_sas;
  if (index >= sas_.size() || !sas_[index].used || sas_[index].handle != handle) return nullptr;
  return &sas_[index];
}

Status FailoverDevice::Validate(const SaSpec& spec) const {
  if (!on_card() && !backup_) return {Code::kDevice, "the card is out of service and backup is off"};
  if (sa_count_ >= capabilities_.max_sas) return {Code::kBusy, "the SA table is full"};
  if (!on_card()) return software_.Validate(spec);
  Status status = card_.Validate(spec);
  const bool software_may = status.code() == Code::kUnsupported || status.code() == Code::kBusy;
  return software_may && backup_ ? software_.Validate(spec) : status;
}

Result<SaHandle> FailoverDevice::AddSa(const SaSpec& spec) {
  Poll();
  if (Status status = Validate(spec); !status.ok()) return status;
  std::optional<SaHandle> on_the_card;
  bool refused = false;
  if (on_card()) {
    const Result<SaHandle> added = card_.AddSa(spec);
    refused = !added.ok() && added.status().code() == Code::kUnsupported;
    if (added.ok()) {
      on_the_card = *added;
    } else if (!backup_) {
      return added.status();
    }
  }
  if (free_sas_.empty()) {
    free_sas_.push_back(static_cast<std::uint32_t>(sas_.size()));
    sas_.emplace_back().handle = free_sas_.back();
  }
  const std::uint32_t index = free_sas_.back();
  Sa& sa = sas_[index];
  const std::uint64_t next = std::uint64_t{sa.handle} + capabilities_.max_sas;
  sa.spec = spec;
  sa.card = on_the_card;
  if (!on_the_card) {
    if (const Result<SaHandle> added = SoftwareSa(sa); !added.ok()) return added.status();
  }
  free_sas_.pop_back();
  sa.handle = next > UINT32_MAX ? static_cast<SaHandle>(index + capabilities_.max_sas) : static_cast<SaHandle>(next);
  sa.used = true;
  sa.card_refuses = refused;
  if (!on_the_card && !refused) ++missing_;
  ++sa_count_;
  if (on_the_card) {
    card_.trace().Say(pcie::TraceTopic::kSa, "SA {} is added: the card's SA {}", sa.handle, *on_the_card);
  } else {
    card_.trace().Say(pcie::TraceTopic::kSa, "SA {} is added: software has it, {}", sa.handle,
                      refused ? "the card lacks its algorithms" : "the card gets it later");
  }
  return sa.handle;
}

Status FailoverDevice::RemoveSa(SaHandle handle) {
  Sa* sa = Find(handle);
  if (sa == nullptr) return {Code::kNotFound, "no such SA"};
  if (sa->in_flight != 0) return {Code::kInUse, "operations of this SA are not collected yet"};
  if (sa->card && card_.RemoveSa(*sa->card).code() == Code::kBusy) card_removals_.push_back(*sa->card);
  if (sa->rewrite) --rewrites_;
  card_.trace().Say(pcie::TraceTopic::kSa, "SA {} is removed", handle);
  if (sa->software) (void)software_.RemoveSa(*sa->software);
  if (!sa->card && !sa->card_refuses) --missing_;
  *sa = {};
  sa->handle = handle;
  --sa_count_;
  free_sas_.push_back(static_cast<std::uint32_t>(handle % capabilities_.max_sas));
  return {};
}

// Software learns of an SA when it is first needed there.
Result<SaHandle> FailoverDevice::SoftwareSa(Sa& sa) {
  if (!sa.software) {
    const Result<SaHandle> added = software_.AddSa(sa.spec);
    if (!added.ok()) return added;
    sa.software = *added;
  }
  return *sa.software;
}

std::size_t FailoverDevice::Submit(std::span<const CryptoOp> burst) {
  Poll();
  std::size_t taken = 0;
  for (const CryptoOp& op : burst) {
    if (free_slots_.empty() || submitted_ - collected_ >= slots_.size() || health() == Health::kDown) break;
    Sa* sa = Find(op.sa);
    if (sa != nullptr && Waits(*sa)) break;
    const std::uint32_t index = free_slots_.back();
    free_slots_.pop_back();
    Slot& slot = slots_[index];
    slot.op = op;
    slot.number = ++number_;
    slot.shadowed = false;
    ++submitted_;
    ++taken;
    if (sa == nullptr) {
      Finish(index, Verdict::kNoSa);
      continue;
    }
    ++sa->in_flight;
    if (!on_card() || !sa->card) {
      ToSoftware(index);
      continue;
    }
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
  Flush();
  return taken;
}

void FailoverDevice::ToSoftware(std::uint32_t index) {
  Slot& slot = slots_[index];
  const Result<SaHandle> sa = SoftwareSa(*Find(slot.op.sa));
  if (!sa.ok()) {
    ++counters_.lost;
    return Finish(index, Verdict::kFault);
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

void FailoverDevice::Finish(std::uint32_t index, Verdict verdict) {
  Slot& slot = slots_[index];
  slot.where = Where::kNowhere;
  CryptoOp& op = finished_.emplace_back(slot.op);
  op.verdict = verdict;
  free_slots_.push_back(index);
}

std::size_t FailoverDevice::Complete(std::span<CryptoOp> done) {
  Poll();
  const std::size_t given = std::min(done.size(), finished_.size() - taken_);
  for (CryptoOp& op : done.first(given)) {
    op = finished_[taken_++];
    if (Sa* sa = Find(op.sa); sa != nullptr && op.verdict != Verdict::kNoSa) --sa->in_flight;
  }
  collected_ += given;
  if (taken_ == finished_.size()) {
    finished_.clear();
    taken_ = 0;
  }
  return given;
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
  if (on_card() && rewrites_ != 0) Rewrite();
  if (on_card() && missing_ != 0) AddMissing();
  while (!card_removals_.empty() && card_.RemoveSa(card_removals_.back()).code() != Code::kBusy)
    card_removals_.pop_back();
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
      Finish(index, verdict);
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
      Finish(static_cast<std::uint32_t>(op.context), op.verdict);
    }
  }
}

// A packet through software on the side. Software finishes what it takes inside Submit or soon after; nothing of ours
// is with it while the card is in use but SAs that only software has.
CryptoOp FailoverDevice::Recompute(Slot& slot, Bytes& data) {
  CollectSoftware();
  CryptoOp op = slot.op;
  op.verdict = Verdict::kFault;
  const Result<SaHandle> sa = SoftwareSa(*Find(slot.op.sa));
  if (!sa.ok() || with_software_ != 0) return op;
  op.sa = *sa;
  op.data = data.data();
  CryptoOp done;
  if (software_.Submit({&op, 1}) == 1 && software_.Complete({&done, 1}) == 1) op.verdict = done.verdict;
  return op;
}

// Compares the card's result with software's where this packet is to be looked at.
void FailoverDevice::Check(std::uint32_t index, Verdict& verdict) {
  Slot& slot = slots_[index];
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
