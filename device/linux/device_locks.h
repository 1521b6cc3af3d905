// What a device alone may use while it runs: its database, its socket, and the links of its ports in this network
// namespace. Taken before anything of them is touched.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/result.h"
#include "hal/ports/lock.h"

namespace sw::device {

// kInUse: another process has it. A database in a folder that cannot be written needs no lock: nobody writes there.
Result<std::vector<hal::Lock>> LockDatabase(const std::string& path, const std::string& note);
Result<hal::Lock> LockLink(const std::string& link);

class DeviceLocks {
 public:
  // `database`, `socket`: paths. kInUse, with the holder.
  Status Take(const std::string& database, const std::string& socket, const std::map<std::string, std::string>& ports);
  // Other ports (INTERFACE -> LINK) from now on; those that stay are never let go. On kInUse all is as before.
  Status TakePorts(const std::map<std::string, std::string>& ports);
  // Which process has the device of that socket; nullopt: none.
  static std::optional<pid_t> Holder(const std::string& socket);
  void Sign();  // what was inherited names this process from now on, as Lock::Sign

 private:
  std::vector<hal::Lock> files_;
  std::map<std::string, hal::Lock> links_;
};

}  // namespace sw::device
