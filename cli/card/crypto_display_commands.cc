// The parts of this device, and what the crypto engine measured of itself. `display device` is the family's; its layout
// here and `display device crypto` and
// `display device pci` are ours.
#include "cli/card/displays.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "device/card/host.h"
#include "device/device.h"
#include "hal/failover/failover_device.h"

namespace sw::cli {
namespace {

Status DisplayDevice(Operator& session, const Match&) {
  DeviceView parts = {{"1", "IPsec module", "Normal", session.device().crypto().engine}};
  if (hal::FailoverDevice* card = session.device().card()) {
    const std::string_view state = card->on_card() ? "Normal" : card->shut_down() ? "Shutdown" : "Fault";
    parts.push_back({"1/0", "Encrypt-card", std::string(state), card->card().capabilities().engine});
  }
  session.Show(kDeviceDisplay, parts);
  return {};
}

Status DisplayDeviceCrypto(Operator& session, const Match&) {
  const hal::FailoverDevice* card = session.device().card();
  const hal::Capabilities* of_card = card == nullptr ? nullptr : &card->card().capabilities();
  session.Show(kCryptoDisplay, CryptoView{session.device().crypto(),
                                          of_card == nullptr || of_card->transforms.empty() ? nullptr : of_card});
  return {};
}

Status DisplayDevicePci(Operator& session, const Match&) {
  session.Show(kPciDisplay, session.device().card_host().survey());
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display device",
     .help = "|Parts of this device",
     .run = DisplayDevice,
     .shows = &kDeviceDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display device crypto",
     .help = "||The crypto engine and what it measured at start",
     .run = DisplayDeviceCrypto,
     .shows = &kCryptoDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display device pci",
     .help = "||PCI devices of this machine, and which is a card that can be used",
     .run = DisplayDevicePci,
     .shows = &kPciDisplay},
};

}  // namespace

std::span<const Command> CryptoDisplayCommands() {
  return kCommands;
}

}  // namespace sw::cli
