// Leaving the card and coming back to it: what was in flight, the wait, the proof, the SAs.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "hal/failover/failover_device.h"

namespace sw::hal {
namespace {

using What = FailoverEvent::What;

// A failure is counted in milliseconds for the operator.
long long Milliseconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

}  // namespace

void FailoverDevice::Say(What what, std::string text) {
  card_.trace().Say(pcie::TraceTopic::kMisc, "{}", text);
  if (on_event_) on_event_({what, card_.trouble(), std::move(text)});
}

void FailoverDevice::Hold() {
  sas_.CardFailed();
  phase_ = Phase::kHold;
  next_attempt_ = shut_down_ ? Time::Never() : now_() + hold_;
  hold_ = std::min(hold_ * 2, options_.longest_hold);
}

void FailoverDevice::LeaveCard() {
  if (now_() - returned_at_ >= options_.good_behaviour) hold_ = options_.first_hold;
  Hold();
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
        fmt::format("software takes over {} SAs, {} packets in flight are done again, {} are lost, {}", sas_.count(),
                    retried, lost, again));
  } else {
    Say(What::kNoBackup, fmt::format("backup is off: {} SAs carry nothing, {} packets in flight are lost, {}",
                                     sas_.count(), lost, again));
  }
}

// What the card had, in the order in which it was submitted.
void FailoverDevice::Rescue(std::size_t& retried, std::size_t& lost) {
  for (const std::uint32_t index : operations_.With(Where::kCard)) {
    const std::uint64_t lost_before = counters_.lost;
    if (backup_) {
      ToSoftware(index);
    } else {
      ++counters_.lost;
      operations_.Finish(index, Verdict::kFault);
    }
    counters_.lost == lost_before ? ++retried : ++lost;
  }
  counters_.retried += retried;
}

// While it was out of service: its next attempt is later.
void FailoverDevice::FailedAgain() {
  Say(What::kCardFailed, card_.trouble_text());
  Hold();
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
      if (card_.health() == Health::kUp) return StartProbe();
      if (card_.failed()) FailedAgain();
      return;
    case Phase::kProbing:
      return PollProbe();
    case Phase::kAdding:
      return PollAdding();
  }
}

void FailoverDevice::StartProbe() {
  phase_ = Phase::kProbing;
  card_.trace().Say(pcie::TraceTopic::kMisc, "the card gets {} probe packets", options_.probes);
  const Status started = probe_.Start(options_.probes, now_() + options_.probe_patience);
  if (started.ok()) return;
  card_.Fail(pcie::Trouble::kProbeFailed, started.why());
  FailedAgain();
}

void FailoverDevice::PollProbe() {
  CollectSoftware();
  const std::uint64_t before = probe_.done();
  const Probe::Outcome outcome = probe_.Poll(now_());
  counters_.probes += probe_.done() - before;
  if (outcome == Probe::Outcome::kGoesOn) return;
  probe_.End();
  if (outcome != Probe::Outcome::kRight) {
    card_.Fail(pcie::Trouble::kProbeFailed,
               outcome == Probe::Outcome::kLate
                   ? fmt::format("{} of {} came back in time", probe_.done(), options_.probes)
                   : "one came out wrong");
    return FailedAgain();
  }
  sas_.RemoveFromCard(probe_.on_card());
  phase_ = Phase::kAdding;
}

void FailoverDevice::PollAdding() {
  sas_.AddMissing(false);
  if (card_.health() == Health::kDown) return FailedAgain();
  // Packets of one SA keep their order: software has finished before the card begins.
  if (sas_.missing() != 0 || with_software_ != 0 || !to_software_.empty()) return;
  phase_ = Phase::kOnCard;
  returned_at_ = now_();
  ++counters_.to_card;
  Say(What::kBackToCard,
      fmt::format("the card works: {} probe packets came out right, it carries {} SAs", options_.probes, sas_.count()));
}

bool FailoverDevice::RewriteSas() {
  if (on_card()) sas_.StartRewrite();
  return on_card();
}

void FailoverDevice::SetShutDown(bool down) {
  if (down == shut_down_) return;
  shut_down_ = down;
  if (!down) {
    next_attempt_ = now_();
    return;
  }
  card_.Fail(pcie::Trouble::kShutDown);
  next_attempt_ = Time::Never();
  if (phase_ == Phase::kOnCard) {
    CollectCard();
    LeaveCard();
  } else {
    if (phase_ == Phase::kProbing) probe_.End();
    sas_.CardFailed();
    phase_ = Phase::kHold;
  }
  hold_ = options_.first_hold;
}

}  // namespace sw::hal
