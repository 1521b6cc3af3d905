// What `display encrypt-card` and `display interface encrypt` show.
#pragma once

#include <string>
#include <vector>

#include "device/card/host.h"
#include "hal/failover/failover_device.h"
#include "ipsec/gateway_models.h"

namespace sw::cli {

std::string CardStatusText(hal::FailoverDevice& card, Time now);
std::string CardStatisticText(hal::FailoverDevice& card);
std::string CardSaText(hal::FailoverDevice& card);
std::string CardSyslogText(const device::CardHost& host);
std::string CardFastSwitchText(bool on, const std::vector<ipsec::FastFlowView>& flows);
std::string CardInterfaceText(hal::FailoverDevice& card);

// The same as JSON.
std::string CardStatusJson(hal::FailoverDevice& card, Time now);
std::string CardStatisticJson(hal::FailoverDevice& card);
std::string CardSaJson(hal::FailoverDevice& card);
std::string CardDetailsJson(hal::FailoverDevice& card, Time now);

}  // namespace sw::cli
