// `display dvpn ...`. No sample output of these commands is known: columns and layout are our own format, the fields
// are those of guide page 206 and A3COM-HUAWEI-DVPN-MIB.
#pragma once

#include <string>
#include <vector>

#include "cli/display/field.h"
#include "device/dvpn/info.h"
#include "dvpn/history.h"
#include "dvpn/models.h"
#include "hal/base/clock.h"

namespace sw::cli {

// What there is at a time.
template <typename Info>
struct At {
  Time now;
  std::vector<Info> all;
};
extern const DisplayOf<At<dvpn::MapInfo>> kMapsDisplay;
extern const DisplayOf<At<dvpn::MapInfo>> kOnlineUsersDisplay;  // those of finished maps of servers
extern const DisplayOf<At<dvpn::SessionInfo>> kSessionsDisplay;
extern const DisplayOf<At<dvpn::SessionRecord>> kHistoryDisplay;
extern const DisplayOf<At<dvpn::IpsecSaInfo>> kDvpnSasDisplay;

// How many clients of a server use a suite, and for what.
struct SuiteUse {
  int suite = 0;
  std::size_t registrations = 0, sessions = 0, data = 0;
  bool weak = false;
};
extern const DisplayOf<std::vector<SuiteUse>> kDvpnSuitesDisplay;

struct DvpnInfoView {
  int dvpn_id;  // 0: of all domains
  const device::DvpnInfo& info;
};
extern const DisplayOf<DvpnInfoView> kDvpnInfoDisplay;
extern const Layout kDvpnDomainInfo;

using WhyView = std::vector<std::string>;  // what ends with a colon is the heading of what follows
extern const DisplayOf<WhyView> kWhyDisplay;

}  // namespace sw::cli
