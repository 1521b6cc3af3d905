// How an audit is shown: text, `| json` and the schema of that.
#pragma once

#include "cli/audit/audit.h"
#include "cli/display/field.h"

namespace sw::cli {

extern const DisplayOf<Audit> kAuditDisplay;

}  // namespace sw::cli
