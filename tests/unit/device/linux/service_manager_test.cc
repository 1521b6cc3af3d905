// A socket stands where the service manager listens.
#include "device/linux/service_manager.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hal/base/virtual_scheduler.h"

namespace sw::device {
namespace {

class Manager {
 public:
  Manager() {
    fd_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = "sw8800-manager-" + std::to_string(getpid());  // abstract: no file
    name.copy(address.sun_path + 1, sizeof address.sun_path - 2);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), length), 0);
    setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  }
  ~Manager() {
    close(fd_);
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  std::string Told() {
    char text[256];
    const ssize_t length = recv(fd_, text, sizeof text, 0);
    return length < 0 ? "" : std::string(text, static_cast<std::size_t>(length));
  }

 private:
  int fd_ = -1;
};

TEST(ServiceManager, IsToldWhatTheDeviceDoes) {
  Manager manager;
  VirtualScheduler scheduler;
  ServiceManager service(scheduler);
  EXPECT_EQ(manager.Told(), "");
  service.Ready();
  EXPECT_EQ(manager.Told(), "READY=1");
  service.Reloading();
  EXPECT_TRUE(manager.Told().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  service.Stopping();
  EXPECT_EQ(manager.Told(), "STOPPING=1");
}

TEST(ServiceManager, IsToldTwiceInItsTimeThatTheLoopRuns) {
  Manager manager;
  setenv("WATCHDOG_USEC", "2000000", 1);
  VirtualScheduler scheduler;
  ServiceManager service(scheduler);
  EXPECT_EQ(manager.Told(), "WATCHDOG=1");
  scheduler.RunFor(std::chrono::milliseconds(999));
  EXPECT_EQ(manager.Told(), "");
  scheduler.RunFor(std::chrono::milliseconds(2));
  EXPECT_EQ(manager.Told(), "WATCHDOG=1");
}

TEST(ServiceManager, IsNotNeeded) {
  unsetenv("NOTIFY_SOCKET");
  VirtualScheduler scheduler;
  ServiceManager service(scheduler);
  service.Ready();
  service.Stopping();
}

}  // namespace
}  // namespace sw::device
