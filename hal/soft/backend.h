// Software as a row of hal/backend.h.
#pragma once

#include "hal/backend.h"

namespace sw::hal::soft {

extern const Backend kBackend;

}  // namespace sw::hal::soft
