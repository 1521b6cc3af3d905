// Cards as rows of hal/backend.h: behind a socket, and behind the kernel.
#pragma once

#include "hal/backend.h"

namespace sw::hal::vfio {

extern const Backend kUserBackend, kKernelBackend;

}  // namespace sw::hal::vfio
