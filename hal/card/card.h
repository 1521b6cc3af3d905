// The behavioural model of the card: registers, rings and faults as in hal/pcie/register_map.h. It computes with an
// engine that is handed in (the software engine), so it cannot differ from it in anything but its limits.
//
// No thread, no clock, no bus: its owner hands register accesses in, calls Work, and lends it host memory and
// interrupts. Everything read from host memory is hostile: a bad address or a bad descriptor is a fault of the card,
// never of the process.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hal/base/bytes.h"
#include "hal/base/clock.h"
#include "hal/card/fault_schedule.h"
#include "hal/crypto_device.h"
#include "hal/pcie/register_map.h"

namespace sw::hal::card {

// Memory of the host as the card reaches it. False: (part of) the range is not mapped; nothing was moved then.
class HostMemory {
 public:
  virtual ~HostMemory() = default;
  virtual bool Read(std::uint64_t address, ByteSpan out) = 0;
  virtual bool Write(std::uint64_t address, ByteView bytes) = 0;
  // Stores a word after everything written before, so that a host that sees it sees those too. 4-byte aligned.
  virtual bool WriteFlag(std::uint64_t address, std::uint32_t value) = 0;
};

class Interrupts {
 public:
  virtual ~Interrupts() = default;
  virtual void Fire(std::uint32_t vector) = 0;
  virtual void AskToLeave() = 0;  // the slot's button was pressed: the host is to let the card go
};

struct CardLimits {
  std::uint32_t max_sas = 4096;
  std::uint32_t depth = 512;
  std::uint32_t rings = 4;
};

class Card {
 public:
  // `memory` and `interrupts` outlive the card. The engine has room for limits.max_sas SAs.
  Card(CardLimits limits, std::unique_ptr<CryptoDevice> engine, HostMemory& memory, Interrupts& interrupts);

  std::uint32_t Read(std::uint32_t offset);
  void Write(std::uint32_t offset, std::uint32_t value);
  // Does what is due. Returns when it wants to be called again by itself; Never(): at the next register write.
  Time Work(Time now);

  void Arm(FaultPlan plan) { faults_.Arm(std::move(plan)); }
  bool gone() const { return gone_; }
  void PowerOn();  // plugged in again: as after a reset, in kIdle
  bool idle() const { return pending_.empty(); }
  // For how long it is out of its slot now that the host has let it go; 0: nobody takes it out. Once.
  Duration TakeAbsence() { return std::exchange(absence_, Duration(0)); }

 private:
  struct Ring {
    std::uint64_t submission = 0, completion = 0;
    std::uint32_t entries = 0, vector = 0;
    std::uint32_t head = 0, tail = 0;     // of the submission ring, counting on without wrapping
    std::uint32_t written = 0, read = 0;  // of the completion ring, likewise
    bool signalled = false;
  };
  struct Pending {  // a completion that is due later
    Time when;
    std::uint32_t ring;
    pcie::Completion completion;
  };
  struct Sa {
    SaHandle handle = 0;  // the host's
    SaHandle engine = 0;
    Direction direction = Direction::kSeal;
    bool used = false;
  };

  void Reset();
  void EnterFault(pcie::CardFault fault);
  void Control(pcie::Control control);
  void WriteRing(std::uint32_t offset, std::uint32_t value);
  bool StartRings();
  void RunSelfTest();
  void RunRing(Time now, std::uint32_t ring);
  void Execute(Time now, std::uint32_t ring, const pcie::Descriptor& d);
  pcie::CompletionStatus AddSa(const pcie::Descriptor& d);
  pcie::CompletionStatus RemoveSa(const pcie::Descriptor& d);
  pcie::CompletionStatus Packet(const pcie::Descriptor& d, bool corrupt);
  bool Gather(const pcie::Descriptor& d, std::vector<pcie::Segment>& segments);
  void Complete(Time now, std::uint32_t ring, pcie::Completion completion);
  void Emit(std::uint32_t ring, pcie::Completion completion);
  void BeginMoments();
  std::uint32_t Statistic(std::uint32_t offset);

  const CardLimits limits_;
  std::unique_ptr<CryptoDevice> engine_;
  HostMemory& memory_;
  Interrupts& interrupts_;

  pcie::CardState state_ = pcie::CardState::kIdle;
  pcie::CardFault fault_ = pcie::CardFault::kNone;
  std::uint32_t generation_ = 1, self_test_ = 0;
  std::int32_t temperature_ = 415;
  bool gone_ = false, stuck_ = false, work_ = false;
  std::array<Ring, pcie::kMostRings> rings_{};
  std::vector<Sa> sas_;
  std::deque<Pending> pending_;
  std::optional<Pending> held_;  // kReorder
  std::array<std::uint64_t, pcie::kStatistics> statistics_{};
  std::uint32_t statistic_high_ = 0;
  FaultSchedule faults_;
  Time slow_until_;
  Duration absence_{0};
  Bytes packet_;
  std::vector<pcie::Segment> segments_;
};

}  // namespace sw::hal::card
