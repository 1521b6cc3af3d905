#include "hal/failover/failover_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace sw::hal {
namespace {

using What = FailoverEvent::What;

constexpr std::size_t kCollect = 64;
constexpr std::uint32_t kProbeText = 256;

// A failure is counted in milliseconds for the operator.
long long Milliseconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

}  // namespace

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

void FailoverDevice::Say(What what, std::string text) {
  if (on_event_) on_event_({what, card_.trouble(), std::move(text)});
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
  return sa.handle;
}

Status FailoverDevice::RemoveSa(SaHandle handle) {
  Sa* sa = Find(handle);
  if (sa == nullptr) return {Code::kNotFound, "no such SA"};
  if (sa->in_flight != 0) return {Code::kInUse, "operations of this SA are not collected yet"};
  if (sa->card && card_.RemoveSa(*sa->card).code() == Code::kBusy) card_removals_.push_back(*sa->card);
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
    const std::uint32_t index = free_slots_.back();
    free_slots_.pop_back();
    Slot& slot = slots_[index];
    slot.op = op;
    slot.number = ++number_;
    slot.shadowed = false;
    ++submitted_;
    ++taken;
    Sa* sa = Find(op.sa);
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

void FailoverDevice::Hold() {
  phase_ = Phase::kHold;
  next_attempt_ = shut_down_ ? Time::Never() : now_() + hold_;
  hold_ = std::min(hold_ * 2, options_.longest_hold);
}

void FailoverDevice::LeaveCard() {
  if (now_() - returned_at_ >= options_.good_behaviour) hold_ = options_.first_hold;
  Hold();
  missing_ = 0;
  for (Sa& sa : sas_) {
    sa.card.reset();
    sa.card_refuses = false;
    if (sa.used) ++missing_;
  }
  card_removals_.clear();
  to_card_.clear();
  std::size_t retried = 0, lost = 0;
  Rescue(retried, lost);
  if (backup_) ++counters_.to_software;
  Say(What::kCardFailed, card_.trouble_text());
  const std::string again = next_attempt_ == Time::Never()
                                ? std::string("until the card is switched on again")
                                : fmt::format("the card is tried again in {} ms", Milliseconds(next_attempt_ - now_()));
  if (backup_) {
    Say(What::kToSoftware,
        fmt::format("software takes over {} SAs, {} packets in flight are done again, {} are lost, {}", sa_count_,
                    retried, lost, again));
  } else {
    Say(What::kNoBackup,
        fmt::format("backup is off: {} SAs carry nothing, {} packets in flight are lost, {}", sa_count_, lost, again));
  }
}

// What the card had, in the order in which it was submitted.
void FailoverDevice::Rescue(std::size_t& retried, std::size_t& lost) {
  std::vector<std::uint32_t> left;
  for (std::uint32_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].where == Where::kCard) left.push_back(i);
  std::ranges::sort(left, {}, [this](std::uint32_t i) { return slots_[i].number; });
  for (std::uint32_t index : left) {
    const std::uint64_t lost_before = counters_.lost;
    if (backup_) {
      ToSoftware(index);
    } else {
      ++counters_.lost;
      Finish(index, Verdict::kFault);
    }
    counters_.lost == lost_before ? ++retried : ++lost;
  }
  counters_.retried += retried;
}

void FailoverDevice::PollReturn() {
  switch (phase_) {
    case Phase::kOnCard:
      return;
    case Phase::kHold:
      if (shut_down_ || now_() < next_attempt_) return;
      card_.Restart();
      phase_ = Phase::kBringUp;
      return;
    case Phase::kBringUp:
      if (card_.state() == pcie::BringUp::kRunning) return StartProbe();
      if (card_.state() != pcie::BringUp::kFailed) return;
      Say(What::kCardFailed, card_.trouble_text());
      return Hold();
    case Phase::kProbing:
      return PollProbe();
    case Phase::kAdding:
      AddMissing();
      if (card_.health() == Health::kDown) {
        Say(What::kCardFailed, card_.trouble_text());
        for (Sa& sa : sas_) sa.card.reset();
        return Hold();
      }
      // Packets of one SA keep their order: software has finished before the card begins.
      if (missing_ != 0 || with_software_ != 0 || !to_software_.empty()) return;
      phase_ = Phase::kOnCard;
      returned_at_ = now_();
      ++counters_.to_card;
      return Say(What::kBackToCard, fmt::format("the card works: {} probe packets came out right, it carries {} SAs",
                                                options_.probes, sa_count_));
  }
}

// A pair of SAs that nobody else uses, with the strongest transform that both engines have.
void FailoverDevice::StartProbe() {
  phase_ = Phase::kProbing;
  probe_ = {};
  probe_.deadline = now_() + std::chrono::seconds(1);
  const Capability transform = card_.capabilities().transforms.back();
  SaSpec spec{Direction::kSeal, transform.cipher, transform.integrity, SecretBytes(Info(transform.cipher).key_bytes),
              SecretBytes(Info(transform.integrity).key_bytes)};
  random_.Fill(spec.cipher_key.span());
  random_.Fill(spec.integrity_key.span());
  const Result<SaHandle> on_card = card_.AddSa(spec), in_software = software_.AddSa(spec);
  if (in_software.ok()) probe_.software = *in_software;
  if (!on_card.ok() || !in_software.ok()) {
    if (in_software.ok()) (void)software_.RemoveSa(*in_software);
    card_.Fail(pcie::Trouble::kProbeFailed, on_card.ok() ? "software refused the probe's SA" : on_card.why());
    Say(What::kCardFailed, card_.trouble_text());
    return Hold();
  }
  probe_.card = *on_card;
  const std::size_t iv = Info(transform.cipher).iv_bytes, icv = Info(transform.integrity).icv_bytes;
  probe_.plain.resize(iv + kProbeText + icv);
  random_.Fill(probe_.plain);
  probe_.packets.assign(static_cast<std::size_t>(options_.probes), probe_.plain);
  for (std::size_t i = 0; i < probe_.packets.size(); ++i)
    if (iv != 0) probe_.packets[i][0] = static_cast<std::uint8_t>(i);
}

namespace {
CryptoOp ProbeOp(Bytes& packet, SaHandle sa, const CipherInfo& cipher, const IntegrityInfo& integrity) {
  CryptoOp op;
  op.sa = sa;
  op.data = packet.data();
  op.size = static_cast<std::uint32_t>(packet.size());
  op.cipher_offset = static_cast<std::uint32_t>(cipher.iv_bytes);
  op.cipher_length = kProbeText;
  op.auth_length = cipher.aead ? 0 : op.cipher_offset + kProbeText;
  op.icv_offset = op.size - static_cast<std::uint32_t>(integrity.icv_bytes);
  return op;
}
}  // namespace

bool FailoverDevice::ProbeIsRight(Bytes& result) {
  const Capability transform = card_.capabilities().transforms.back();
  Bytes expected = probe_.plain;
  if (Info(transform.cipher).iv_bytes != 0) expected[0] = result[0];
  CryptoOp op = ProbeOp(expected, probe_.software, Info(transform.cipher), Info(transform.integrity));
  CollectSoftware();
  CryptoOp done;
  if (software_.Submit({&op, 1}) != 1 || software_.Complete({&done, 1}) != 1) return false;
  return done.verdict == Verdict::kOk && expected == result;
}

void FailoverDevice::PollProbe() {
  const Capability transform = card_.capabilities().transforms.back();
  bool right = true;
  while (card_.health() == Health::kUp && probe_.submitted < probe_.packets.size()) {
    CryptoOp op =
        ProbeOp(probe_.packets[probe_.submitted], probe_.card, Info(transform.cipher), Info(transform.integrity));
    if (card_.Submit({&op, 1}) == 0) break;
    ++probe_.submitted;
  }
  std::array<CryptoOp, kCollect> some;
  for (std::size_t n = 0; (n = card_.Complete(some)) != 0;) {
    for (const CryptoOp& op : std::span(some).first(n)) {
      Bytes& packet = probe_.packets[probe_.done++];
      right = right && op.verdict == Verdict::kOk && ProbeIsRight(packet);
      ++counters_.probes;
    }
  }
  const bool all = probe_.done == probe_.packets.size();
  if (right && !all && card_.health() == Health::kUp && now_() < probe_.deadline) return;
  (void)software_.RemoveSa(probe_.software);
  if (card_.health() == Health::kUp && !(right && all)) card_.Fail(pcie::Trouble::kProbeFailed);
  if (card_.health() == Health::kDown) {
    Say(What::kCardFailed, card_.trouble_text());
    return Hold();
  }
  if (card_.RemoveSa(probe_.card).code() == Code::kBusy) card_removals_.push_back(probe_.card);
  phase_ = Phase::kAdding;
}

void FailoverDevice::AddMissing() {
  for (Sa& sa : sas_) {
    if (missing_ == 0) return;
    // While the card is in use, an SA moves to it only when software has nothing of it.
    if (!sa.used || sa.card || sa.card_refuses || (on_card() && sa.in_flight != 0)) continue;
    const Result<SaHandle> added = card_.AddSa(sa.spec);
    if (added.ok()) {
      sa.card = *added;
    } else if (added.status().code() == Code::kUnsupported) {
      sa.card_refuses = true;
    } else {
      return;  // later
    }
    --missing_;
  }
}

void FailoverDevice::SetBackup(bool on) {
  backup_ = on;
}

void FailoverDevice::SetShutDown(bool down) {
  if (down == shut_down_) return;
  shut_down_ = down;
  if (down) {
    card_.Fail(pcie::Trouble::kShutDown);
    next_attempt_ = Time::Never();
    if (phase_ == Phase::kOnCard) {
      CollectCard();
      LeaveCard();
    } else {
      if (phase_ == Phase::kProbing) (void)software_.RemoveSa(probe_.software);
      phase_ = Phase::kHold;
    }
    hold_ = options_.first_hold;
  } else {
    next_attempt_ = now_();
  }
}

}  // namespace sw::hal
