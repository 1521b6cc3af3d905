// Step 5: asks the authenticator who a client is, and keeps what it answers until the tunnel takes it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "dvpn/authenticator.h"
#include "dvpn/core.h"
#include "dvpn/server_map.h"

namespace sw::dvpn {

class UserCheck {
 public:
  using Answers = std::vector<std::pair<std::uint64_t, Verdict>>;  // by key of the map

  UserCheck(Core& core, const ServerSettings& settings);
  ~UserCheck();
  UserCheck(const UserCheck&) = delete;
  UserCheck& operator=(const UserCheck&) = delete;

  void Ask(Map& map, wire::AuthReq request);
  Answers Take() { return std::exchange(box_->answers, {}); }

 private:
  // Outlives the tunnel when an authenticator answers late; then nobody reads it.
  struct Box {
    Answers answers;
    TimerQueue* timers = nullptr;  // null once the tunnel is gone
    std::uint64_t timer = 0;
    std::function<void()> wake;
    bool in_call = false;
  };

  Core& core_;
  const ServerSettings& settings_;
  std::shared_ptr<Box> box_;
};

}  // namespace sw::dvpn
