// What can be said against the options of sw8800d before it touches anything: what is there at a path that is something
// else, links and addresses that cannot be.
#pragma once

#include <string>
#include <string_view>

#include "cli/service/service.h"
#include "hal/base/result.h"

namespace sw::programs {

// kBadValue, in one line.
Status CheckServiceOptions(const cli::ServiceOptions& options);

// As much of a text as fits a message, control bytes shown as \xNN.
std::string Shortened(std::string_view text);

}  // namespace sw::programs
