#include "device/interface/interface_counters.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

InterfaceStatus Status(std::uint64_t count) {
  InterfaceStatus out;
  out.name = "GigabitEthernet0/0";
  out.mtu = 1500;
  out.input_packets = count;
  out.input_bytes = 100 * count;
  out.output_packets = 2 * count;
  out.output_bytes = 200 * count;
  out.output_errors = count / 2;
  return out;
}

TEST(InterfaceCounters, ShowWhatCameSinceTheReset) {
  InterfaceCounters counters;
  EXPECT_EQ(counters.Since(Status(10)).input_packets, 10U);
  counters.Reset(Status(10));
  const InterfaceStatus shown = counters.Since(Status(14));
  EXPECT_EQ(shown.input_packets, 4U);
  EXPECT_EQ(shown.input_bytes, 400U);
  EXPECT_EQ(shown.output_packets, 8U);
  EXPECT_EQ(shown.output_bytes, 800U);
  EXPECT_EQ(shown.output_errors, 2U);
  EXPECT_EQ(shown.mtu, 1500);
  InterfaceStatus other = Status(14);
  other.name = "Tunnel0";
  EXPECT_EQ(counters.Since(other).input_packets, 14U);
}

TEST(InterfaceCounters, AnInterfaceThatWasMadeAnewCountsFromZero) {
  InterfaceCounters counters;
  counters.Reset(Status(10));
  EXPECT_EQ(counters.Since(Status(3)).input_packets, 3U);
}

}  // namespace
}  // namespace sw::device
