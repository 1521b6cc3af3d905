// A client of a vfio-user card that means no good: memory lent and taken back, registers and doorbells written at
// random, rings of random descriptors, messages that are none, and no goodbye. What a card must survive; whether it
// works afterwards is for the caller to see.
#pragma once

#include <string>

#include "hal/base/random.h"
#include "hal/base/result.h"

namespace sw::hal::fuzz {

// kDevice: nobody listens at the socket.
Status Garbage(Random& random, const std::string& socket, std::size_t messages);

}  // namespace sw::hal::fuzz
