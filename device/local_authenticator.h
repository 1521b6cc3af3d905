// DVPN clients checked against the device's own users (`local-user`, `service-type dvpn`).
//
// Domains, by analogy with `ppp authentication-mode` of the sibling routers (no DVPN page says it): a name with a
// domain part is looked up as it is and its domain must exist ("system" always does); a name without one takes
// the policy's domain, when there is one, and is tried with it and without.
#pragma once

#include "device/config/config.h"
#include "dvpn/authenticator.h"

namespace sw::device {

class LocalAuthenticator final : public dvpn::Authenticator {
 public:
  explicit LocalAuthenticator(const Config& config) : config_(config) {}  // read at each request; outlives this
  void Authenticate(dvpn::Credentials credentials, std::function<void(dvpn::Verdict)> done) override;

 private:
  dvpn::Verdict Check(const dvpn::Credentials& credentials) const;
  const Config& config_;
};

}  // namespace sw::device
