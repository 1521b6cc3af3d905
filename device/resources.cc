#include "device/resources.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace sw::device {

MemoryUse ReadMemoryUse() {
  MemoryUse out;
  std::ifstream machine("/proc/meminfo");
  std::string name, unit;
  for (std::uint64_t kilobytes = 0; machine >> name >> kilobytes && std::getline(machine, unit);) {
    if (name == "MemTotal:") out.total = kilobytes * 1024;
    if (name == "MemAvailable:") out.available = kilobytes * 1024;
  }
  std::ifstream process("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  if (process >> size >> resident) out.own = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return out;
}

Duration ProcessorTime() {
  rusage use{};
  if (::getrusage(RUSAGE_SELF, &use) != 0) return {};
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(use.ru_utime) + of(use.ru_stime);
}

}  // namespace sw::device
