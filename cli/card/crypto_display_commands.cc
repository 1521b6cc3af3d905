// The parts of this device, and what the crypto engine measured of itself. `display device` is the family's; its layout
// here and `display device crypto` are ours.
#include <fmt/format.h>

#include "cli/session/session.h"
#include "cli/subjects.h"
#include "hal/suites.h"

namespace sw::cli {
namespace {

Status DisplayDevice(Session& session, const Match&) {
  constexpr std::string_view kRow = " {:<6}{:<16}{:<10}{}\n";
  std::string out = fmt::format(kRow, "Slot", "Type", "State", "Engine");
  out += fmt::format(kRow, "1", "IPsec module", "Normal", session.device().crypto().engine);
  if (hal::FailoverDevice* card = session.device().card()) {
    const std::string_view state = card->on_card() ? "Normal" : card->shut_down() ? "Shutdown" : "Fault";
    out += fmt::format(kRow, "1/0", "Encrypt-card", state, card->card().capabilities().engine);
  }
  session.Print(out);
  return {};
}

Status DisplayDeviceCrypto(Session& session, const Match&) {
  const hal::Capabilities& crypto = session.device().crypto();
  std::string out = fmt::format(" engine: {}\n SAs: {} at most, packets in flight: {} at most, transforms: {}\n",
                                crypto.engine, crypto.max_sas, crypto.max_burst, crypto.transforms.size());
  if (!crypto.figures.empty()) {
    out += fmt::format(" measured at start, MB/s of 1024 byte packets:\n {:<27}{:<6}{:>9}{:>11}  {}\n", "transform",
                       "does", "OpenSSL", "in bursts", "bursts used from");
  }
  for (const hal::EngineFigure& f : crypto.figures) {
    const std::string_view cipher = hal::Info(f.transform.cipher).name;
    const std::string name = hal::Info(f.transform.cipher).aead
                                 ? std::string(cipher)
                                 : fmt::format("{}/{}", cipher, hal::Info(f.transform.integrity).name);
    out += fmt::format(" {:<27}{:<6}{:>9.0f}{:>11.0f}  {}\n", name,
                       f.direction == hal::Direction::kSeal ? "seal" : "open", f.one, f.many,
                       f.many_from == 0   ? "never"
                       : f.many_from == 1 ? "1 packet"
                                          : fmt::format("{} packets", f.many_from));
  }
  if (!crypto.figures.empty()) out += " Transforms that are not listed go to OpenSSL packet by packet.\n";
  session.Print(out);
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display device",
     .help = "|Parts of this device",
     .run = DisplayDevice},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display device crypto",
     .help = "||The crypto engine and what it measured at start",
     .run = DisplayDeviceCrypto},
};

}  // namespace

std::span<const Command> CryptoDisplayCommands() {
  return kCommands;
}

}  // namespace sw::cli
