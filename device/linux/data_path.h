// The workers of one tunnel, each on a thread of its own, and what they hand to the engine, on the loop's thread.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "device/event_loop.h"
#include "device/linux/worker.h"
#include "device/platform.h"

namespace sw::device {

class LinuxDataPath final : public DataPath {
 public:
  struct Options {
    bool held = false;      // until GoOn()
    std::vector<int> cpus;  // worker i runs on cpus[i mod size] only; empty: where the scheduler puts it
  };
  // kUnsupported where the kernel cannot divide a socket. `fast` outlives this; `tun` and `udp` are divided among the
  // workers, their owners only write from here on.
  static Result<std::unique_ptr<LinuxDataPath>> Start(EventLoop& loop, PacketPool& packets, const hal::Tun& tun,
                                                      hal::UdpSocket& udp, dvpn::FastPath& fast,
                                                      DataPathHandlers handlers, const Options& options);
  ~LinuxDataPath() override;
  // The workers stop where they are, what they left to the engine is with it; then they go on. What comes meanwhile
  // waits in the kernel.
  void Hold();
  void GoOn();

 private:
  LinuxDataPath(PacketPool& packets, DataPathHandlers handlers, std::vector<int> cpus);
  void TakeOver();
  std::size_t Take(EngineQueue& queue, std::size_t most);

  PacketPool& packets_;
  DataPathHandlers handlers_;
  const std::vector<int> cpus_;
  hal::Descriptor wake_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::jthread> threads_;
  std::vector<dvpn::Datagram> datagrams_;
  std::vector<PacketPtr> to_send_;
  std::vector<dvpn::Opened> opened_;
  std::unique_ptr<EventLoop::Watch> watch_;
};

}  // namespace sw::device
