// Users who stay when another process goes on for this one: those of DVPN, with their maps. Terminals end with the
// process, and what is on its way to a RADIUS server with it.
#pragma once

#include <functional>
#include <string>

#include "device/aaa/aaa.h"

namespace sw::device {

class SavedUsers {
 public:
  explicit SavedUsers(Aaa& aaa) : aaa_(aaa) {}  // outlives this

  template <typename State>
  void Fields(State& state);
  // After they were read: their accounting goes on, and `cut` ends them.
  void GoOn(std::function<void(const std::string& tunnel, Ipv4 peer)> cut);

 private:
  Aaa& aaa_;
};

}  // namespace sw::device
