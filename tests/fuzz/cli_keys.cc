// Whole sessions of arbitrary keys at the terminal: editing, history, TAB, help, hotkeys, pager, questions, passwords
// and login, on a device in virtual time. The first byte chooses level, line and login, the second the width of the
// screen; byte 0x00 in the keys lets time pass, byte 0xff sends a log line, so that both come in the middle of
// anything. The highest bit of the first byte has GNU readline edit the line. What must hold: nothing crashes, what is
// typed ahead is taken sooner or later, and a session that is over says so once.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/session/key_terminal.h"
#include "cli/session/session.h"
#include "cli/shell/readline_editor.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/lab/lab_platform.h"
#include "device/log/monitor.h"
#include "hal/base/virtual_scheduler.h"
#include "hal/soft/software_device.h"

namespace sw::cli {
namespace {

constexpr std::size_t kMostKeys = 4096;
constexpr char kTime = '\0', kLog = '\xff';

void Must(bool holds) {
  if (!holds) std::abort();
}

SessionOptions OptionsFrom(std::uint8_t choice, UserInterfaces& lines) {
  SessionOptions options{.level = static_cast<std::uint8_t>(choice & 3U), .interactive = true};
  options.lines = &lines;
  options.line = (choice & 4U) != 0 ? LineId{LineType::kVty, 0} : LineId{LineType::kConsole, 0};
  options.monitor = (choice & 8U) != 0;
  options.login = (choice & 16U) != 0;
  options.banner = (choice & 32U) != 0;
  options.idles_out = (choice & 64U) != 0;
  return options;
}

void Run(std::uint8_t choice, std::uint8_t width, std::string_view keys) {
  (void)::setenv("INPUTRC", "/dev/null", 1);  // whose keys these are is not the fuzzer's business
  VirtualScheduler scheduler;
  SeededRandom random(1);
  PacketPool packets;
  auto crypto = std::move(*hal::SoftwareDevice::Create());
  device::LabPlatform platform(scheduler, packets);
  auto device = std::move(
      *device::Device::Create(platform, std::move(*configdb::Store::Open(":memory:")),
                              {.crypto = *crypto, .random = random, .wall_clock = [] { return std::int64_t{0}; }}));
  static const Grammar grammar = std::move(*BuildGrammar());
  UserInterfaces lines;
  Session session(*device, grammar, OptionsFrom(choice, lines));
  int ends = 0;
  KeyTerminal terminal(
      session, scheduler, [](std::string_view written) { Must(!written.empty()); }, [&ends] { ++ends; },
      (choice & 128U) != 0 ? MakeReadlineEditor({}) : nullptr);
  terminal.set_width(width);
  terminal.Start();
  for (const char key : keys.substr(0, kMostKeys)) {
    if (key == kTime) {
      scheduler.RunFor(std::chrono::seconds(30));
    } else if (key == kLog) {
      device->monitor().Log(device::Severity::kWarnings, "FUZZ", "LOG", "something happened");
    } else {
      terminal.Keys({&key, 1});
    }
  }
  terminal.EndOfInput();
  scheduler.RunFor(std::chrono::hours(1));
  if (ends == 0) {  // what still runs, or waits in the pager, can be ended
    terminal.HangUp();
    scheduler.RunFor(std::chrono::seconds(1));
  }
  Must(ends == 1);
  Must(terminal.typed_ahead() == 0);
}

}  // namespace
}  // namespace sw::cli

// readline 8.2 loses its message's prompt in some searches that are broken off: 39 bytes, of the library alone.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libreadline\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  sw::cli::Run(data[0], data[1], std::string_view(reinterpret_cast<const char*>(data) + 2, size - 2));
  return 0;
}
