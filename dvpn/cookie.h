// The stateless cookie of step 2: proof that whoever sends step 3 can be reached where it says it is, and that steps 1
// and 2 arrived unchanged. Made and checked with one HMAC; nothing is stored per client.
#pragma once

#include "dvpn/wire.h"
#include "hal/base/clock.h"
#include "hal/base/random.h"

namespace sw::dvpn {

inline constexpr std::chrono::seconds kCookieEpoch{60};  // a cookie lives one to two of these; our choice

struct CookieInput {
  Endpoint client;
  std::uint64_t client_id = 0;
  wire::Nonce nonce{};
  wire::SuiteList offered;
  std::uint8_t chosen = 0;
};

class CookieJar {
 public:
  explicit CookieJar(Random& random) : random_(random) {}
  wire::Cookie Make(Time now, const CookieInput& input);
  bool Check(Time now, const CookieInput& input, const wire::Cookie& cookie);

 private:
  void Rotate(Time now);
  Random& random_;
  SecretBytes current_, previous_;
  Time began_;
};

}  // namespace sw::dvpn
