// `metrics server enable`: the counters of the displays for Prometheus, over HTTP at a port of its own.
//
// Nothing is kept: who asks gets what there is. The device's thread only copies values, one source in each turn of its
// loop, so that packets pass between them; what takes long, text of thousands of sessions, is made on the server's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "config-db/store.h"
#include "device/device.h"
#include "device/event_loop.h"
#include "hal/base/result.h"

namespace sw::cli {

struct MetricsSettings {
  bool enabled = false;
  std::string address;
  std::uint16_t port = 0;
  friend bool operator==(const MetricsSettings&, const MetricsSettings&) = default;
};
MetricsSettings MetricsSettingsOf(const configdb::Store& store);

class MetricsServer {
 public:
  // On the device's thread, as its destruction. Device and loop, which is the device's, outlive it.
  static Result<std::unique_ptr<MetricsServer>> Start(device::EventLoop& loop, device::Device& device,
                                                      const MetricsSettings& settings);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;
  int port() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sw::cli
