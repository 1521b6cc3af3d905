// What a device's DVPN events become for a manager: the four notifications, each kind with its switch. On the device's
// thread.
#pragma once

#include <optional>

#include "cli/snmp/mib.h"

namespace sw::cli::snmp {

// Of an event that built or removed a map or a session, while notifications of its kind are wanted; nothing else is
// looked at, so that an event costs the same however many there are.
std::optional<Notification> NotificationOf(const dvpn::Event& event, const device::SnmpConfig& settings,
                                           const std::string& device_id, MapNumbers& numbers);

}  // namespace sw::cli::snmp
