// The part of a policy that travels, as a server issues it and as a client takes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dvpn/core.h"
#include "dvpn/refusal_log.h"
#include "dvpn/settings.h"
#include "dvpn/wire.h"
#include "hal/suites.h"

namespace sw::dvpn {

wire::Terms TermsOf(const Policy& policy);

// What is weak about a suite that is used for `what`, in words; empty: nothing known.
std::string Weakness(std::string_view what, const hal::Suite& suite);
// Of a session with these terms; empty: nothing known.
std::vector<std::string> Weaknesses(const wire::Terms& terms);

// Why a client does not take what a server asks for, in words; nullopt: it does.
std::optional<std::string> BelowMinimum(SecurityMinimum minimum, const wire::Terms& terms);
std::optional<std::string> BelowMinimum(SecurityMinimum minimum, AuthMethod method);

// Says of a map that stands what is weak about it: once per peer and reason in a while.
class WeaknessLog {
 public:
  void Say(Core& core, Endpoint peer, Ipv4 peer_private, const hal::Suite& registration, const wire::Terms& terms);

 private:
  RefusalLog said_;
};

}  // namespace sw::dvpn
