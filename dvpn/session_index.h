// Who owns an incoming control channel or SA; and, by peer, the setup channel of the last session that is gone. One a
// peer is enough: a pair gets another secret when one of its maps is another, and never an earlier one again.
#pragma once

#include <deque>
#include <unordered_map>

#include "dvpn/control_channel.h"
#include "ipsec/esp.h"

namespace sw::dvpn {

class Session;

struct SessionIndex {
  std::unordered_map<std::uint64_t, Session*> by_channel;
  std::unordered_map<ipsec::SaId, Session*> by_sa;
  struct Remembered {
    std::uint64_t session = 0;  // key: later sessions have higher ones
    ControlChannel channel;
  };
  std::unordered_map<Ipv4, Remembered> remembered;
  std::deque<Ipv4> remembered_order;
};

}  // namespace sw::dvpn
