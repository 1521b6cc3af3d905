#include "hal/card/card.h"

#include <algorithm>

#include "hal/pcie/codes.h"

namespace sw::hal::card {

using pcie::CardFault;
using pcie::CardState;
using pcie::Completion;
using pcie::CompletionStatus;
using pcie::Descriptor;
using pcie::Opcode;

namespace {

constexpr std::int32_t kWarm = 415, kLimit = 850;  // tenths of a degree: a card at rest, and its limit

bool Within(std::uint32_t offset, std::uint32_t begin, std::uint32_t size) {
  return offset >= begin && offset - begin < size;
}

void SetHalf(std::uint64_t& word, bool high, std::uint32_t value) {
  const unsigned shift = high ? 32 : 0;
  word = (word & ~(std::uint64_t{0xffffffff} << shift)) | (std::uint64_t{value} << shift);
}

}  // namespace

Card::Card(CardLimits limits, std::unique_ptr<CryptoDevice> engine, HostMemory& memory, Interrupts& interrupts)
    : limits_(limits), engine_(std::move(engine)), memory_(memory), interrupts_(interrupts), sas_(limits.max_sas) {}

void Card::Reset() {
  for (Sa& sa : sas_)
    if (sa.used) (void)engine_->RemoveSa(sa.engine);
  sas_.assign(limits_.max_sas, {});
  rings_ = {};
  pending_.clear();
  held_.reset();
  statistics_ = {};
  fault_ = CardFault::kNone;
  self_test_ = 0;
  temperature_ = kWarm;
  stuck_ = false;
  faults_.EndBegun();
  ++generation_;
  state_ = CardState::kReset;
  work_ = true;
}

void Card::PowerOn() {
  gone_ = false;
  Reset();
}

void Card::EnterFault(CardFault fault) {
  state_ = CardState::kFault;
  fault_ = fault;
  interrupts_.Fire(pcie::kErrorVector);
}

std::uint32_t Card::Read(std::uint32_t offset) {
  if (gone_) return pcie::kAllOnes;
  if (Within(offset, pcie::kRegTransforms, 4 * pcie::kCipherCodes)) {
    const auto cipher = pcie::CipherOf(static_cast<std::uint8_t>((offset - pcie::kRegTransforms) / 4));
    std::uint32_t bits = 0;
    for (const Capability& t : engine_->capabilities().transforms)
      if (const auto code = pcie::CodeOf(t.integrity); cipher == t.cipher && code) bits |= 1U << *code;
    return bits;
  }
  if (Within(offset, pcie::kRegStatistics, 8 * pcie::kStatistics)) return Statistic(offset - pcie::kRegStatistics);
  switch (offset) {
    case pcie::kRegId:
      return pcie::kMagic;
    case pcie::kRegRevision:
      return pcie::Revision{.bits = {pcie::kAbiMinor, pcie::kAbiMajor}}.raw;
    case pcie::kRegMaxSas:
      return limits_.max_sas;
    case pcie::kRegQueues:
      return pcie::Queues{.bits = {static_cast<std::uint16_t>(limits_.depth), static_cast<std::uint8_t>(limits_.rings),
                                   static_cast<std::uint8_t>(limits_.rings + 1)}}
          .raw;
    case pcie::kRegFeatures:
      return pcie::Features{.bits = {1, 1, 0}}.raw;
    case pcie::kRegStatus:
      return pcie::CardStatus{.bits = {state_, fault_, 0}}.raw;
    case pcie::kRegGeneration:
      return generation_;
    case pcie::kRegSelfTest:
      return self_test_;
    case pcie::kRegTemperature:
      return static_cast<std::uint32_t>(temperature_);
    case pcie::kRegTemperatureLimit:
      return static_cast<std::uint32_t>(kLimit);
    default:
      return faults_.Read(offset);
  }
}

std::uint32_t Card::Statistic(std::uint32_t offset) {
  if (offset % 8 != 0) return statistic_high_;
  const std::uint64_t value = statistics_[offset / 8];
  statistic_high_ = static_cast<std::uint32_t>(value >> 32);
  return static_cast<std::uint32_t>(value);
}

void Card::Write(std::uint32_t offset, std::uint32_t value) {
  if (gone_) return;
  work_ = true;
  if (offset == pcie::kRegControl) return Control(pcie::Control{value});
  if (faults_.Write(offset, value)) return;
  if (Within(offset, pcie::kRegRings, pcie::kRingStride * limits_.rings)) return WriteRing(offset, value);
  if (!Within(offset, pcie::kRegDoorbells, 8 * limits_.rings) || state_ != CardState::kRunning) return;
  Ring& ring = rings_[(offset - pcie::kRegDoorbells) / 8];
  if (ring.entries == 0 || value >= ring.entries) return EnterFault(CardFault::kBadRing);
  std::uint32_t& counter = (offset % 8 == 0) ? ring.tail : ring.read;
  const std::uint32_t moved = (value - counter) & (ring.entries - 1);
  // The host can neither hand out more than the ring holds nor read what was never written.
  if (offset % 8 != 0 && moved > ring.written - ring.read) return EnterFault(CardFault::kBadRing);
  if (offset % 8 == 0 && ring.tail + moved - ring.head >= ring.entries) return EnterFault(CardFault::kBadRing);
  counter += moved;
}

void Card::WriteRing(std::uint32_t offset, std::uint32_t value) {
  if (state_ == CardState::kRunning) return EnterFault(CardFault::kBadRing);
  Ring& ring = rings_[(offset - pcie::kRegRings) / pcie::kRingStride];
  switch ((offset - pcie::kRegRings) % pcie::kRingStride) {
    case pcie::kRingSubmission:
    case pcie::kRingSubmission + 4:
      return SetHalf(ring.submission, offset % 8 != 0, value);
    case pcie::kRingCompletion:
    case pcie::kRingCompletion + 4:
      return SetHalf(ring.completion, offset % 8 != 0, value);
    case pcie::kRingEntries:
      ring.entries = value;
      return;
    case pcie::kRingVector:
      ring.vector = value;
      return;
    default:
      return;
  }
}

bool Card::StartRings() {
  bool any = false;
  for (const Ring& ring : rings_) {
    if (ring.entries == 0) continue;
    any = true;
    if (!std::has_single_bit(ring.entries) || ring.entries < 2 || ring.entries > 4 * pcie::kMostDepth ||
        ring.submission % 64 != 0 || ring.completion % 64 != 0 || ring.vector > limits_.rings) {
      return false;
    }
  }
  return any;
}

void Card::Control(pcie::Control control) {
  if (control.bits.reset != 0) return Reset();
  if (control.bits.self_test != 0 && state_ == CardState::kIdle) state_ = CardState::kTesting;
  if (control.bits.enable != 0 && state_ == CardState::kReady) {
    if (!StartRings()) return EnterFault(CardFault::kBadRing);
    state_ = CardState::kRunning;
  }
}

// What the engine could prove at its start is what this card can do; a planned failure blames cipher code 1.
void Card::RunSelfTest() {
  self_test_ = faults_.Happens(FaultKind::kSelfTest) ? 1U << 1 : 0;
  if (self_test_ != 0) return EnterFault(CardFault::kSelfTest);
  state_ = CardState::kReady;
}

Time Card::Work(Time now) {
  if (gone_) return Time::Never();
  if (state_ == CardState::kReset) state_ = CardState::kIdle;
  if (state_ == CardState::kTesting) RunSelfTest();
  while (!pending_.empty() && pending_.front().when <= now && state_ == CardState::kRunning) {
    const Pending due = pending_.front();
    pending_.pop_front();
    Emit(due.ring, due.completion);
  }
  if (state_ == CardState::kRunning && !stuck_)
    for (std::uint32_t ring = 0; ring < limits_.rings; ++ring) RunRing(now, ring);
  for (Ring& ring : rings_)
    if (std::exchange(ring.signalled, false)) interrupts_.Fire(ring.vector);
  return pending_.empty() ? Time::Never() : pending_.front().when;
}

void Card::RunRing(Time now, std::uint32_t index) {
  Ring& ring = rings_[index];
  while (ring.head != ring.tail && state_ == CardState::kRunning && !stuck_ && !gone_) {
    Descriptor descriptor;
    const std::uint64_t address = ring.submission + std::uint64_t{ring.head & (ring.entries - 1)} * sizeof(Descriptor);
    ByteSpan bytes(reinterpret_cast<std::uint8_t*>(&descriptor), sizeof descriptor);
    if (!memory_.Read(address, bytes)) return EnterFault(CardFault::kDma);
    ++ring.head;
    Execute(now, index, descriptor);
  }
}

// Faults that are one moment in a card's life.
void Card::BeginMoments() {
  if (faults_.Happens(FaultKind::kFail)) EnterFault(CardFault::kInternal);
  if (faults_.Happens(FaultKind::kStuck)) stuck_ = true;
  if (faults_.Happens(FaultKind::kReset)) Reset();
  if (faults_.Happens(FaultKind::kDisappear)) gone_ = true;
  if (const Duration away = faults_.TakeTime(FaultKind::kUnplug); away != Duration(0)) {
    absence_ = away;
    interrupts_.AskToLeave();
  }
  if (faults_.Happens(FaultKind::kOverheat)) {
    temperature_ = kLimit + 73;
    EnterFault(CardFault::kOverheated);
  }
}

void Card::Execute(Time now, std::uint32_t ring, const Descriptor& d) {
  Completion completion{d.tag, CompletionStatus::kOk, 0, d.sa, generation_, 0};
  switch (d.opcode) {
    case Opcode::kAddSa:
      completion.status = AddSa(d);
      return Complete(now, ring, completion);
    case Opcode::kRemoveSa:
      completion.status = RemoveSa(d);
      return Complete(now, ring, completion);
    case Opcode::kPacket:
      break;
    default:
      return EnterFault(CardFault::kBadDescriptor);
  }
  faults_.CountPacket();
  BeginMoments();
  if (state_ != CardState::kRunning || stuck_ || gone_) return;
  completion.status = Packet(d, faults_.Happens(FaultKind::kCorrupt));
  if (state_ != CardState::kRunning) return;
  if (faults_.Happens(FaultKind::kDrop)) return;
  if (faults_.Happens(FaultKind::kBadIndex)) completion.tag = 0xffff;
  if (faults_.Happens(FaultKind::kReorder)) {
    held_ = Pending{now, ring, completion};
    return;
  }
  Complete(now, ring, completion);
  if (faults_.Happens(FaultKind::kDouble)) Complete(now, ring, completion);
  if (held_) {
    const Pending late = *std::exchange(held_, std::nullopt);
    Complete(now, late.ring, late.completion);
  }
}

void Card::Complete(Time now, std::uint32_t ring, Completion completion) {
  Time when = now;
  if (const Duration slow = faults_.TakeTime(FaultKind::kSlow); slow != Duration(0)) {
    slow_until_ = std::max(slow_until_, now) + slow;
    when = slow_until_;
  }
  if (when <= now && pending_.empty()) return Emit(ring, completion);
  pending_.push_back({when, ring, completion});
}

void Card::Emit(std::uint32_t index, Completion completion) {
  Ring& ring = rings_[index];
  if (ring.written - ring.read >= ring.entries) return EnterFault(CardFault::kBadRing);
  const std::uint64_t address = ring.completion + std::uint64_t{ring.written & (ring.entries - 1)} * sizeof(Completion);
  completion.flag = ((ring.written / ring.entries) & 1) == 0 ? 1 : 0;
  if (!memory_.Write(address, {reinterpret_cast<const std::uint8_t*>(&completion), pcie::kFlagOffset}) ||
      !memory_.WriteFlag(address + pcie::kFlagOffset, completion.flag)) {
    ++statistics_[pcie::kStatDmaErrors];
    return EnterFault(CardFault::kDma);
  }
  ++ring.written;
  ring.signalled = true;
}

}  // namespace sw::hal::card
