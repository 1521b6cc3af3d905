#include "device/system/resources.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
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

namespace {

namespace fs = std::filesystem;

std::optional<std::string> WordIn(const fs::path& file) {
  std::ifstream in(file);
  std::string word;
  if (!(in >> word)) return std::nullopt;
  return word;
}

std::vector<fs::path> EntriesOf(const fs::path& directory, const std::string& prefix, const std::string& suffix = "") {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(suffix)) out.push_back(at->path());
  }
  std::ranges::sort(out);
  return out;
}

void AddSensor(std::vector<Temperature>& out, const fs::path& input, const std::string& name) {
  const std::optional<std::string> word = WordIn(input);
  int thousandths = 0;
  if (!word || std::from_chars(word->data(), word->data() + word->size(), thousandths).ec != std::errc()) return;
  out.push_back({name, thousandths / 1000.0});
}

}  // namespace

std::vector<Temperature> ReadTemperatures(const std::string& root) {
  std::vector<Temperature> out;
  for (const fs::path& zone : EntriesOf(fs::path(root) / "thermal", "thermal_zone"))
    AddSensor(out, zone / "temp", WordIn(zone / "type").value_or(zone.filename().string()));
  for (const fs::path& chip : EntriesOf(fs::path(root) / "hwmon", "hwmon")) {
    const std::string name = WordIn(chip / "name").value_or(chip.filename().string());
    for (const fs::path& input : EntriesOf(chip, "temp", "_input")) {
      const std::string file = input.filename().string();
      AddSensor(out, input, name + " " + file.substr(0, file.find('_')));
    }
  }
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
