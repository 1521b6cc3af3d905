// What `display encrypt-card` shows.
#pragma once

#include <string>

#include "hal/failover/failover_device.h"

namespace sw::cli {

std::string CardStatusText(hal::FailoverDevice& card, Time now);
std::string CardStatisticText(hal::FailoverDevice& card);
std::string CardSaText(hal::FailoverDevice& card);

// The same as JSON.
std::string CardStatusJson(hal::FailoverDevice& card, Time now);
std::string CardStatisticJson(hal::FailoverDevice& card);
std::string CardSaJson(hal::FailoverDevice& card);
std::string CardDetailsJson(hal::FailoverDevice& card, Time now);

}  // namespace sw::cli
