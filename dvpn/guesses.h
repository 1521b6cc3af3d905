// Who guesses at a server: addresses that begin registrations and do not go on with them, as somebody does who tries a
// pre-shared key, and users whose password was wrong. So many are free, as they happen to anybody; the next ones have to
// wait, each twice as long as the one before, up to a lock. What waits has one forgotten a minute.
//
// A user is not locked out of the address where it registered last, so that nobody shuts it out by its name alone.
#pragma once

#include <string>

#include "dvpn/recent.h"
#include "hal/base/address.h"
#include "hal/base/clock.h"

namespace sw::dvpn {

class Guesses {
 public:
  Guesses();

  // How long the next attempt has to wait; zero: not at all.
  Duration Wait(Time now, Ipv4 address) const { return Left(now, addresses_.Find(address)); }
  Duration Wait(Time now, const std::string& user, Ipv4 from) const;
  // One that failed, or that is begun and may.
  void Charge(Time now, Ipv4 address);
  void Charge(Time now, const std::string& user);
  void Forgive(Time now, Ipv4 address);           // it went on: it has the key
  void Succeeded(const std::string& user, Ipv4 from);  // is in, from there

 private:
  struct Row {
    int failures = 0;
    Time until;  // waits; from then on failures are forgotten
  };
  static void Forget(Time now, Row& row);
  static void Fail(Time now, Row& row, int free);
  static Duration Left(Time now, const Row* row);

  Recent<Ipv4, Row> addresses_;
  Recent<std::string, Row> users_;
  Recent<std::string, Ipv4> homes_;  // of users: where they came from last
};

}  // namespace sw::dvpn
