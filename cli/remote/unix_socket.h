// UNIX stream sockets by path.
#pragma once

#include <string>

#include "hal/base/result.h"

namespace sw::cli {

Result<int> ConnectUnix(const std::string& path);  // kNotFound: nobody listens there
Result<int> ListenUnix(const std::string& path);   // mode 0600; kInUse: somebody listens there
std::string PeerUser(int fd);                      // the name of the user at the other end

}  // namespace sw::cli
