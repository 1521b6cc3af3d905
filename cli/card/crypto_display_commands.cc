// The parts of this device, and what the crypto engine measured of itself. `display device` is the family's; its layout
// here and `display device crypto` are ours.
#include "cli/card/displays.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"
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
  session.Show(kCryptoDisplay, session.device().crypto());
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
};

}  // namespace

std::span<const Command> CryptoDisplayCommands() {
  return kCommands;
}

}  // namespace sw::cli
