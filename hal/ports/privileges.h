// What a running device may still do: capabilities(7) through libcap-ng.
#pragma once

#include <string>
#include <vector>

#include "hal/base/result.h"

namespace sw::hal {

// Keeps CAP_NET_ADMIN (links, addresses, routes, TUN, buffers), CAP_NET_RAW (ping) and CAP_NET_BIND_SERVICE (SSH below
// port 1024), as far as the process has them; everything else goes for good, from the bounding set too where that is
// allowed. An ordinary user without capabilities loses nothing. Call before the first thread starts.
Status DropPrivileges();

bool MayLockAnyMemory();  // CAP_IPC_LOCK
// Lets this process lock as much memory as it may be allowed (RLIMIT_MEMLOCK), so that it can share memory with a card
// after its privileges are gone.
void RaiseMemoryLock();
// Of those that it keeps, and of the devices of the machine, what this process does not have, and what a device cannot
// do without it: one line each.
std::vector<std::string> MissingRights();

}  // namespace sw::hal
