// Shows a lab to somebody: runs the lines of a tour file (sw8800(1), "The tour") and prints as a session would.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/grammar/grammar.h"
#include "device/event_loop.h"
#include "device/lab/lab.h"

namespace sw::cli {

using Print = std::function<void(std::string_view)>;

// Runs one command line at a node to its end; returns prompt, line and all it printed, debugging output too.
std::string RunLine(device::EventLoop& loop, const Grammar& grammar, device::Lab::Node& node, const std::string& line);

// kBadValue: a line that is none of a tour's; kBusy: what a line waited for did not come.
// `boot` configures the lab; it is called once, by the tour's own line or after the last.
Status RunTour(std::string_view script, device::EventLoop& loop, const Grammar& grammar, device::Lab& lab,
               const std::function<Status()>& boot, const Print& print);

}  // namespace sw::cli
