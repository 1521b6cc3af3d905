// One device alone in this process, on four ports that no cable leads to: for learning, checks and tests of scripts.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "device/device.h"
#include "device/lab/lab_platform.h"

namespace sw::device {

class Standalone {
 public:
  static constexpr int kPorts = 4;  // GigabitEthernet0/0 to 0/3

  // `flash`: directory of the device's files; empty: they go with it.
  static Result<std::unique_ptr<Standalone>> Create(configdb::Store store, Scheduler& scheduler, Random& random,
                                                    std::function<std::int64_t()> wall_clock, std::string flash = {});
  // `database`: a path, or ":memory:". Scheduler and random source outlive it.
  static Result<std::unique_ptr<Standalone>> Create(const std::string& database, Scheduler& scheduler, Random& random,
                                                    std::function<std::int64_t()> wall_clock);
  Device& device() { return *device_; }

 private:
  Standalone(Scheduler& scheduler, Random& random)
      : wire_(scheduler, random, packets_), platform_(scheduler, packets_) {}
  PacketPool packets_;
  hal::VirtualLink wire_;
  LabPlatform platform_;
  std::unique_ptr<hal::CryptoDevice> crypto_;
  std::unique_ptr<Device> device_;
};

}  // namespace sw::device
