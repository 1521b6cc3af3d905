// What the driver must be told of one make of card: a RegisterMap says how it is identified, brought up and asked how
// it is, a QueuePair how work is written down for it and how its answers look. A card of other make needs these two and
// nothing else; hal/pcie/sw8800_map.h is ours, hal/pcie/known_cards.h names them all.
//
// No method waits. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hal/crypto_card.h"
#include "hal/pcie/bus.h"
#include "hal/pcie/register_map.h"
#include "hal/pcie/trouble.h"

namespace sw::hal::pcie {

// What a card is and how much of it there is.
struct CardShape {
  std::string engine;  // for the operator
  std::vector<Capability> transforms;
  std::size_t sas = 0;    // its table; handle % sas is an SA's place
  std::size_t depth = 0;  // packets in flight, all queues together
  std::size_t queues = 0;
};

// The first look at a card.
struct Sighting {
  bool silent = false;  // nothing answers yet: a card that was just given power may need a moment
  Trouble trouble = Trouble::kNone;
  std::string detail;
};

// How a card is, at one look.
struct Condition {
  bool gone = false;
  CardState state = CardState::kReset;
  std::string_view fault;  // in kFault: what it says
};

// One answer of a card. Hostile: the driver doubts all of it.
struct Answer {
  std::uint16_t tag = 0;
  CompletionStatus status = CompletionStatus::kOk;
  SaHandle sa = 0;
  std::uint32_t generation = 0;
};

// A packet in memory that the card reaches: where its pieces are, and the address of the list of them.
struct Pieces {
  std::span<const Segment> list;  // empty: there is no packet, and the card is to say kBadShape
  std::uint64_t list_address = 0;
};

class QueuePair {
 public:
  virtual ~QueuePair() = default;
  // There is room: no more is in flight than entries / 2.
  virtual void AddSa(std::uint16_t tag, SaHandle sa, const SaSpec& spec, std::uint64_t keys) = 0;
  virtual void RemoveSa(std::uint16_t tag, SaHandle sa) = 0;
  virtual void Packet(std::uint16_t tag, const CryptoOp& op, const Pieces& pieces) = 0;
  virtual void Ring() = 0;                // tells the card what was posted since
  virtual bool Next(Answer& answer) = 0;  // false: nothing new
  virtual void Acknowledge() = 0;         // after a series of Next
};

class RegisterMap {
 public:
  virtual ~RegisterMap() = default;
  virtual Sighting Identify() = 0;
  virtual std::optional<CardShape> ReadShape() = 0;  // nullopt: what no card can have
  virtual Condition Look() = 0;
  virtual std::uint32_t Generation() = 0;  // counts resets, whoever asked for them
  virtual void Reset() = 0;                // kIdle follows
  virtual void SelfTest() = 0;             // in kIdle; kReady follows
  virtual void Enable() = 0;               // in kReady, when the queues are made; kRunning follows
  virtual std::string SelfTestText() = 0;  // after one that failed
  virtual CardReading Read() = 0;
  virtual std::size_t QueueBytes(std::uint32_t entries) const = 0;  // of memory, a multiple of 64
  // Told to the card at once. `memory` is QueueBytes(entries) of zeros, and outlives the queue; so does the map.
  virtual std::unique_ptr<QueuePair> MakeQueue(std::uint32_t index, std::uint32_t entries, DmaBlock memory) = 0;
};

using MakeMap = std::unique_ptr<RegisterMap> (*)(RegisterBus&);  // the bus outlives the map

}  // namespace sw::hal::pcie
