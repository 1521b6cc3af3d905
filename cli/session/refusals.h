// Refusals that more than one command gives: for one condition one text, written once.
#pragma once

#include <string_view>

#include "hal/base/result.h"

namespace sw::cli {

Status NoSuch(std::string_view what);  // "The interface" does not exist
Status NoVpnInstance(std::string_view name);
Status NoEncryptionCard();
Status NoSuchDay();
Status NoConfigFile();
Status IsDirectory(std::string_view path);

}  // namespace sw::cli
