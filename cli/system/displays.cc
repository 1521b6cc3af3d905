#include "cli/system/displays.h"

#include <fmt/format.h>

namespace sw::cli {
namespace {

std::string UptimeText(const Value& value) {
  const std::int64_t minutes = std::get<std::int64_t>(value.held);
  return fmt::format("{} week, {} day, {} hours, {} minutes", minutes / (7 * 24 * 60), minutes / (24 * 60) % 7,
                     minutes / 60 % 24, minutes % 60);
}

constexpr auto kVersionFields = Fields<VersionView>({
    {"sysname", "Name of the device", [](auto& v) { return v.sysname; }},
    {"version", "Version of the software", [](auto& v) { return v.version; }},
    {"uptime_minutes", "Since the start", [](auto& v) { return v.uptime_minutes; }, {{}, 0, UptimeText}},
    {"crypto_engine", "What does the cryptography", [](auto& v) { return v.engine; }},
});

constexpr auto kMemory = Fields<device::MemoryUse>({
    {"total", "Bytes of the machine; 0: not known", [](auto& v) { return v.total; }},
    {"available", "Bytes of them for programs", [](auto& v) { return v.available; }},
    {"own", "Bytes this device holds", [](auto& v) { return v.own; }},
});

double Percent(const CpuView& v) {
  return v.uptime.count() <= 0 ? 0
                               : 100.0 * static_cast<double>(v.used.count()) / static_cast<double>(v.uptime.count());
}
constexpr auto kCpu = Fields<CpuView>({
    {"percent", "Of one processor, since the start", [](auto& v) { return Percent(v); }},
    {"cycle", "cpu-usage cycle, or empty; stored only", [](auto& v) { return v.cycle; }},
    {"used_ms", "Processor time",
     [](auto& v) { return std::chrono::duration_cast<std::chrono::milliseconds>(v.used).count(); }},
});

constexpr auto kTemperature = Fields<device::Temperature>({
    {"sensor", "As the machine names it", [](auto& v) { return v.sensor; }},
    {"celsius", "Degrees", [](auto& v) { return v.celsius; }},
});
constexpr auto kTemperatures = Fields<TemperaturesView>({
    {"temperatures", "One of each sensor", [](auto& v) { return List<kTemperature>(v); }},
});

std::string RuleText(const Value& value) {
  return fmt::format("{:=^79}", fmt::format(" {} ", PlainText(value)));
}
constexpr auto kPart = Fields<DiagnosisPart>({
    {"command", "The display", [](auto& v) { return v.command; }, {{}, 0, RuleText}},
    {"answer", "As the command answers `| json`", [](auto& v) { return AnyObject{v.shown}; }},
    {"refused", "Why there is none, or empty", [](auto& v) { return v.refused; }},
});
constexpr auto kDiagnosis = Fields<DiagnosisView>({
    {"displays", "The usual ones", [](auto& v) { return List<kPart>(v); }},
});

}  // namespace

constexpr DisplayOf<DiagnosisView> kDiagnosisDisplay(kDiagnosis,
                                                     "{*displays}{command}\n{answer}{?refused} % {refused}\n{/}{/}");
// The number of the module's own software is not known; 3.10 is that of the captured devices whose terminal this is.
constexpr DisplayOf<VersionView> kVersionDisplay(
    kVersionFields,
    "Switch 8800 IPsec module in software, sw8800 Version {version}\n"
    "Commands of Comware Software, Version 3.10, Release {version}\n"
    "Free software under the GNU General Public License, version 3 or later\n"
    "{sysname} uptime is {uptime_minutes}\n"
    "Crypto engine: {crypto_engine}\n");
constexpr DisplayOf<device::MemoryUse> kMemoryDisplay(kMemory,
                                                      " Memory of this machine(bytes): {total}\n"
                                                      " Available to programs(bytes):  {available}\n"
                                                      " Used by this device(bytes):    {own}\n");
constexpr DisplayOf<CpuView> kCpuDisplay(kCpu,
                                         " CPU usage of this device: {percent}% of one processor since its start\n"
                                         " CPU time used(ms):        {used_ms}\n"
                                         "{?cycle} Cycle, stored only:       {cycle}\n{/}");
constexpr DisplayOf<TemperaturesView> kTemperaturesDisplay(
    kTemperatures,
    "{?temperatures} Temperatures(degrees Celsius):\n{*temperatures} {sensor:30} {celsius}\n{/}"
    "{:} This machine has no temperature sensor\n{/}");

}  // namespace sw::cli
