// The cables of a lab: builds links and one LabPlatform per sw8800 node or host from a Topology. Devices are the caller's.
//
// A bridge and everything linked to it is one VirtualLink; so is every link between two devices. Scheduler and random
// source outlive the network; the network outlives whatever uses its platforms.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device/lab/lab_platform.h"
#include "device/lab/topology.h"
#include "hal/base/random.h"

namespace sw::device {

class LabNetwork {
 public:
  static Result<std::unique_ptr<LabNetwork>> Build(const Topology& topology, Scheduler& scheduler, Random& random);

  LabPlatform* Find(const std::string& node);  // null: no such device
  // The link that `interface` of `node` is joined to; null: none. For taps and counters.
  hal::VirtualLink* LinkOf(const std::string& node, const std::string& interface);
  const std::vector<std::unique_ptr<hal::VirtualLink>>& links() const { return links_; }

 private:
  LabNetwork() = default;
  PacketPool packets_;  // first: every packet goes back to it
  std::vector<std::unique_ptr<hal::VirtualLink>> links_;
  std::map<std::pair<std::string, std::string>, hal::VirtualLink*> joined_;
  std::map<std::string, std::unique_ptr<LabPlatform>> platforms_;
};

}  // namespace sw::device
