// One device as a service of the machine: what it holds, in the order in which it may be touched, the doors that lead
// to it, and what the operator sees of its start, reload and end.
//
// Locks come first (device/linux/device_locks.h): a second service on the same database, socket or port ends with the
// holder's name and has touched nothing. A service that takes over has them from its predecessor, and everything else
// that is open with them. One thread, the loop's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hal/base/result.h"

namespace sw::cli {

struct ServiceOptions {
  std::string config;  // the ini file; empty: none
  std::string db, socket, ssh, agentx;
  std::string crypto, record_crypto;
  std::map<std::string, std::string> ports;  // GigabitEthernet0/1 -> eth0
  bool forwarding = false;
  std::size_t workers = 1;
  std::vector<int> cpus;
  bool detach = false;                 // with it: the command ends when this one serves (cli/programs)
  bool take_over = false;              // from the device that runs (cli/service/take_over.h)
  std::function<void()> started = {};  // everything listens; may be empty
};

class Service {
 public:
  // `reread`: the options anew, for SIGHUP.
  Service(ServiceOptions options, std::function<Result<ServiceOptions>()> reread);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  Status Run();  // until SIGTERM or SIGINT

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sw::cli
