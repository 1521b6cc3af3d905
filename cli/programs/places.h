// Where things are unless an option says otherwise. Our choice, after the FHS.
#pragma once

namespace sw::programs {

inline constexpr const char* kDefaultDatabase = "/var/lib/sw8800/sw8800.db";

}  // namespace sw::programs
