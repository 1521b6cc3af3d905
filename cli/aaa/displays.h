// Domains, local users, schemes and users who are in, as text. Own format but for `display local-user`, whose headings
// follow the patterns of public tools for 3Com 4500 switches; names of fields as in cli-base.
#pragma once

#include <string>
#include <vector>

#include "device/aaa/aaa.h"
#include "device/aaa/values.h"

namespace sw::cli {

std::string DomainsText(const device::AaaConfig& config, const std::vector<const device::IspDomain*>& domains);
std::string LocalUsersText(const std::vector<const device::LocalUser*>& users,
                           const std::vector<device::Connection>& in);
std::string RadiusSchemesText(const std::vector<const device::RadiusScheme*>& schemes,
                              const device::RadiusClient& client);
std::string HwtacacsSchemesText(const std::vector<const device::HwtacacsScheme*>& schemes);
std::string RadiusStatisticsText(const device::RadiusStatistics& statistics);
std::string ConnectionsText(Time now, const std::vector<device::Connection>& connections);
std::string BufferedStopsText(Time now, const std::vector<device::BufferedStop>& stops);

// The same as JSON.
std::string DomainsJson(const device::AaaConfig& config, const std::vector<const device::IspDomain*>& domains);
std::string LocalUsersJson(const std::vector<const device::LocalUser*>& users,
                           const std::vector<device::Connection>& in);
std::string RadiusSchemesJson(const std::vector<const device::RadiusScheme*>& schemes,
                              const device::RadiusClient& client);
std::string HwtacacsSchemesJson(const std::vector<const device::HwtacacsScheme*>& schemes);
std::string RadiusStatisticsJson(const device::RadiusStatistics& statistics);
std::string ConnectionsJson(Time now, const std::vector<device::Connection>& connections);
std::string BufferedStopsJson(Time now, const std::vector<device::BufferedStop>& stops);

}  // namespace sw::cli
