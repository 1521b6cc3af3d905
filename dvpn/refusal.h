// Why an exchange cannot go on.
#pragma once

#include <string>

#include "dvpn/drop.h"
#include "dvpn/wire.h"

namespace sw::dvpn {

struct Refusal {
  wire::Answer answer = wire::Answer::kGaveUp;  // what the peer is told
  std::string why;                              // what the operator is told
  bool by_peer = false;                         // the peer refused, and need not be told
  bool proven = false;                          // of a message that came with a good cookie
};

// An answer that may be somebody else's: not acted upon if a good one follows.
struct Doubt {
  Drop drop = Drop::kForged;
  wire::Answer answer = wire::Answer::kNotVerified;
  std::string why;
};

}  // namespace sw::dvpn
