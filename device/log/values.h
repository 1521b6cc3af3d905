// The information centre as configured.
#pragma once

#include "device/config/rows.h"
#include "device/log/info_center.h"
#include "hal/base/result.h"

namespace sw::device {

inline constexpr std::size_t kMaxLogHosts = 4;  // recollection

void TakeInfoCenter(const configdb::Key&, Rows rows, InfoSettings& out, bool& changed);
void TakeInfoChannels(const configdb::Key&, Rows all, InfoSettings& out, bool& changed);
void TakeInfoLogHosts(const configdb::Key&, Rows all, InfoSettings& out, bool& changed);
void TakeInfoSources(const configdb::Key&, Rows all, InfoSettings& out, bool& changed);

// The information centre of a store, for who has no device. kStorage.
Result<InfoSettings> LoadInfoCenter(const configdb::Store& store);

// Refuses more log hosts than there may be, and two channels of one name.
Status ValidateInfoCenter(const InfoSettings& info);

}  // namespace sw::device
