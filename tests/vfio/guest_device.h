// The PCI device that a guest of tests/vfio lends to a test: bound to vfio-pci, named by SW_PCI_ADDRESS.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace sw::hal {

inline std::string GuestDevice() {
  const char* address = std::getenv("SW_PCI_ADDRESS");
  EXPECT_NE(address, nullptr) << "SW_PCI_ADDRESS names no device: this runs in the guest of tests/vfio/run.py";
  return address == nullptr ? "" : address;
}

// How often the eventfd was signalled; 0 when nothing came in time.
inline std::uint64_t Signals(int fd, int milliseconds = 5000) {
  pollfd p{fd, POLLIN, 0};
  std::uint64_t count = 0;
  if (::poll(&p, 1, milliseconds) != 1 || ::read(fd, &count, sizeof count) != sizeof count) return 0;
  return count;
}

}  // namespace sw::hal
