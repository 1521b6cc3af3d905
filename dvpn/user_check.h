// Step 5: asks the authenticator who a client is, and keeps what it answers until the tunnel takes it. A user whose
// password was wrong too often has to wait, and nobody is asked.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dvpn/authenticator.h"
#include "dvpn/core.h"
#include "dvpn/guesses.h"
#include "dvpn/server_map.h"

namespace sw::dvpn {

class UserCheck {
 public:
  struct Answer {
    std::uint64_t key;  // of the map
    Verdict verdict;
    wire::Answer refusal = wire::Answer::kBadCredentials;  // what the client is told
  };
  using Answers = std::vector<Answer>;

  UserCheck(Core& core, const ServerSettings& settings, Guesses& guesses);
  ~UserCheck();
  UserCheck(const UserCheck&) = delete;
  UserCheck& operator=(const UserCheck&) = delete;

  void Ask(Map& map, wire::AuthReq request);
  Answers Take();

 private:
  // Outlives the tunnel when an authenticator answers late; then nobody reads it.
  struct Asked {
    std::string user;
    Ipv4 from;
    Answer answer;
  };
  struct Box {
    std::vector<Asked> answers;
    TimerQueue* timers = nullptr;  // null once the tunnel is gone
    std::uint64_t timer = 0;
    std::function<void()> wake;
    bool in_call = false;
  };

  Core& core_;
  const ServerSettings& settings_;
  Guesses& guesses_;
  std::shared_ptr<Box> box_;
};

}  // namespace sw::dvpn
