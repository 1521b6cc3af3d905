// Domains, local users, schemes and users who are in. Own format but for `display local-user`, whose headings follow
// the patterns of public tools for 3Com 4500 switches; names of fields as in cli-base.
#pragma once

#include <string>
#include <vector>

#include "cli/display/field.h"
#include "device/aaa/aaa.h"
#include "device/aaa/values.h"

namespace sw::cli {

struct DomainsView {
  const device::AaaConfig& config;
  std::vector<const device::IspDomain*> domains;
};
extern const DisplayOf<DomainsView> kDomainsDisplay;

struct LocalUsersView {
  std::vector<const device::LocalUser*> users;
  std::vector<device::Connection> in;
};
extern const DisplayOf<LocalUsersView> kLocalUsersDisplay;

struct RadiusSchemesView {
  std::vector<const device::RadiusScheme*> schemes;
  const device::RadiusClient& client;
};
extern const DisplayOf<RadiusSchemesView> kRadiusSchemesDisplay;

using HwtacacsSchemesView = std::vector<const device::HwtacacsScheme*>;
extern const DisplayOf<HwtacacsSchemesView> kHwtacacsSchemesDisplay;
extern const DisplayOf<device::RadiusStatistics> kRadiusStatisticsDisplay;

struct ConnectionsView {
  Time now;
  std::vector<device::Connection> connections;
};
extern const DisplayOf<ConnectionsView> kConnectionsDisplay;

struct BufferedStopsView {
  Time now;
  std::vector<device::BufferedStop> stops;
};
extern const DisplayOf<BufferedStopsView> kBufferedStopsDisplay;

// Those whom the built-in server would answer; the default one is always there.
struct LocalServerEntry {
  std::string address;
  bool preset;  // not configured
};
using LocalServerView = std::vector<LocalServerEntry>;
extern const DisplayOf<LocalServerView> kLocalServerDisplay;

}  // namespace sw::cli
