// The driver of a card: one CryptoDevice over any Transport and any RegisterMap. It brings the card up (bring_up.h),
// shares memory with it (packet_memory.h), gives it work through queues of the map's making and doubts every answer.
//
// Of a result, the cipher text and (sealing) the ICV are taken, never the ESP header. Nothing sleeps and no loop is
// unbounded: Poll moves the bring-up on, every state has a deadline, and so has every operation. What is wrong with a
// card becomes one Trouble; the card is then reset, everything in flight is completed with kFault in the order it was
// submitted, and its SAs are gone. It stays down until Restart. A card that is gone or wanted back is let go, so that
// the system can take it out; Restart takes it up again. Threads: one. Order and lifetime as in hal/crypto_device.h; a
// card's completions arrive after Submit returned.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hal/base/clock.h"
#include "hal/crypto_card.h"
#include "hal/handle_table.h"
#include "hal/pcie/bring_up.h"
#include "hal/pcie/bus.h"
#include "hal/pcie/card_map.h"
#include "hal/pcie/in_flight.h"
#include "hal/pcie/packet_memory.h"
#include "hal/pcie/reset_ladder.h"
#include "hal/pcie/sw8800_map.h"

namespace sw::hal::pcie {

// Our choice, all of it.
struct DriverOptions {
  std::size_t max_sas = 4096;  // at most; the card may have fewer
  std::size_t depth = 512;     // at most kMostDepth
  std::size_t queues = kMostRings;
  BringUpDeadlines bring_up = {};
  Duration operation_deadline = std::chrono::milliseconds(50);
  Duration scan_interval = std::chrono::milliseconds(5);     // between two looks for late operations
  Duration health_interval = std::chrono::milliseconds(25);  // between two looks at the status register
};

class PcieDevice final : public CryptoCard {
 public:
  // The transport outlives the driver. Nothing is touched before the first Poll.
  PcieDevice(Transport& transport, std::function<Time()> now, DriverOptions options = {}, MakeMap map = Sw8800Map);
  PcieDevice(std::unique_ptr<Transport> transport, std::function<Time()> now, DriverOptions options = {},
             MakeMap map = Sw8800Map);
  ~PcieDevice() override;  // resets a card that runs

  // Until the card was identified: no transforms, sizes 0.
  const Capabilities& capabilities() const override { return capabilities_; }
  Health health() const override { return running() ? Health::kUp : Health::kDown; }
  Status Validate(const SaSpec&) const override;
  Result<SaHandle> AddSa(const SaSpec&) override;
  Status RemoveSa(SaHandle) override;
  std::size_t Submit(std::span<const CryptoOp> burst) override;
  std::size_t Complete(std::span<CryptoOp> done) override;

  void Poll() override;
  bool failed() const override { return state() == BringUp::kFailed; }
  void Restart() override;
  bool given_up() const override { return failed() && ladder_.given_up(); }
  bool TakeArrival() override { return std::exchange(arrived_, false); }
  void Fail(Trouble, std::string detail = {}) override;
  std::string_view stage() const override { return Name(state()); }
  BringUp state() const { return bring_up_.state(); }
  Trouble trouble() const override { return trouble_; }
  std::string trouble_text() const override;
  std::size_t in_flight() const { return in_flight_.count(); }
  std::size_t sas() const override { return sas_.count(); }
  CardReading Read() override;
  Transport& transport() override { return transport_; }

 private:
  struct Sa {
    Direction direction = Direction::kSeal;
    std::uint32_t icv_bytes = 0;
    std::uint32_t in_flight = 0;
    std::uint32_t submitted = 0, completed = 0;
  };

  bool running() const { return state() == BringUp::kRunning; }
  void PollBringUp();
  void FailBringUp();
  void PollRunning();
  void PollFailed();
  void SayState();
  bool LayOut();
  void MakeQueues();
  bool LookForTheLate(Time now);
  std::uint32_t QueueOf(SaHandle handle) const {
    return static_cast<std::uint32_t>(handle % sas_.size() % queue_count_);
  }
  void Ring();
  void Reap();
  Trouble Doubt(std::uint32_t queue, const Answer& answer);
  std::string Explain(Trouble trouble, const Answer& answer);
  void Believe(const Answer& answer);

  std::unique_ptr<Transport> owned_;
  Transport& transport_;
  std::unique_ptr<RegisterMap> map_;
  std::function<Time()> now_;
  const DriverOptions options_;
  BringUpMachine bring_up_;
  ResetLadder ladder_;
  bool arrived_ = false;
  Time next_health_, next_scan_;
  Trouble trouble_ = Trouble::kNone;
  std::string detail_;
  Capabilities capabilities_;

  std::size_t queue_count_ = 1;
  std::uint32_t entries_ = 0;
  PacketMemory memory_;
  std::vector<std::unique_ptr<QueuePair>> queues_;
  InFlight in_flight_;
  HandleTable<Sa> sas_;
};

}  // namespace sw::hal::pcie
