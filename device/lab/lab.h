// Many devices in one process: a topology's nodes, each a whole Device with its own store, engine and IP stack.
//
// Time is the scheduler's: an EventLoop for a lab that people sit at, a VirtualScheduler for tests. The lab boots empty
// devices; whoever made it replays their start-up configurations, because command lines are above this folder.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/lab/lab_network.h"
#include "device/lab/topology.h"

namespace sw::device {

class Lab {
 public:
  struct Node {
    std::string name;
    std::string startup_config;     // path; empty: none
    std::string startup_text;       // commands after those of the file
    std::vector<std::string> exec;  // lines to type after that
    std::unique_ptr<hal::CryptoDevice> crypto;
    std::unique_ptr<Device> device;
  };

  // Scheduler and random source outlive the lab.
  static Result<std::unique_ptr<Lab>> Create(const Topology& topology, Scheduler& scheduler, Random& random,
                                             std::function<std::int64_t()> wall_clock);

  std::vector<Node>& nodes() { return nodes_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  Device* Find(const std::string& name);  // null: no such device
  LabNetwork& network() { return *network_; }

 private:
  Lab() = default;
  std::unique_ptr<LabNetwork> network_;  // first: devices stand on it
  std::vector<Node> nodes_;
};

}  // namespace sw::device
