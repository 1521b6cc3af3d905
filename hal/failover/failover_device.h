// Card first, software when the card fails and backup is on (guide page 144: the card fails, backup is enabled and the
// software has the SA's algorithms). One CryptoDevice; SAs keep their handles over every switch.
//
// The card is any CryptoCard. Why an SA may go on with its keys after a switch. "A counter on a dead card is unknown
// and is never reused" would force a new key for every outbound SA, if a card had counters. Ours has none
// (register_map.h, Features::host_counters; the driver refuses a card without it): the sequence number and the IV, from
// which every nonce follows, are in the packet before an engine sees it, and are chosen by ipsec::Esp in this process,
// which survives the card. And:
//   * a result leaves this process only as a completion, and every operation has exactly one. An operation in flight on
//     the card that failed has had none, so no packet with its number was sent;
//   * the driver works in memory of its own, so the packet of such an operation is as it was submitted. It is given to
//     software with the same number, the same IV and the same plain text: whatever a card computed of it, and however
//     late it writes that, at most one packet with that number is ever sent, and no second plain text meets that nonce.
// So inbound and outbound SAs are both added again elsewhere, in the order of their operations; nothing is sent twice.
// Where backup is off, or software lacks the algorithms, operations in flight come back with kFault and are counted.
//
// Back to the card after it proved itself: a hold time that doubles with every failure soon after a return, bring-up
// with self test, probe packets compared with software, all SAs added. Shadow mode recomputes a share of the packets;
// a different result takes the card out, and software's result is the one that is used. A card that refuses a packet's
// ICV is always checked.
// Threads: one. Poll when the card signals and every few milliseconds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hal/base/random.h"
#include "hal/crypto_card.h"
#include "hal/failover/operations.h"
#include "hal/failover/probe.h"
#include "hal/failover/sa_table.h"

namespace sw::hal {

// Our choice, all of it.
struct FailoverOptions {
  Duration first_hold = std::chrono::seconds(1);  // from a failure to the first attempt to return
  Duration longest_hold = std::chrono::seconds(60);
  Duration good_behaviour = std::chrono::seconds(30);  // after so long on the card, the hold time is the first again
  int probes = 32;                                     // packets that must come out right
  Duration probe_patience = std::chrono::seconds(1);   // for all of them
};

struct FailoverCounters {
  std::uint64_t on_card = 0, on_software = 0;  // operations finished
  std::uint64_t to_software = 0, to_card = 0;  // switches
  std::uint64_t retried = 0;                   // in flight at a failure, done again by software
  std::uint64_t lost = 0;                      // in flight at a failure, given back with kFault
  std::uint64_t shadowed = 0, shadow_differences = 0;
  std::uint64_t probes = 0;
};

struct FailoverEvent {
  enum class What : std::uint8_t { kCardUp, kCardFailed, kToSoftware, kNoBackup, kBackToCard } what;
  pcie::Trouble trouble = pcie::Trouble::kNone;
  std::string text;  // for the operator
};

class FailoverDevice final : public CryptoDevice {
 public:
  using OnEvent = std::function<void(const FailoverEvent&)>;
  // All outlive this; both engines are this device's alone.
  // Capabilities are fixed here: those of software, with the sizes of both. Bring the card up before, if it can be.
  FailoverDevice(CryptoCard& card, CryptoDevice& software, std::function<Time()> now, Random& random, OnEvent on_event,
                 FailoverOptions options = {});

  const Capabilities& capabilities() const override { return capabilities_; }
  Health health() const override { return on_card() || backup_ ? Health::kUp : Health::kDown; }
  Status Validate(const SaSpec&) const override;
  Result<SaHandle> AddSa(const SaSpec&) override;
  Status RemoveSa(SaHandle) override;
  std::size_t Submit(std::span<const CryptoOp> burst) override;
  std::size_t Complete(std::span<CryptoOp> done) override;

  void Poll();
  bool idle() const { return operations_.idle(); }
  bool on_card() const { return phase_ == Phase::kOnCard; }
  bool backup() const { return backup_; }
  void SetBackup(bool on);
  void SetShadow(unsigned percent) { shadow_percent_ = percent; }  // 0..100
  unsigned shadow() const { return shadow_percent_; }
  void SetShutDown(bool down);  // by the operator: the card is not used until it is undone
  bool shut_down() const { return shut_down_; }
  // Empties the card's SA table and writes it anew, SA by SA: each as soon as none of its operations is with the card;
  // until then it takes no more of them. False: the card is not in use, and has no SAs.
  bool RewriteSas();
  const FailoverCounters& counters() const { return counters_; }
  void ResetCounters() { counters_ = {}; }
  std::size_t sas() const { return sas_.count(); }
  Time next_attempt() const { return next_attempt_; }
  CryptoCard& card() const { return card_; }
  void OnSwitch(OnEvent on_event) { on_event_ = std::move(on_event); }

 private:
  static constexpr std::size_t kCollect = 64;  // completions taken at a time
  enum class Phase : std::uint8_t { kOnCard, kHold, kBringUp, kProbing, kAdding };
  using Where = Operations::Where;
  using Slot = Operations::Slot;

  void LeaveCard();
  void Hold();
  void FailedAgain();
  void Rescue(std::size_t& retried, std::size_t& lost);
  void PollReturn();
  void StartProbe();
  void PollProbe();
  void PollAdding();
  bool Waits(const SaTable::Sa& sa) const;
  void Route(const CryptoOp& op, SaTable::Sa* sa);
  void Flush();
  void CollectCard();
  void CollectSoftware();
  void ToSoftware(std::uint32_t slot);
  CryptoOp Recompute(Slot& slot, Bytes& data);
  void Check(std::uint32_t index, Verdict& verdict);
  void Say(FailoverEvent::What what, std::string text);

  CryptoCard& card_;
  CryptoDevice& software_;
  std::function<Time()> now_;
  OnEvent on_event_;
  const FailoverOptions options_;
  Capabilities capabilities_;

  Phase phase_ = Phase::kBringUp;
  bool backup_ = false, shut_down_ = false, wrong_result_ = false;
  unsigned shadow_percent_ = 0, shadow_phase_ = 0;
  Duration hold_;
  Time next_attempt_, returned_at_;

  Probe probe_;
  SaTable sas_;
  Operations operations_;
  std::vector<CryptoOp> to_card_, to_software_;  // taken, not handed on yet
  std::size_t with_software_ = 0;
  FailoverCounters counters_;
};

}  // namespace sw::hal
