#include "ipsec/ike/quick_modes.h"

#include <algorithm>
#include <utility>

#include "ipsec/ike/informational.h"
#include "ipsec/ike/liveness.h"
#include "ipsec/ike/phase1.h"
#include "ipsec/ike/shared.h"

namespace sw::ipsec::ike {
namespace {

bool SameFlow(const Wish& a, const Wish& b) {
  return a.policy == b.policy && a.peer == b.peer && a.flow == b.flow && a.remote == b.remote;
}

}  // namespace

void QuickModes::Start(Wish wish) {
  const std::uint32_t id = sa_.NewMessageId(shared_.services.random);
  auto exchange = std::make_unique<QuickMode>(shared_, sa_, Role::kInitiator, id);
  if (!exchange->Offer(std::move(wish))) return shared_.Fail(exchange->wish(), "no proposal");
  exchanges_.emplace(id, std::move(exchange));
  shared_.sas.Rearm(sa_);
}

bool QuickModes::Busy(const Wish& wish) const {
  return std::ranges::any_of(sa_.waiting, [&](const Wish& other) { return SameFlow(other, wish); }) ||
         std::ranges::any_of(exchanges_, [&](const auto& exchange) {
           return exchange.second->offered() && SameFlow(exchange.second->wish(), wish);
         });
}

// What others begin is bounded: what they do not confirm, and what is kept to answer repetitions.
bool QuickModes::Room() {
  std::size_t unconfirmed = 0;
  const QuickMode* oldest = nullptr;
  for (const auto& [id, exchange] : exchanges_) {
    unconfirmed += exchange->step() == QuickMode::Step::kAnswered;
    if (exchange->step() != QuickMode::Step::kDone) continue;
    if (oldest == nullptr || exchange->forget() < oldest->forget()) oldest = exchange.get();
  }
  if (unconfirmed >= kMaxUnconfirmed) return false;
  if (exchanges_.size() >= kMaxQuickModes && oldest != nullptr) exchanges_.erase(oldest->message_id());
  return true;
}

void QuickModes::Receive(const Header& header, ByteView message) {
  Report& report = shared_.report;
  if (!header.encrypted() || header.message_id == 0) return report.Dropped(Notification::kInvalidFlags);
  if (!sa_.ready) {
    // An initiator that thinks it is done has lost its last message on the way; ours again makes it send that again.
    if (sa_.phase1->peer_may_be_done()) sa_.phase1->SendAgain();
    return report.Dropped(Notification::kInvalidCookie);
  }
  const auto found = exchanges_.find(header.message_id);
  const bool begins = found == exchanges_.end();
  const hal::Sha256Digest digest = hal::Sha256(message);
  if (!begins && found->second->Heard(digest)) return found->second->AnswerRepetition();
  if (begins && sa_.used_ids.Has(header.message_id)) return report.Dropped(sa_, Notification::kInvalidMessageId);
  if (begins && !Room()) {
    ++shared_.counters.half_open_refused;  // it will be sent again
    return;
  }
  auto fresh = begins ? std::make_unique<QuickMode>(shared_, sa_, Role::kResponder, header.message_id) : nullptr;
  QuickMode& exchange = begins ? *fresh : *found->second;
  if (exchange.step() == QuickMode::Step::kDone) return report.Dropped(Notification::kInvalidMessageId);
  const QuickMode::Fault fault = exchange.Take(header, message);
  // Not the peer's: as if it had not come.
  if (fault && (exchange.unreadable() || fault == Notification::kInvalidHashInformation))
    return report.Dropped(sa_, *fault);
  sa_.liveness->Alive();
  if (fault) {
    Refuse(exchange, *fault);
  } else {
    exchange.SetHeard(digest);
    if (begins) exchanges_.emplace(header.message_id, std::move(fresh));
  }
  shared_.sas.Rearm(sa_);
}

void QuickModes::Refuse(QuickMode& exchange, Notification fault) {
  shared_.report.Dropped(sa_, fault);
  shared_.report.Failed(sa_, FailureOf(fault), std::string(Name(fault)));
  ++shared_.counters.in_p2_rejects;
  const bool ours = exchange.role() == Role::kInitiator;
  if (!ours) ++shared_.counters.out_p2_rejects;
  const Wish wish = exchange.wish();
  const std::uint32_t id = exchange.message_id();
  sa_.used_ids.Add(id);
  if (const auto kept = exchanges_.find(id); kept != exchanges_.end()) {
    kept->second->Abandon();
    exchanges_.erase(kept);
  }
  sa_.informational->SendNotify(fault, Protocol::kEsp, {}, {});
  if (ours) shared_.Fail(wish, std::string(Name(fault)));
}

// Of the exchange that offered this SPI, or else of the oldest that waits.
void QuickModes::TakeError(const Notify& notify) {
  auto wanted = exchanges_.end();
  for (auto it = exchanges_.begin(); it != exchanges_.end(); ++it) {
    const QuickMode& exchange = *it->second;
    if (!exchange.offered()) continue;
    const bool named = notify.spi == SpiBytes(exchange.own().esp) || notify.spi == SpiBytes(exchange.own().ah);
    if (named || wanted == exchanges_.end() || exchange.connection() < wanted->second->connection()) wanted = it;
    if (named) break;
  }
  if (wanted == exchanges_.end()) return;
  ++shared_.counters.in_p2_rejects;
  const std::string name(Name(notify.type));
  shared_.report.Failed(sa_, FailureOf(notify.type), "the other end says " + name);
  shared_.Fail(wanted->second->wish(), name);
  exchanges_.erase(wanted);
}

bool QuickModes::Tick(std::vector<Wish>& unanswered) {
  const Time now = shared_.now();
  for (auto it = exchanges_.begin(); it != exchanges_.end();) {
    QuickMode& exchange = *it->second;
    bool over = exchange.forget() <= now;
    if (!over && exchange.next() <= now) {
      // An aggressive responder that has not shown life may lack message 3, without which it cannot read this.
      if (sa_.initiator() && sa_.aggressive && !sa_.confirmed) sa_.phase1->SendAgain();
      if (!exchange.SendAgain()) {
        over = true;
        if (exchange.role() == Role::kInitiator) unanswered.push_back(exchange.wish());
      }
    }
    if (over) exchange.Abandon();
    it = over ? exchanges_.erase(it) : std::next(it);
  }
  return !unanswered.empty();
}

std::vector<Wish> QuickModes::End() {
  std::vector<Wish> ours;
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->offered()) ours.push_back(exchange->wish());
    exchange->Abandon();
  }
  exchanges_.clear();
  return ours;
}

Time QuickModes::deadline() const {
  Time next = Time::Never();
  for (const auto& [id, exchange] : exchanges_) next = std::min({next, exchange->next(), exchange->forget()});
  return next;
}

}  // namespace sw::ipsec::ike
