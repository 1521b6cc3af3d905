// What is tried with a card whose bring-up fails again and again: each time something harder, until nothing is left.
//
//   its own reset register -> a reset of its function -> a hot reset of its bus, where it may be reset -> given up
//
// A bus that has neither is asked for neither, and its card is tried for ever. A value; one thread.
#pragma once

#include "hal/pcie/bus.h"
#include "hal/pcie/trouble.h"

namespace sw::hal::pcie {

class ResetLadder {
 public:
  // A bring-up failed by `trouble`. What it is to be called: itself, or that the last reset did not help.
  Trouble Failed(Trouble trouble);
  // Before the next bring-up. A card that was given up begins at the bottom: somebody asked for it.
  void Climb(Transport& transport);
  void Works() { *this = {}; }
  bool given_up() const { return failures_ >= kMost && last_ != Rung::kNone; }

 private:
  static constexpr int kMost = 5;  // failures in a row; our choice
  enum class Rung { kNone, kFunction, kBus };

  int failures_ = 0;
  Rung last_ = Rung::kNone;  // the reset that was done before the bring-up
};

}  // namespace sw::hal::pcie
