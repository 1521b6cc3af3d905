// Where a server asks who a client is. Implementations: device/ (local users; RADIUS later). The answer may come
// later, so that an outage of a RADIUS server never blocks the event loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dvpn/types.h"
#include "hal/base/address.h"
#include "hal/base/secret.h"

namespace sw::dvpn {

struct Credentials {
  AuthMethod method = AuthMethod::kNone;
  std::string user_name;     // as the client sent it, domain part included
  std::string isp_domain;    // the policy's; used when the name carries no domain
  SecretBytes password;      // PAP
  std::uint8_t chap_id = 0;  // CHAP, RFC 1994
  Bytes chap_challenge;
  Bytes chap_response;  // 16 octets
};

// What belongs to a user by configuration, in one domain or another. Our extension.
struct Property {
  std::vector<Ipv4> addresses;   // private addresses it may register; empty: the first user who has one keeps it
  std::vector<Prefix> networks;  // what lies behind it; empty: what the routes say
};

struct Verdict {
  bool accepted = false;
  std::string reason = {};  // for this device's log; the client learns only that it was refused
  Property property = {};
  bool wrong = false;  // not accepted for what the client said: it may be a guess. Not when nobody could be asked
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Calls `done` exactly once, now or later, on the same thread.
  virtual void Authenticate(Credentials credentials, std::function<void(Verdict)> done) = 0;
  // The user whose private address this is by configuration, whether it is in or not; empty: nobody's, or not known.
  virtual std::string OwnerOf(Ipv4) const { return {}; }
};

}  // namespace sw::dvpn
