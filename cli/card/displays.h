// What `display encrypt-card`, `display interface encrypt` and `display device` show. The layouts are our own: no
// sample of them was found.
#pragma once

#include <string>
#include <vector>

#include "cli/display/field.h"
#include "device/card/host.h"
#include "hal/failover/failover_device.h"
#include "ipsec/gateway_models.h"

namespace sw::cli {

struct CardView {
  hal::FailoverDevice& card;
  Time now;
};
extern const DisplayOf<CardView> kCardStatusDisplay, kCardStatisticDisplay, kCardSaDisplay, kCardInterfaceDisplay;

extern const DisplayOf<device::CardHost> kCardSyslogDisplay;

struct CardDetailsView {
  CardView card;
  const device::CardHost& host;
};
extern const DisplayOf<CardDetailsView> kCardDetailsDisplay;

struct FastSwitchView {
  bool on;
  std::vector<ipsec::FastFlowView> flows;
};
extern const DisplayOf<FastSwitchView> kFastSwitchDisplay;

struct DevicePart {
  std::string slot, type, state, engine;
};
using DeviceView = std::vector<DevicePart>;
extern const DisplayOf<DeviceView> kDeviceDisplay;
// The engine, and its card's part of it: null where there is no card, or none that was identified.
struct CryptoView {
  const hal::Capabilities& engine;
  const hal::Capabilities* card;
};
extern const DisplayOf<CryptoView> kCryptoDisplay;

using PciView = std::vector<hal::vfio::Surveyed>;
extern const DisplayOf<PciView> kPciDisplay;

}  // namespace sw::cli
