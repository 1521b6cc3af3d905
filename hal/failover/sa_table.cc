#include "hal/failover/sa_table.h"

#include <utility>

namespace sw::hal {

using pcie::TraceTopic;

Result<SaHandle> SaTable::Add(const SaSpec& spec, bool on_card, bool software_may) {
  Sa sa;
  sa.spec = spec;
  if (on_card) {
    const Result<SaHandle> added = card_.AddSa(spec);
    sa.card_refuses = added.status().code() == Code::kUnsupported;
    if (added.ok()) {
      sa.card = *added;
    } else if (!software_may) {
      return added.status();
    }
  }
  if (!sa.card) SW_TRY(InSoftware(sa).status());
  const std::optional<SaHandle> on_the_card = sa.card;
  const bool refused = sa.card_refuses;
  if (!on_the_card && !refused) ++missing_;
  const SaHandle handle = sas_.Add(std::move(sa));
  if (on_the_card) {
    card_.trace().Say(TraceTopic::kSa, "SA {} is added: the card's SA {}", handle, *on_the_card);
  } else {
    card_.trace().Say(TraceTopic::kSa, "SA {} is added: software has it, {}", handle,
                      refused ? "the card lacks its algorithms" : "the card gets it later");
  }
  return handle;
}

Status SaTable::Remove(SaHandle handle) {
  Sa* sa = Find(handle);
  if (sa == nullptr) return {Code::kNotFound, "no such SA"};
  if (sa->in_flight != 0) return {Code::kInUse, "operations of this SA are not collected yet"};
  if (sa->card) RemoveFromCard(*sa->card);
  if (sa->rewrite) --rewrites_;
  card_.trace().Say(TraceTopic::kSa, "SA {} is removed", handle);
  if (sa->software) (void)software_.RemoveSa(*sa->software);
  if (!sa->card && !sa->card_refuses) --missing_;
  sas_.Remove(handle);
  return {};
}

Result<SaHandle> SaTable::InSoftware(Sa& sa) {
  if (!sa.software) {
    const Result<SaHandle> added = software_.AddSa(sa.spec);
    if (!added.ok()) return added;
    sa.software = *added;
  }
  return *sa.software;
}

void SaTable::CardFailed() {
  for (Table::Entry& entry : sas_.entries()) {
    entry.value.card.reset();
    entry.value.card_refuses = entry.value.rewrite = false;
  }
  missing_ = sas_.count();
  rewrites_ = 0;
  removals_.clear();
}

void SaTable::AddMissing(bool on_card) {
  for (Table::Entry& entry : sas_.entries()) {
    if (missing_ == 0) return;
    Sa& sa = entry.value;
    if (!entry.used || sa.card || sa.card_refuses || (on_card && sa.in_flight != 0)) continue;
    const Result<SaHandle> added = card_.AddSa(sa.spec);
    if (added.ok()) {
      sa.card = *added;
      card_.trace().Say(TraceTopic::kSa, "SA {} is the card's SA {}", entry.handle, *added);
    } else if (added.status().code() == Code::kUnsupported) {
      sa.card_refuses = true;
      card_.trace().Say(TraceTopic::kSa, "SA {} stays with software: the card lacks its algorithms", entry.handle);
    } else {
      return;  // later
    }
    --missing_;
  }
}

void SaTable::StartRewrite() {
  for (Table::Entry& entry : sas_.entries()) {
    if (!entry.used || !entry.value.card || entry.value.rewrite) continue;
    entry.value.rewrite = true;
    ++rewrites_;
  }
  Rewrite();
}

// Removed and added at once: the card works off the commands of a slot in their order.
void SaTable::Rewrite() {
  for (Table::Entry& entry : sas_.entries()) {
    if (rewrites_ == 0) return;
    Sa& sa = entry.value;
    if (!sa.rewrite || sa.in_flight != 0) continue;
    if (card_.RemoveSa(*sa.card).code() == Code::kBusy) return;  // later
    sa.rewrite = false;
    --rewrites_;
    sa.card.reset();
    const Result<SaHandle> added = card_.AddSa(sa.spec);
    if (added.ok()) {
      sa.card = *added;
      card_.trace().Say(TraceTopic::kSa, "SA {} is written anew: the card's SA {}", entry.handle, *added);
    } else {
      ++missing_;
    }
    if (card_.health() == Health::kDown) return;  // the next Poll leaves it
  }
}

void SaTable::RemoveFromCard(SaHandle on_card) {
  if (card_.RemoveSa(on_card).code() == Code::kBusy) removals_.push_back(on_card);
}

void SaTable::RetryRemovals() {
  while (!removals_.empty() && card_.RemoveSa(removals_.back()).code() != Code::kBusy) removals_.pop_back();
}

}  // namespace sw::hal
