// The commands of the audit.
#pragma once

#include <span>

#include "cli/grammar/command.h"

namespace sw::cli {

std::span<const Command> AuditCommands();

}  // namespace sw::cli
