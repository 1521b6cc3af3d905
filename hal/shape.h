// What ranges a packet can have. Any engine asks this where its hardware does not.
#pragma once

#include "hal/crypto_device.h"

namespace sw::hal {

// Whether the ranges of an op are those of a packet at all: within the data, whole blocks, nothing over the ICV.
bool ShapeFits(const CryptoOp& op, Capability transform);

}  // namespace sw::hal
