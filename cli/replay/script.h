// `execute`: the lines of a file in a session of their own, with the rights of the one who asks.
#pragma once

#include <string>
#include <string_view>

#include "cli/session/operator.h"
#include "hal/base/result.h"

namespace sw::cli {

// Shows what the lines print, when all have run; the command of `session` goes on until then. A line of it may run a
// file again: kBusy when as many run as may run at a time, in all sessions.
Status RunScript(Operator& session, const std::string& name, std::string_view text);

}  // namespace sw::cli
