// `display dvpn ...` as text. No sample output of these commands is known: columns and layout are our own format, the
// fields are those of guide page 206 and A3COM-HUAWEI-DVPN-MIB.
#pragma once

#include <string>
#include <vector>

#include "device/device.h"
#include "hal/base/clock.h"

namespace sw::cli {

std::string MapsText(Time now, const std::vector<dvpn::MapInfo>& maps);
std::string SessionsText(Time now, const std::vector<dvpn::SessionInfo>& sessions);
std::string HistoryText(Time now, const std::vector<dvpn::SessionRecord>& records);
std::string OnlineUsersText(Time now, std::vector<dvpn::MapInfo> maps);  // those of finished maps of servers
std::string WhyText(const std::vector<std::string>& lines);
std::string IpsecSasText(const std::vector<dvpn::IpsecSaInfo>& sas);
std::string DvpnGlobalText(const device::DvpnInfo& info);
std::string DvpnDomainText(int dvpn_id, const device::DvpnInfo& info);

// The same as JSON.
std::string MapsJson(Time now, const std::vector<dvpn::MapInfo>& maps);
std::string SessionsJson(Time now, const std::vector<dvpn::SessionInfo>& sessions);
std::string HistoryJson(Time now, const std::vector<dvpn::SessionRecord>& records);
std::string OnlineUsersJson(Time now, std::vector<dvpn::MapInfo> maps);
std::string IpsecSasJson(const std::vector<dvpn::IpsecSaInfo>& sas);
std::string DvpnInfoJson(int dvpn_id, const device::DvpnInfo& info);  // 0: of all domains

}  // namespace sw::cli
