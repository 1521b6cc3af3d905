// A process that holds keys makes itself small: nothing of its memory gets out by a core dump, a debugger of its user,
// or swap, and calls that a gateway never makes are refused by the kernel, whoever gets it to make them.
//
// prctl(2), setrlimit(2), mlockall(2), seccomp(2). Linux. Our choice of calls: those that start programs, look into
// other processes, load code into the kernel, move between namespaces or file systems, or set the machine's clock.
#pragma once

#include "hal/base/result.h"

namespace sw::hal {

// No core dumps, not dumpable, no new privileges for whatever would be started, memory locked where the limits allow.
// Before the first thread. kDenied: memory may be swapped; the rest holds.
Status KeepMemoryPrivate();
// The filter, on all threads and for good: a refused call fails with EPERM. After the start.
Status FilterSystemCalls();

}  // namespace sw::hal
