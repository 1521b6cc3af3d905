// What a manager is told of the encryption card.
#pragma once

#include <string>

namespace sw::device {

// The card has gone out of service, or has come back.
struct CardChange {
  bool in_service = false;
  bool shut_down = false;  // by the operator
  std::string text;
};

}  // namespace sw::device
