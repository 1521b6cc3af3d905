// A platform on the real kernel with one port; what tests of it say in short.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "device/linux/linux_platform.h"

namespace sw::device {

inline constexpr Duration kPatience = std::chrono::seconds(5);

inline Prefix P(unsigned a, unsigned b, unsigned c, unsigned d, int length) {
  return {Ipv4(a, b, c, d), static_cast<std::uint8_t>(length)};
}

inline InterfaceSettings Settings(std::string name, std::vector<Prefix> addresses, int mtu = 0, int vlan = 0) {
  InterfaceSettings s;
  s.name = std::move(name);
  s.addresses = std::move(addresses);
  s.mtu = mtu;
  s.vlan = vlan;
  return s;
}

inline std::unique_ptr<LinuxPlatform> OpenPlatform(EventLoop& loop, bool forwarding = false) {
  auto platform = LinuxPlatform::Open(loop, {{{"GigabitEthernet0/0", "port"}}, forwarding});
  EXPECT_TRUE(platform.ok()) << platform.why();
  return std::move(*platform);
}

inline std::vector<std::string> Lines(const Platform& platform) {
  std::vector<std::string> out;
  for (const RouteEntry& r : platform.routes()) {
    out.push_back(r.destination.ToString() + " " + r.protocol + " " + std::to_string(r.preference) + " " +
                  r.next_hop.ToString() + " " + r.interface);
  }
  return out;
}

}  // namespace sw::device
