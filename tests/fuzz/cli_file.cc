// Whole files of arbitrary bytes through every door that takes files: a check, a script, and pieces as a pipe or a
// command given to ssh has them. The first byte chooses what a refusal does to the script, and how large the pieces
// are. What must hold: nothing crashes, each line is accounted for, the pieces give the lines of the whole, a report
// can be written in every form, and what is then configured prints and replays to the same print.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/configuration/text.h"
#include "cli/remote/message.h"
#include "cli/replay/replay.h"
#include "cli/replay/report.h"
#include "cli/session/line_reader.h"
#include "cli/session/session.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/lab/lab_platform.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/soft/software_device.h"

namespace sw::cli {
namespace {

constexpr std::size_t kMostBytes = 4096;

void Must(bool holds) {
  if (!holds) std::abort();
}

void CheckReport(const ReplayReport& report) {
  Must(report.accepted + report.changed + report.unchanged + report.refused + report.skipped == report.lines.size());
  for (const LineReport& line : report.lines) {
    Must(line.number >= 0);
    Must(line.outcome != Outcome::kSkipped || !line.reason.empty());
  }
  for (const ReportFormat format : {ReportFormat::kText, ReportFormat::kJson, ReportFormat::kJunit})
    Must(!ReportText(report, format).empty());
}

void CheckPieces(std::string_view text, std::size_t piece) {
  std::vector<std::string> lines;
  LineReader reader;
  for (std::size_t at = 0; at < text.size(); at += piece) reader.Feed(text.substr(at, piece), lines);
  reader.Finish(lines);
  const std::vector<std::string_view> whole = LinesOf(text);
  Must(std::ranges::equal(lines, whole, [](std::string_view a, std::string_view b) { return a == b; }));
  for (const std::string& line : lines) {
    const auto back = Decode(Encode(ExecuteMessage{line}));
    Must(back && std::get<ExecuteMessage>(*back).line == line);
  }
}

ReplayReport Apply(Console& console, std::string_view text, OnError on_error, VirtualScheduler* scheduler) {
  ReplayReport report;
  bool done = false;
  Replay replay(console, "file", text, on_error);
  replay.Start([&](ReplayReport all) {
    report = std::move(all);
    done = true;
  });
  for (int tries = 0; !done && scheduler != nullptr && tries < 1000; ++tries) {
    scheduler->RunFor(std::chrono::seconds(1));
    if (!done) console.Send(Control::kCancel);
  }
  Must(done);
  return report;
}

void CheckPrint(const Grammar& grammar, const configdb::Store& store) {
  const std::string text = *ConfigurationText(grammar, store);
  configdb::Store empty = std::move(*configdb::Store::Open(":memory:"));
  Session session(empty, grammar, {});
  (void)Apply(session, text, OnError::kContinue, nullptr);
  Must(*ConfigurationText(grammar, empty) == text);
}

void Run(std::uint8_t options, std::string_view text) {
  static const Grammar grammar = std::move(*BuildGrammar());
  CheckPieces(text, 1 + (options >> 2));
  const Result<ReplayReport> checked = CheckScript(grammar, {}, "file", text);
  Must(checked.ok());
  CheckReport(*checked);

  VirtualScheduler scheduler;
  SeededRandom random(1);
  PacketPool packets;
  auto crypto = std::move(*hal::SoftwareDevice::Create());
  device::LabPlatform platform(scheduler, packets);
  auto device = std::move(
      *device::Device::Create(platform, std::move(*configdb::Store::Open(":memory:")),
                              {.crypto = *crypto, .random = random, .wall_clock = [] { return std::int64_t{0}; }}));
  Session session(*device, grammar, {});
  CheckReport(Apply(session, text, static_cast<OnError>((options & 3U) % 3), &scheduler));
  CheckPrint(grammar, device->store());
}

}  // namespace
}  // namespace sw::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  sw::cli::Run(data[0], text.substr(0, sw::cli::kMostBytes));
  return 0;
}
