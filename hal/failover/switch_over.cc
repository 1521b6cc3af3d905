// Leaving the card and coming back to it: what was in flight, the wait, the proof, the SAs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "hal/failover/failover_device.h"

namespace sw::hal {
namespace {

using What = FailoverEvent::What;

constexpr std::uint32_t kProbeText = 256;

// A failure is counted in milliseconds for the operator.
long long Milliseconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

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

void FailoverDevice::Say(What what, std::string text) {
  card_.trace().Say(pcie::TraceTopic::kMisc, "{}", text);
  if (on_event_) on_event_({what, card_.trouble(), std::move(text)});
}

void FailoverDevice::Hold() {
  for (Sa& sa : sas_) sa.rewrite = false;  // the card forgets them all
  rewrites_ = 0;
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
  card_.trace().Say(pcie::TraceTopic::kMisc, "the card gets {} probe packets", options_.probes);
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
      card_.trace().Say(pcie::TraceTopic::kSa, "SA {} is the card's SA {}", sa.handle, *added);
    } else if (added.status().code() == Code::kUnsupported) {
      sa.card_refuses = true;
      card_.trace().Say(pcie::TraceTopic::kSa, "SA {} stays with software: the card lacks its algorithms", sa.handle);
    } else {
      return;  // later
    }
    --missing_;
  }
}

bool FailoverDevice::RewriteSas() {
  if (!on_card()) return false;
  for (Sa& sa : sas_) {
    if (!sa.used || !sa.card || sa.rewrite) continue;
    sa.rewrite = true;
    ++rewrites_;
  }
  Rewrite();
  return true;
}

// Removed and added at once: the card works off the commands of a slot in their order.
void FailoverDevice::Rewrite() {
  for (Sa& sa : sas_) {
    if (rewrites_ == 0) return;
    if (!sa.rewrite || sa.in_flight != 0) continue;
    if (card_.RemoveSa(*sa.card).code() == Code::kBusy) return;  // later
    sa.rewrite = false;
    --rewrites_;
    sa.card.reset();
    const Result<SaHandle> added = card_.AddSa(sa.spec);
    if (added.ok()) {
      sa.card = *added;
      card_.trace().Say(pcie::TraceTopic::kSa, "SA {} is written anew: the card's SA {}", sa.handle, *added);
    } else {
      ++missing_;
    }
    if (card_.health() == Health::kDown) return;  // the next Poll leaves it
  }
}

// Its packets have to wait: for its entry on the card, which software may not stand in for, or for those before them.
bool FailoverDevice::Waits(const Sa& sa) const {
  return on_card() && (sa.rewrite || (!sa.card && !sa.card_refuses && !backup_));
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
