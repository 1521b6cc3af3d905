#include "cli/lab/boot.h"

#include <chrono>

#include "cli/lab/tour.h"
#include "cli/replay/replay.h"
#include "cli/replay/report.h"
#include "cli/session/line_reader.h"
#include "cli/session/session.h"
#include "config-db/schema.h"

namespace sw::cli {

std::int64_t WallClock() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string FlashOf(const std::string& database) {
  return database + ".flash";
}

Result<std::unique_ptr<device::Lab>> MakeLab(const std::string& file, device::EventLoop& loop, Random& random,
                                             const Remark& remark) {
  const Result<std::string> text = ReadTextFile(file);
  if (!text.ok()) return text.status();
  Result<device::Topology> topology = device::ParseTopology(*text, file);
  if (!topology.ok()) return topology.status();
  for (const std::string& note : topology->notes) remark(note);
  return device::Lab::Create(*topology, loop, random, WallClock);
}

namespace {

// `name` is how messages call the text.
void Configure(device::Lab::Node& node, const Grammar& grammar, const std::string& name, std::string_view text,
               const Remark& remark) {
  Session session(*node.device, grammar, {.from = "startup " + name});
  Replay replay(session, name, text, OnError::kContinue);
  replay.Start([&](const ReplayReport& report) {
    if (!report.ok()) remark(ReportText(report, ReportFormat::kText));
  });
}

// A device is called as its node, as far as a sysname goes, until its configuration says otherwise.
std::string NameOf(const device::Lab::Node& node) {
  const configdb::Column& sysname = *configdb::FindColumn(*configdb::FindTable("system"), "sysname");
  return "sysname " + node.name.substr(0, static_cast<std::size_t>(sysname.high)) + "\n";
}

}  // namespace

Status ConfigureLab(device::Lab& lab, device::EventLoop& loop, const Grammar& grammar, const Remark& remark) {
  for (device::Lab::Node& node : lab.nodes()) {
    Configure(node, grammar, node.name, NameOf(node), remark);
    if (!node.startup_config.empty()) {
      const Result<std::string> text = ReadTextFile(node.startup_config);
      if (!text.ok()) return text.status().Within(node.name);
      Configure(node, grammar, node.startup_config, *text, remark);
    }
    if (!node.startup_text.empty())
      Configure(node, grammar, node.name + "'s startup-config", node.startup_text, remark);
    for (const std::string& line : node.exec) remark(RunLine(loop, grammar, node, line));
  }
  return {};
}

}  // namespace sw::cli
