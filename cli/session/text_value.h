// A value over several lines: what begins with a delimiter goes on until the delimiter comes again.
#pragma once

#include <functional>
#include <string>

#include "hal/base/result.h"

namespace sw::cli {

class Operator;

// `begun`: the delimiter and what follows it on the command's own line. Takes lines from the session until the text is
// closed, then calls `then` with all of it, its delimiters included. A text that is too long or holds control bytes is
// taken to its end all the same, and refused then, so that none of it is run as commands.
Status CollectText(Operator& session, std::string begun, std::size_t most,
                   std::function<Status(const std::string& text)> then);

}  // namespace sw::cli
