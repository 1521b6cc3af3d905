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

// A subject: the tables it reads (by the beginning of their names), and how.
struct Subject {
  std::string_view tables;
  Status (*load)(const configdb::Store& store, Config& config);
};
constexpr Subject kSubjects[] = {
    {"system", LoadSystem},
    {"interface", [](const configdb::Store& store, Config& c) { return Into(c.interfaces, LoadInterfaces(store)); }},
    {"route_static", [](const configdb::Store& store, Config& c) { return Into(c.routes, LoadRoutes(store)); }},
    {"local_user", [](const configdb::Store& store, Config& c) { return Into(c.aaa, LoadAaa(store)); }},
    {"isp_domain", [](const configdb::Store& store, Config& c) { return Into(c.aaa, LoadAaa(store)); }},
    {"dvpn_", [](const configdb::Store& store, Config& c) { return Into(c.dvpn, LoadDvpn(store)); }},
    {"ipsec_", [](const configdb::Store& store, Config& c) { return Into(c.ipsec, LoadIpsec(store)); }},
    {"ike_", [](const configdb::Store& store, Config& c) { return Into(c.ipsec, LoadIpsec(store)); }},
    {"pki_", [](const configdb::Store& store, Config& c) { return Into(c.ipsec, LoadIpsec(store)); }},
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

Status ReloadConfig(const configdb::Store& store, const std::set<std::string, std::less<>>& changed, Config& config) {
  for (const Subject& subject : kSubjects) {
    const auto concerns = [&](const std::string& table) { return table.starts_with(subject.tables); };
    if (std::ranges::any_of(changed, concerns)) SW_TRY(subject.load(store, config));
  }
  return {};
}

Status ValidateConfig(const Config& config) {
  SW_TRY(ValidateInterfaces(config.interfaces));
  SW_TRY(ValidateRoutes(config.routes, config.interfaces));
  SW_TRY(ValidateDvpn(config.dvpn, config.interfaces));
  return ValidateIpsec(config.ipsec, AppliedGroups(config.interfaces));
}

Result<dvpn::TunnelSettings> TunnelSettingsOf(const Config& config, const InterfaceConfig& tunnel) {
  return TunnelSettingsOf(config.dvpn, config.interfaces, config.sysname, tunnel);
}

}  // namespace sw::device
