// Resets of a device that the kernel does: of its function, and of the bus that it is on. Source: linux/vfio.h.
#pragma once

#include <string>

#include "hal/base/result.h"

namespace sw::hal::vfio {

Status ResetFunction(int device);  // kUnsupported: it has no such reset
// All functions on the bus of the device, which have to be in its group: kUnsupported names one that is not.
Status ResetBus(int device, int group, const std::string& group_name);

}  // namespace sw::hal::vfio
