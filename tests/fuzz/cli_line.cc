// Whole sessions of arbitrary lines on a device in memory: typed, helped (?) and completed in whatever view they lead
// to. The first byte chooses the level and where the session starts; lines end in \n, a line that begins with \x1a is
// Ctrl+Z, with \x03 Ctrl+C. What must hold: nothing crashes, every line is answered, and what is printed replays to the
// same print.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/configuration/text.h"
#include "cli/grammar/line.h"
#include "cli/replay/replay.h"
#include "cli/session/mask.h"
#include "cli/session/session.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/lab/lab_platform.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/soft/software_device.h"

namespace sw::cli {
namespace {

constexpr std::size_t kMostLines = 64;

class Counter final : public ConsoleListener {
 public:
  void OnOutput(std::string_view) override {}
  void OnNotice(std::string_view) override {}
  void OnReady(const Ready&) override { ++answers; }
  std::size_t answers = 0;
};

void Must(bool holds) {
  if (!holds) std::abort();
}

void Type(Session& session, VirtualScheduler& scheduler, Counter& counter, std::string_view line) {
  if (session.ready().closed) return;
  const std::size_t before = counter.answers;
  session.Help(line, [](const std::string&) {});
  session.Complete(line, [line](const Completion& completion) { Must(completion.begin <= line.size()); });
  if (line.starts_with('\x03')) return session.Send(Control::kCancel);
  if (line.starts_with('\x1a')) {
    session.Send(Control::kReturn);
  } else {
    session.Execute(line);
  }
  scheduler.RunFor(std::chrono::milliseconds(100));
  if (counter.answers == before) session.Send(Control::kCancel);  // what still runs can be ended
  Must(counter.answers == before + 1);
  const Ready& ready = session.ready();
  Must(ready.outcome == Outcome::kRefused || ready.column == -1);
  Must(ready.column <= static_cast<int>(line.size()));
}

void CheckPrint(const Grammar& grammar, const configdb::Store& store) {
  const std::string text = *ConfigurationText(grammar, store);
  configdb::Store empty = std::move(*configdb::Store::Open(":memory:"));
  Session session(empty, grammar, {});
  Replay replay(session, "print", text, OnError::kContinue);
  replay.Start([](const ReplayReport&) {});
  Must(*ConfigurationText(grammar, empty) == text);
}

void Run(std::uint8_t options, std::string_view text) {
  VirtualScheduler scheduler;
  SeededRandom random(1);
  PacketPool packets;
  auto crypto = std::move(*hal::SoftwareDevice::Create());
  device::LabPlatform platform(scheduler, packets);
  auto device = std::move(
      *device::Device::Create(platform, std::move(*configdb::Store::Open(":memory:")),
                              {.crypto = *crypto, .random = random, .wall_clock = [] { return std::int64_t{0}; }}));
  static const Grammar grammar = std::move(*BuildGrammar());
  Session session(*device, grammar,
                  {.level = static_cast<std::uint8_t>(options & 3U),
                   .interactive = (options & 4U) != 0,
                   .start = (options & 8U) != 0 ? View::kUser : View::kSystem});
  Counter counter;
  session.Listen(&counter);
  for (std::size_t lines = 0; !text.empty() && lines < kMostLines; ++lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Type(session, scheduler, counter, text.substr(0, end));
    (void)MaskSecrets(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  CheckPrint(grammar, device->store());
}

}  // namespace
}  // namespace sw::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  sw::cli::Run(data[0], std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
