#include "device/config/config.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sw::device {
namespace {

// Assigns what was loaded, or says why not.
template <typename T>
Status Into(T& place, Result<T> loaded) {
  if (!loaded.ok()) return loaded.status();
  place = std::move(*loaded);
  return {};
}

Status LoadSystem(const configdb::Store& store, Config& config) {
  const Result<std::vector<configdb::Row>> rows = store.Rows("system");
  if (!rows.ok()) return rows.status();
  config.sysname = rows->empty() ? kDefaultSysname : rows->front().TextOr("sysname", kDefaultSysname);
  return {};
}

Status UpdateRouteRow(const configdb::Store& store, const configdb::Key& key, Config& config) {
  return UpdateRoute(store, key, config.routes);
}

// A subject: the tables it reads (by the beginning of their names), and how: all of them, or one row that changed.
struct Subject {
  std::array<std::string_view, 5> tables;  // empty ones do not count; of one that is updated by rows the whole name
  Status (*load)(const configdb::Store& store, Config& config);
  Status (*update)(const configdb::Store& store, const configdb::Key& key, Config& config) = nullptr;  // null: load
};
constexpr Subject kSubjects[] = {
    {{"system"}, LoadSystem},
    {{"clock"}, [](const configdb::Store& store, Config& c) { return Into(c.clock, LoadClock(store)); }},
    {{"info_"}, [](const configdb::Store& store, Config& c) { return Into(c.info_center, LoadInfoCenter(store)); }},
    {{"interface"}, [](const configdb::Store& store, Config& c) { return Into(c.interfaces, LoadInterfaces(store)); }},
    {{"route_static"},
     [](const configdb::Store& store, Config& c) { return Into(c.routes, LoadRoutes(store)); },
     UpdateRouteRow},
    {{"aaa_", "radius_", "hwtacacs_", "local_user", "isp_"},
     [](const configdb::Store& store, Config& c) { return Into(c.aaa, LoadAaa(store)); }},
    {{"dvpn_"}, [](const configdb::Store& store, Config& c) { return Into(c.dvpn, LoadDvpn(store)); }},
    {{"ipsec_", "ike_", "pki_"},
     [](const configdb::Store& store, Config& c) { return Into(c.ipsec, LoadIpsec(store)); }},
    {{"snmp_"}, [](const configdb::Store& store, Config& c) { return Into(c.snmp, LoadSnmp(store)); }},
    {{"encrypt_card"}, [](const configdb::Store& store, Config& c) { return Into(c.card, LoadCard(store)); }},
};

std::vector<AppliedGroup> AppliedGroups(const InterfacesConfig& interfaces) {
  std::vector<AppliedGroup> out;
  for (const InterfaceConfig& interface : interfaces.interfaces)
    if (!interface.ipsec_policy.empty()) out.push_back({interface.name, interface.ipsec_policy});
  return out;
}

}  // namespace

Result<Config> LoadConfig(const configdb::Store& store) {
  Config config;
  for (const Subject& subject : kSubjects) SW_TRY(subject.load(store, config));
  return config;
}

Status UpdateConfig(const configdb::Store& store, const configdb::ChangedRows& changed, Config& config) {
  const Changes changes(changed);
  for (const Subject& subject : kSubjects) {
    const auto touched = [&](std::string_view tables) { return !tables.empty() && changes.Touches(tables); };
    if (std::ranges::none_of(subject.tables, touched)) continue;
    if (subject.update == nullptr) {
      SW_TRY(subject.load(store, config));
      continue;
    }
    for (const configdb::Key& key : changes.Of(subject.tables.front())) SW_TRY(subject.update(store, key, config));
  }
  return {};
}

Status ValidateConfig(const Config& config, const Changes& changes) {
  constexpr std::string_view kAaa[] = {"aaa_", "radius_", "hwtacacs_", "isp_domain"};
  if (std::ranges::any_of(kAaa, [&](std::string_view tables) { return changes.Touches(tables); }))
    SW_TRY(ValidateAaa(config.aaa));
  if (changes.Touches("clock")) SW_TRY(ValidateClock(config.clock));
  if (changes.Touches("info_")) SW_TRY(ValidateInfoCenter(config.info_center));
  const bool interfaces = changes.Touches("interface");
  if (interfaces) {
    SW_TRY(ValidateInterfaces(config.interfaces));
    SW_TRY(ValidateGre(config.interfaces));
  }
  SW_TRY(ValidateRoutes(config.routes, config.interfaces, changes));
  if (interfaces || changes.Touches("dvpn_")) SW_TRY(ValidateDvpn(config.dvpn, config.interfaces));
  const bool ipsec = changes.Touches("ipsec_") || changes.Touches("ike_") || changes.Touches("pki_");
  if (interfaces || ipsec) SW_TRY(ValidateIpsec(config.ipsec, AppliedGroups(config.interfaces)));
  return {};
}

Result<dvpn::TunnelSettings> TunnelSettingsOf(const Config& config, const InterfaceConfig& tunnel) {
  return TunnelSettingsOf(config.dvpn, config.interfaces, config.sysname, tunnel);
}

}  // namespace sw::device
