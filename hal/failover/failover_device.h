// Card first, software when the card fails and backup is on (guide page 144: the card fails, backup is enabled and the
// software has the SA's algorithms). One CryptoDevice; SAs keep their handles over every switch.
//
// Why an SA may go on with its keys after a switch. "A counter on a dead card is unknown and is never reused" would
// force a new key for every outbound SA, if a card had counters. Ours has none (register_map.h,
// Features::host_counters; the driver refuses a card without it): the sequence number and the IV, from which every
// nonce follows, are in the packet before an engine sees it, and are chosen by ipsec::Esp in this process, which
// survives the card. And:
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
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/random.h"
#include "hal/crypto_device.h"
#include "hal/pcie/pcie_device.h"

namespace sw::hal {

// Our choice, all of it.
struct FailoverOptions {
  Duration first_hold = std::chrono::seconds(1);  // from a failure to the first attempt to return
  Duration longest_hold = std::chrono::seconds(60);
  Duration good_behaviour = std::chrono::seconds(30);  // after so long on the card, the hold time is the first again
  int probes = 32;                                     // packets that must come out right
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
  FailoverDevice(pcie::PcieDevice& card, CryptoDevice& software, std::function<Time()> now, Random& random,
                 OnEvent on_event, FailoverOptions options = {});

  const Capabilities& capabilities() const override { return capabilities_; }
  Health health() const override { return on_card() || backup_ ? Health::kUp : Health::kDown; }
  Status Validate(const SaSpec&) const override;
  Result<SaHandle> AddSa(const SaSpec&) override;
  Status RemoveSa(SaHandle) override;
  std::size_t Submit(std::span<const CryptoOp> burst) override;
  std::size_t Complete(std::span<CryptoOp> done) override;

  void Poll();
  bool idle() const { return submitted_ == collected_; }
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
  std::size_t sas() const { return sa_count_; }
  Time next_attempt() const { return next_attempt_; }
  pcie::PcieDevice& card() const { return card_; }
  void OnSwitch(OnEvent on_event) { on_event_ = std::move(on_event); }

 private:
  static constexpr std::size_t kCollect = 64;  // completions taken at a time
  enum class Phase : std::uint8_t { kOnCard, kHold, kBringUp, kProbing, kAdding };
  enum class Where : std::uint8_t { kNowhere, kCard, kSoftware };
  struct Sa {
    SaHandle handle = 0;
    bool used = false;
    bool card_refuses = false;  // not one of its transforms, or no room
    bool rewrite = false;       // its entry on the card is to be written anew
    SaSpec spec;
    std::optional<SaHandle> card, software;
    std::uint32_t in_flight = 0;
  };
  struct Slot {   // one operation between Submit and its end
    CryptoOp op;  // the caller's
    std::uint64_t number = 0;
    Where where = Where::kNowhere;
    bool shadowed = false;
    Bytes before;  // shadowed: the packet as it was submitted
  };
  struct Probe {
    SaHandle card = 0, software = 0;
    std::vector<Bytes> packets;  // as submitted to the card, then its results
    Bytes plain;
    std::size_t submitted = 0, done = 0;
    Time deadline;
  };

  Sa* Find(SaHandle handle);
  void LeaveCard();
  void Hold();
  void Rescue(std::size_t& retried, std::size_t& lost);
  void PollReturn();
  void StartProbe();
  void PollProbe();
  bool ProbeIsRight(Bytes& packet);
  void AddMissing();
  void Rewrite();
  bool Waits(const Sa& sa) const;
  void Flush();
  void CollectCard();
  void CollectSoftware();
  void ToSoftware(std::uint32_t slot);
  void Finish(std::uint32_t slot, Verdict verdict);
  CryptoOp Recompute(Slot& slot, Bytes& data);
  void Check(std::uint32_t index, Verdict& verdict);
  Result<SaHandle> SoftwareSa(Sa& sa);
  void Say(FailoverEvent::What what, std::string text);

  pcie::PcieDevice& card_;
  CryptoDevice& software_;
  std::function<Time()> now_;
  Random& random_;
  OnEvent on_event_;
  const FailoverOptions options_;
  Capabilities capabilities_;

  Phase phase_ = Phase::kBringUp;
  bool backup_ = false, shut_down_ = false, wrong_result_ = false;
  unsigned shadow_percent_ = 0, shadow_phase_ = 0;
  Duration hold_;
  Time next_attempt_, returned_at_;
  Probe probe_;

  std::vector<Sa> sas_;
  std::vector<std::uint32_t> free_sas_;
  std::vector<SaHandle> card_removals_;     // the card had no room for the command yet
  std::size_t sa_count_ = 0, missing_ = 0;  // missing: SAs of software that the card may get
  std::size_t rewrites_ = 0;                // SAs whose entries on the card are to be written anew
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<CryptoOp> to_card_, to_software_;  // taken, not handed on yet
  std::size_t with_software_ = 0;
  std::uint64_t number_ = 0;
  std::vector<CryptoOp> finished_;
  std::size_t taken_ = 0;
  std::size_t submitted_ = 0, collected_ = 0;
  FailoverCounters counters_;
};

}  // namespace sw::hal
