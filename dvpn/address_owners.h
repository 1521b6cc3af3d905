// Which user a private address belongs to: the first who held it, while the map lives and for a while after, so that
// nobody takes the place of a client that is away for a moment. And how many a user has.
#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "hal/base/address.h"
#include "hal/base/clock.h"

namespace sw::dvpn {

class AddressOwners {
 public:
  // Whose it is now, though no map has it; empty: nobody's.
  std::string OwnerOf(Time now, Ipv4 address) const;
  // A map of the user's has it now; the map says whose it is.
  void Take(Ipv4 address, const std::string& user);
  // Its map has gone; for `hold` it stays the user's, of whom no more than `most` are kept, those that maps have
  // included.
  void Leave(Time now, Duration hold, Ipv4 address, const std::string& user, std::size_t most);
  std::size_t TakenBy(const std::string& user) const;
  std::size_t size() const { return held_.size(); }
  template <typename State>
  void Fields(State& state) {
    state(held_, order_);
    if constexpr (State::kReads)  // what maps have is counted as they come
      for (const auto& [address, held] : held_) users_[held.user].held.emplace(held.until, address);
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
  struct User {
    std::size_t taken = 0;
    std::set<std::pair<Time, Ipv4>> held;
  };
  void Forget(Ipv4 address);
  void Tidy(const std::string& user);

  std::unordered_map<Ipv4, Held> held_;
  std::unordered_map<std::string, User> users_;
  std::deque<std::pair<Time, Ipv4>> order_;
};

}  // namespace sw::dvpn
