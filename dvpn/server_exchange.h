// What a server computes for steps 1 to 4, and keeps nothing of: the choice of a suite, the cookie, the keys of a map.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "dvpn/cookie.h"
#include "dvpn/core.h"
#include "dvpn/guesses.h"
#include "dvpn/parts.h"
#include "dvpn/refusal.h"
#include "dvpn/server_map.h"

namespace sw::dvpn {

class ServerExchange {
 public:
  ServerExchange(Core& core, const ServerSettings& settings, const Guesses& guesses)
      : core_(core), settings_(settings), guesses_(guesses), cookies_(core.services.random) {}

  // Step 1: the body of ALG-RSP.
  std::variant<wire::AlgRsp, Refusal> Choose(const wire::Frame& frame, Endpoint from);
  // KEX-REQ whose two parts are here, as a datagram; empty: the other one is missing. Nothing is kept without a good
  // cookie.
  std::variant<Bytes, Refusal, Drop> TakePart(const wire::Frame& frame, Endpoint from);
  // Step 3: a map whose last_answer is KEX-RSP. Nothing of Diffie-Hellman is computed without a good cookie. A Drop:
  // for nobody to hear.
  std::variant<std::unique_ptr<Map>, Refusal, Drop> Agree(const wire::Frame& frame, Endpoint from);

 private:
  bool Accepts(int suite) const;
  // A good cookie, and nothing to wait for.
  std::optional<Refusal> Welcome(const wire::Frame& frame, const wire::KexReq& claim, Endpoint from);
  std::optional<Refusal> Check(const wire::Frame& frame, const wire::KexReq& request, Endpoint from);

  Core& core_;
  const ServerSettings& settings_;
  const Guesses& guesses_;
  CookieJar cookies_;
  Pieces pieces_;  // of KEX-REQ
};

// Names step 3 by what it was and where it came from.
std::uint64_t RequestDigest(ByteView datagram, Endpoint from);

}  // namespace sw::dvpn
