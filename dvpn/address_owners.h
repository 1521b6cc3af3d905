// Which user a private address belongs to: the first who held it, while the map lives and for a while after, so that
// nobody takes the place of a client that is away for a moment.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "hal/base/address.h"
#include "hal/base/clock.h"

namespace sw::dvpn {

class AddressOwners {
 public:
  // Whose it is now; empty: nobody's.
  std::string OwnerOf(Time now, Ipv4 address) const;
  // Its map has gone; for `hold` it stays the user's.
  void Leave(Time now, Duration hold, Ipv4 address, const std::string& user);
  void Take(Ipv4 address) { held_.erase(address); }             // a map has it; the map says whose it is
  std::size_t size() const { return held_.size(); }
  template <typename State>
  void Fields(State& state) {
    state(held_, order_);
  }

 private:
  struct Held {
    std::string user;
    Time until;
    template <typename State>
    void Fields(State& state) {
      state(user, until);
    }
  };
  std::unordered_map<Ipv4, Held> held_;
  std::deque<std::pair<Time, Ipv4>> order_;
};

}  // namespace sw::dvpn
