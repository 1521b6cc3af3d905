// Boots a lab for people: reads its file and makes its devices; then types their start-up configurations and exec
// lines.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/grammar/grammar.h"
#include "device/event_loop.h"
#include "device/lab/lab.h"

namespace sw::cli {

// `remark` gets what the lab file or a configuration gives reason to say, line by line.
using Remark = std::function<void(const std::string&)>;

Result<std::unique_ptr<device::Lab>> MakeLab(const std::string& file, device::EventLoop& loop, Random& random,
                                             const Remark& remark);
Status ConfigureLab(device::Lab& lab, device::EventLoop& loop, const Grammar& grammar, const Remark& remark);

// Where a device keeps its files whose configuration is in this database.
std::string FlashOf(const std::string& database);

std::int64_t WallClock();  // seconds since 1970, UTC

}  // namespace sw::cli
