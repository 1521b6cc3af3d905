// An AgentX subagent (RFC 2741) of the system's SNMP daemon that serves the DVPN MIB.
//
// Net-SNMP waits for its master where it likes, so it has a thread of its own; the device is only ever touched on the
// device's thread, through EventLoop::Post. The agent's thread asks for a view of the MIB at most every fifth of a
// second, and waits for it no longer than a second: a device that does not answer looks empty, a master that does not
// answer hinders nobody. One agent per process, because Net-SNMP has one.
#pragma once

#include <memory>
#include <string>

#include "device/device.h"
#include "device/event_loop.h"

namespace sw::cli::snmp {

class Agent {
 public:
  // Connects now and again until the master is there. Device and loop outlive the agent.
  static std::unique_ptr<Agent> Start(device::EventLoop& loop, device::Device& device,
                                      const std::string& master_socket);
  virtual ~Agent() = default;  // ends the thread; no other may be started after it
  // Off: the MIB looks empty, nothing can be written, no notification is sent. Net-SNMP cannot be stopped and started
  // again in one process, and takes a changed root only in a new one.
  virtual void Enable(bool enabled) = 0;
};

}  // namespace sw::cli::snmp
