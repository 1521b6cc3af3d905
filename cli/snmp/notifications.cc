#include "cli/snmp/notifications.h"

namespace sw::cli::snmp {
namespace {

const Oid kEntityState = {1, 3, 6, 1, 2, 1, 131};  // RFC 4268
constexpr unsigned long kOperEnabled = 1, kOperDisabled = 2, kAdminColumn = 2, kAlarmColumn = 5;
constexpr std::int64_t kLocked = 2, kUnlocked = 4;       // EntityAdminState
const std::string kNoAlarm(1, '\0'), kMajor(1, '\x10');  // EntityAlarmStatus, BITS

Oid Below(const Oid& root, std::initializer_list<unsigned long> rest) {
  Oid out = root;
  out.insert(out.end(), rest);
  return out;
}

}  // namespace

Notification CardNotification(const device::CardChange& change) {
  Notification out;
  out.whole = true;
  out.oid = Below(kEntityState, {0, change.in_service ? kOperEnabled : kOperDisabled});
  out.variables = {{Below(kEntityState, {1, 1, 1, kAdminColumn, kCardEntity}),
                    {Syntax::kInteger, change.shut_down ? kLocked : kUnlocked, {}}},
                   {Below(kEntityState, {1, 1, 1, kAlarmColumn, kCardEntity}),
                    {Syntax::kOctets, 0, change.in_service ? kNoAlarm : kMajor}}};
  return out;
}

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
