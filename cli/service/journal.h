// What the service says on standard error: log lines with the system's time, whatever the device's own clock shows.
// Under systemd's journal, which has the time, each line begins with its priority instead (sd-daemon(3)).
#pragma once

#include <string>

#include "device/log/info_center.h"

namespace sw::cli {

bool UnderJournal();
// Without line end. `seconds`: since 1970, UTC.
std::string JournalLine(const device::InfoCenter& info, const device::InfoRecord& record, std::int64_t seconds,
                        bool under_journal);

}  // namespace sw::cli
