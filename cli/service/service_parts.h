// The inside of the service, shared by its files; not for others.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/configuration/startup.h"
#include "cli/metrics/metrics_server.h"
#include "cli/remote/console_server.h"
#include "cli/remote/take_over_socket.h"
#include "cli/service/service.h"
#include "cli/session/session.h"
#include "cli/snmp/agent.h"
#include "cli/ssh/ssh_server.h"
#include "device/linux/card_engine.h"
#include "device/linux/crypto_recording.h"
#include "device/linux/device_locks.h"
#include "device/linux/linux_platform.h"
#include "device/linux/service_manager.h"
#include "device/log/monitor.h"
#include "hal/primitives.h"

namespace sw::cli {

// A line for who started the service.
template <typename... Arguments>
void Say(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
  fmt::print(stderr, "sw8800d: {}\n", fmt::format(form, std::forward<Arguments>(arguments)...));
}

// In the order in which they are made.
struct Service::Parts final : Predecessor {
  ServiceOptions options;
  std::function<Result<ServiceOptions>()> reread;
  device::DeviceLocks locks;
  device::EventLoop loop;
  hal::SystemRandom random;
  std::unique_ptr<Grammar> grammar;
  std::unique_ptr<device::CardEngine> crypto;
  std::unique_ptr<device::CryptoRecording> recording;
  std::unique_ptr<device::LinuxPlatform> platform;
  std::unique_ptr<device::Device> device;
  UserInterfaces lines;
  std::unique_ptr<ConsoleServer> console;
  std::unique_ptr<SshServer> ssh;
  std::unique_ptr<snmp::Agent> agent;
  std::unique_ptr<MetricsServer> metrics;
  MetricsSettings metrics_wanted;
  device::ServiceManager manager{loop};
  device::SavedParts saved;  // of a predecessor
  std::unique_ptr<TakeOverSocket> predecessor;
  Time frozen;  // when it stopped, about
  std::unique_ptr<device::EventLoop::Watch> predecessor_ends;
  std::unique_ptr<TakeOverServer> successors;
  std::optional<configdb::OpenedStore> store;  // until the device has it
  bool in_memory = false;                      // the configuration: the database cannot be used

  Status Start();
  Status Prepare();  // what touches nothing
  Status Open();     // the device, and what it stands on
  Status Serve();
  Status TakeOver();  // from a predecessor; without one nothing is done
  Status RestartOrdinarily(const std::string& why);
  void RunOrLeave(Status done);
  void FollowPredecessor();
  Status MayBeTakenOver(const std::string& database) const override;
  TakenOver Hold() override;
  void GoOn(const std::string& why) override;
  Status OpenCrypto();
  Status OpenStore();
  Status StartDevice();
  Status OpenDoors();
  Status OpenSsh(const std::string& address);
  void FollowAgent();
  void FollowMetrics();
  void SayStarted() const;
  void Reload();
  void Log(device::Severity severity, std::string_view digest, const std::string& text) const {
    device->monitor().Log(severity, "SYSTEM", digest, text);
  }
};

}  // namespace sw::cli
