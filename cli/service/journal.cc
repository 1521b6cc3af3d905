#include "cli/service/journal.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

namespace sw::cli {

bool UnderJournal() {
  return std::getenv("JOURNAL_STREAM") != nullptr;
}

std::string JournalLine(const device::InfoCenter& info, const device::InfoRecord& record, std::int64_t seconds,
                        bool under_journal) {
  const auto severity = static_cast<int>(record.severity);
  if (under_journal)
    return fmt::format("<{}>{}/{}/{}: {}", severity - 1, record.module, severity, record.digest, record.text);
  const auto at = static_cast<std::time_t>(seconds);
  std::tm local{};
  ::localtime_r(&at, &local);
  device::InfoRecord as_here = record;
  as_here.local_time = seconds + local.tm_gmtoff;
  return info.Line(as_here);
}

}  // namespace sw::cli
