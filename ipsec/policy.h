// Policies as the gateway follows them (RFC 2401 section 4.4.1): what is protected on a port, how, and with whom.
// Values only. Rules: guide pages 146-161 and 391.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ipsec/negotiation.h"

namespace sw::ipsec {

enum class PolicyMode : std::uint8_t { kManual, kIsakmp, kTemplate };

struct Policy {
  std::string name;
  int number = 0;
  PolicyMode mode = PolicyMode::kIsakmp;
  int acl = 0;                        // 0: none; a template's policy then takes the flow that the peer asks for
  std::vector<Protection> proposals;  // manual: one
  std::string peer;                   // not manual
  hal::DhGroup pfs = hal::DhGroup::kNone;
  Lifetime lifetime;   // not manual
  Ipv4 local, remote;  // of the tunnel; local empty: the port's address; remote empty: the peer's
  std::optional<SaKeys> in_esp, in_ah, out_esp, out_ah;  // manual
  friend bool operator==(const Policy&, const Policy&) = default;
};

// A port with its policy group, in ascending number.
struct ProtectedPort {
  int port = 0;  // the owner's name for it
  std::string interface;
  Ipv4 address;
  std::size_t mtu = 1500;
  std::vector<Policy> policies;
};

// Keys out of a configured text. No document that could be read says how the module makes them; ours: HKDF (RFC 5869)
// with SHA-256, so both ends must be of this product.
SecretBytes KeysFromText(const std::string& text, const Protection& protection, SaProtocol protocol);
std::size_t KeyBytes(const Protection& protection, SaProtocol protocol);

}  // namespace sw::ipsec
