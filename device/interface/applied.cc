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

Status AppliedInterfaces::Remove(const std::string& name) {
  told_.erase(name);
  absent_.erase(name);
  if (tunnels_.Close(name)) return {};  // the interface goes with its port
  Status removed = platform_.RemoveInterface(name);
  return removed.code() == Code::kNotFound ? Status() : removed;
}

Status AppliedInterfaces::Set(const InterfaceConfig& interface) {
  if (interface.kind == "Tunnel") SW_TRY(tunnels_.Open(interface));
  const InterfaceSettings settings = SettingsOf(interface);
  if (interface.kind == "Tunnel") told_.insert_or_assign(interface.name, std::pair(settings.mtu, settings.up));
  Status set = platform_.SetInterface(settings);
  if (set.ok()) absent_.erase(interface.name);
  if (set.code() == Code::kNotFound) {
    absent_.insert(interface.name);
    monitor_.Log(Severity::kWarnings, "IFNET", "ABSENT", interface.name + " is configured, but no port is bound to it");
    return {};
  }
  return set.ok() ? set : std::move(set).Within(interface.name);
}

Result<bool> AppliedInterfaces::Apply(const std::string& name, const InterfaceConfig* wanted) {
  const auto old = applied_.find(name);
  if (wanted == nullptr) {
    if (old == applied_.end()) return false;
    SW_TRY(Remove(name));
    applied_.erase(old);
    return true;
  }
  if (!IsPlatformInterface(*wanted) || (old != applied_.end() && old->second == *wanted)) return false;
  // Noted before it is tried: what a refusal has half done is set again by the old configuration.
  applied_.insert_or_assign(name, *wanted);
  SW_TRY(Set(*wanted));
  return true;
}

void AppliedInterfaces::FollowPorts() {
  for (const auto& [name, config] : applied_) {
    if (config.kind != "GigabitEthernet") continue;
    if (!absent_.contains(name) && platform_.interface(name)) continue;
    const bool known = !absent_.insert(name).second;
    if (known && platform_.SetInterface(SettingsOf(config)).ok()) absent_.erase(name);
  }
}

// What goes makes room for what comes.
Result<bool> AppliedInterfaces::Apply(const InterfacesConfig& wanted, const std::set<std::string>& names) {
  bool changed = false;
  for (const bool going : {true, false}) {
    for (const std::string& name : names) {
      const InterfaceConfig* interface = wanted.Find(name);
      if ((interface == nullptr) != going) continue;
      const Result<bool> applied = Apply(name, interface);
      if (!applied.ok()) return applied;
      changed = changed || *applied;
    }
  }
  return changed;
}

void AppliedInterfaces::FollowTunnels(const InterfacesConfig& wanted) {
  for (const auto& [name, told] : told_) {
    const InterfaceConfig* interface = wanted.Find(name);
    if (interface == nullptr || told == std::pair(tunnels_.MtuOf(*interface), tunnels_.Up(*interface))) continue;
    if (Status set = Set(*interface); !set.ok()) monitor_.Log(Severity::kErrors, "IFNET", "TUNNEL", set.why());
  }
}

}  // namespace sw::device
