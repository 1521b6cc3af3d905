// A platform that has workers but cannot start them: traffic is carried all the same, and the log says why it is slow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/log/monitor.h"
#include "tests/fakes/wrapped_platform.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using namespace std::chrono_literals;

class NoSecondQueue final : public sw::testing::WrappedPlatform {
 public:
  using WrappedPlatform::WrappedPlatform;
  std::size_t workers() const override { return 2; }
  Result<std::unique_ptr<device::DataPath>> OpenDataPath(device::TunnelPort&, device::UdpPort&, dvpn::FastPath&,
                                                         device::DataPathHandlers) override {
    return Status(Code::kUnsupported, "the kernel has no second queue");
  }
};

class WithoutWorkers : public TestBench {
 public:
  WithoutWorkers() : wrapped(platform) {
    session.reset();
    device.reset();
    device =
        std::move(*device::Device::Create(wrapped, std::move(*configdb::Store::Open(":memory:")),
                                          {.crypto = *crypto,
                                           .random = random,
                                           .wall_clock = [] { return std::int64_t{1293910531}; },
                                           .log = [this](const device::MonitorLine& l) { log += l.text + "\n"; }}));
    Open({});
  }
  ~WithoutWorkers() {
    session.reset();
    device.reset();
  }
  NoSecondQueue wrapped;
  std::string log;
};

TEST(DataPath, ThatDoesNotStartIsLoggedWithTheReasonOnceForEachTunnel) {
  WithoutWorkers bench;
  bench.RunAll({"system-view", "dvpn service enable", "interface GigabitEthernet0/0",
                "ip address 192.0.2.1 255.255.255.0", "quit", "dvpn policy all", "quit", "interface Tunnel0",
                "tunnel-protocol udp dvpn", "ip address 10.0.0.1 255.255.255.0", "source GigabitEthernet0/0",
                "dvpn interface-type server", "dvpn dvpn-id 1", "dvpn policy all"});
  bench.scheduler.RunFor(1s);
  const std::string line = "Tunnel0: no workers, packets take the slower way: the kernel has no second queue";
  const std::size_t at = bench.log.find(line);
  ASSERT_NE(at, std::string::npos) << bench.log;
  EXPECT_EQ(bench.log.find(line, at + 1), std::string::npos) << bench.log;
  EXPECT_THAT(bench.log, ::testing::HasSubstr("DVPN/5/DATAPATH"));
}

}  // namespace
}  // namespace sw::cli
