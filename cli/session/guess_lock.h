// Who guesses passwords: wrong ones are counted by user and by address, answers to them come later and later, and at
// the limit nobody's password is looked at for a time. A lock is never made longer by those who try while it holds.
//
// An address that is locked is locked for every user. A user is locked for addresses that he has never come in from: who
// guesses elsewhere shuts him out of no place where he is at home. The console is no address: what is tried there counts
// there alone, and one waits at most kLongestWait.
//
// Everything is bounded. In a full table the entry with the fewest wrong passwords gives way, of these the oldest, and
// never one that is locked: who invents names or addresses displaces his own. When all are locked, those that have no
// entry wait as the worst does. Our choice, RFC 4252 section 4 leaves it open. A value, on its session's thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config-db/schema.h"
#include "hal/base/clock.h"

namespace sw::cli {

struct GuessLimits {
  int attempts = configdb::Preset("terminal", "lockout_attempts");
  Duration time = std::chrono::minutes(configdb::Preset("terminal", "lockout_minutes"));
};

// As `display ssh server lockout` shows one.
struct Guesser {
  bool is_user = false;  // or an address
  std::string name;
  int failures = 0;
  Time last;
  Duration locked{0};  // for so long from now; 0: not
};

class GuessLock {
 public:
  static constexpr std::size_t kMost = 1024;      // of users, and of addresses
  static constexpr std::size_t kMostHomes = 256;  // pairs of user and address
  static constexpr Duration kLongestWait = std::chrono::seconds(8);

  // How long until a password of the user is looked at; 0: now. `address` empty: the console.
  Duration Locked(std::string_view user, std::string_view address, Time now);
  // A wrong one; how much later than at once to say so.
  Duration Failed(std::string_view user, std::string_view address, Time now, const GuessLimits& limits);
  // He is in. The address keeps its count: who has one password guesses at others no faster.
  void Succeeded(std::string_view user, std::string_view address, Time now);

  std::vector<Guesser> guessers(Time now);  // users first, the worst first
  std::size_t Reset(std::string_view user, std::string_view address);  // both empty: all; how many there were

 private:
  struct Entry {
    int failures = 0;
    Time last, locked_until, forgotten;
  };
  struct Table {
    std::map<std::string, Entry, std::less<>> entries;
    Time all_locked_until;  // when no entry could give way
    Entry* Take(const std::string& name, Time now);  // null: there is no room
    Duration Left(std::string_view name, Time now) const;
    Duration Count(const std::string& name, Time now, const GuessLimits& limits, bool locks);
    void Forget(Time now);
  };
  bool AtHome(std::string_view user, std::string_view address) const;

  Table users_, addresses_;
  std::map<std::string, Time, std::less<>> homes_;  // by HomeOf(user, address): when last
};

// Part of an address that one attacker can have whole: of IPv6 the first 64 bits.
std::string AttackerOf(std::string_view address);
// A name as a line of the log may hold it: nothing in it looks like another part of the line.
std::string LoggedName(std::string_view user);

}  // namespace sw::cli
