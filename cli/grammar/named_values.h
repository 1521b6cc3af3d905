// Arguments that are numbers with names: ports, ICMP types, DSCP ... What is stored is the number; what is shown is the
// name where there is one.
//
// Names and numbers: 3Com MSR 50 reference pages 2095 and 2111 (ports; a later product, same list), Switch 7750
// configuration guide page 602 (ICMP); the names of DSCP, precedence and TOS are recollection;
// severities: Router 3000 command reference page 68; facilities: Switch 8800 configuration guide chapter 46, RFC 3164.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace sw::cli {

struct NamedValue {
  std::string_view name, value;
};

// tcp-port, udp-port, icmp-type ("TYPE CODE"), dscp, precedence, tos, severity, facility; sorted by name. nullopt: no
// such table.
std::optional<std::span<const NamedValue>> NamedValuesOf(std::string_view table);

}  // namespace sw::cli
