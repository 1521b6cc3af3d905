#include "cli/snmp/notifications.h"

namespace sw::cli::snmp {

std::optional<Notification> NotificationOf(const dvpn::Event& event, const device::SnmpConfig& settings,
                                           const std::string& device_id, MapNumbers& numbers) {
  using dvpn::What;
  const bool built = event.what == What::kMapBuilt || event.what == What::kSessionBuilt;
  if (!built && event.what != What::kMapRemoved && event.what != What::kSessionRemoved) return std::nullopt;
  if (event.map != nullptr && settings.map_trap)
    return MapNotification(*event.map, numbers.Of(*event.map), device_id, built);
  if (event.session != nullptr && settings.session_trap) return SessionNotification(*event.session, device_id, built);
  return std::nullopt;
}

}  // namespace sw::cli::snmp
