// What shall go wrong with a card, written as text: `sw8800-card --fault`, `fault inject card`. Our choice of words:
//   plan   = fault *("," fault)
//   fault  = NAME ["@" N] ["x" COUNT] ["=" MILLISECONDS]
// From the N-th packet on (counted from when the plan was given, 1 by default; a self test waits for none), COUNT
// times. Without COUNT: see the table in fault_plan.cc. A reset of the card ends what has begun; what has not begun yet
// waits on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/result.h"

namespace sw::hal::card {

enum class FaultKind : std::uint8_t {
  kFail,       // fault state, rings stop
  kStuck,      // rings stop, registers go on
  kCorrupt,    // one byte of the result is wrong
  kDrop,       // the completion is never written
  kDouble,     // the completion is written twice
  kReorder,    // this packet completes after the next one
  kBadIndex,   // the completion carries a tag that no packet has
  kSelfTest,   // the next self test fails
  kReset,      // the card resets itself
  kDisappear,  // all ones, until it is plugged in again
  kSlow,       // every packet takes MILLISECONDS
  kOverheat,   // temperature over its limit, fault state
  kUnplug,     // asks to be let go, is away for MILLISECONDS, and comes back
};

struct FaultWord {
  FaultKind kind;
  std::string_view name;
  std::uint64_t count;  // when the plan does not say
  bool once;            // happens at one moment: COUNT means nothing
  bool takes_time;
  std::string_view help;
};
std::span<const FaultWord> FaultWords();

struct Fault {
  FaultKind kind;
  std::uint64_t after = 1;  // packets
  std::uint64_t count = 1;
  std::uint32_t milliseconds = 0;
  friend bool operator==(const Fault&, const Fault&) = default;
};
using FaultPlan = std::vector<Fault>;

inline constexpr std::size_t kMostPlanBytes = 255;
Result<FaultPlan> ParseFaultPlan(
    std::string_view text);  // kBadValue with the word that is wrong; empty text: no faults
std::string_view Name(FaultKind);

}  // namespace sw::hal::card
