// What `display encrypt-card` shows.
#pragma once

#include <string>

#include "hal/failover/failover_device.h"

namespace sw::cli {

std::string CardStatusText(hal::FailoverDevice& card, Time now);
std::string CardStatisticText(hal::FailoverDevice& card);
std::string CardSaText(hal::FailoverDevice& card);

}  // namespace sw::cli
