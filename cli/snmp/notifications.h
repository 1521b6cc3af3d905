// What a device's DVPN events become for a manager: the four notifications, each kind with its switch. On the device's
// thread.
#pragma once

#include <optional>

#include "cli/snmp/mib.h"
#include "device/log/card_change.h"
#include "device/snmp/values.h"

namespace sw::cli::snmp {

// Of an event that built or removed a map or a session, while notifications of its kind are wanted; nothing else is
// looked at, so that an event costs the same however many there are.
std::optional<Notification> NotificationOf(const dvpn::Event& event, const device::SnmpConfig& settings,
                                           const std::string& device_id, MapNumbers& numbers);

// No MIB of the encryption card is known. That it went out of service or came back is entStateOperDisabled or
// entStateOperEnabled of RFC 4268, which is made for parts of a device.
Notification CardNotification(const device::CardChange& change);
inline constexpr unsigned long kCardEntity = 2;  // entPhysicalIndex of the card, behind the module's own; our choice

}  // namespace sw::cli::snmp
