#include "device/interface/applied.h"

#include <utility>

namespace sw::device {
namespace {

// What platforms know of; NULL0 is a name for dropping, and nothing here makes interfaces of a template.
bool IsPlatformInterface(const InterfaceConfig& config) {
  return config.kind != "NULL" && config.kind != "Virtual-Template";
}

}  // namespace

InterfaceSettings AppliedInterfaces::SettingsOf(const InterfaceConfig& config) const {
  InterfaceSettings out{config.name, !config.shutdown, config.addresses, config.mtu, config.vlan};
  if (config.kind != "Tunnel") return out;
  out.mtu = tunnels_.MtuOf(config);
  out.up = tunnels_.Up(config);
  return out;
}

Status AppliedInterfaces::Remove(const InterfaceConfig& interface) {
  told_.erase(interface.name);
  if (tunnels_.Close(interface.name)) return {};  // the interface goes with its port
  Status removed = platform_.RemoveInterface(interface.name);
  return removed.code() == Code::kNotFound ? Status() : removed;
}

Status AppliedInterfaces::Set(const InterfaceConfig& interface) {
  if (interface.kind == "Tunnel") SW_TRY(tunnels_.Open(interface));
  const InterfaceSettings settings = SettingsOf(interface);
  if (interface.kind == "Tunnel") told_.insert_or_assign(interface.name, std::pair(settings.mtu, settings.up));
  Status set = platform_.SetInterface(settings);
  if (set.code() == Code::kNotFound) {
    monitor_.Log(Severity::kWarnings, "IFNET", "ABSENT", interface.name + " is configured, but no port is bound to it");
    return {};
  }
  return set.ok() ? set : std::move(set).Within(interface.name);
}

Result<bool> AppliedInterfaces::Apply(const InterfacesConfig& wanted) {
  bool changed = false;
  for (auto it = applied_.begin(); it != applied_.end();) {
    if (wanted.Find(it->first) != nullptr) {
      ++it;
      continue;
    }
    SW_TRY(Remove(it->second));
    it = applied_.erase(it);
    changed = true;
  }
  for (const InterfaceConfig& interface : wanted.interfaces) {
    if (!IsPlatformInterface(interface)) continue;
    const auto old = applied_.find(interface.name);
    if (old != applied_.end() && old->second == interface) continue;
    // Noted before it is tried: what a refusal has half done is set again by the old configuration.
    applied_.insert_or_assign(interface.name, interface);
    SW_TRY(Set(interface));
    changed = true;
  }
  return changed;
}

bool AppliedInterfaces::FollowTunnels(const InterfacesConfig& wanted) {
  bool changed = false;
  for (const auto& [name, told] : told_) {
    const InterfaceConfig* interface = wanted.Find(name);
    if (interface == nullptr || told == std::pair(tunnels_.MtuOf(*interface), tunnels_.Up(*interface))) continue;
    if (Status set = Set(*interface); !set.ok()) monitor_.Log(Severity::kErrors, "IFNET", "TUNNEL", set.why());
    changed = true;
  }
  return changed;
}

}  // namespace sw::device
