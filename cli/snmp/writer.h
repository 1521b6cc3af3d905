// What a manager writes becomes one change of the configuration, or an action: validated, applied, committed and
// journalled as what an operator types. On the device's thread.
#pragma once

#include <vector>

#include "cli/snmp/mib.h"
#include "device/device.h"

namespace sw::cli::snmp {

struct Assignment {
  Oid oid;  // relative to h3cDvpn, with the instance
  Value value;
};

// Why a write was refused, as SNMP names it (RFC 3416 section 4.2.5).
enum class Refusal : std::uint8_t {
  kNone,
  kNotWritable,
  kWrongType,
  kWrongValue,
  kInconsistentValue,
  kNoCreation,
  kCommitFailed
};

// All of them or none. `from`: where the request came from, for the journal.
Refusal Write(device::Device& device, const std::vector<Assignment>& assignments, const std::string& from);

}  // namespace sw::cli::snmp
