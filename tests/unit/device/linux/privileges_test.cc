// What a daemon may do once it has given up the rest: enough for its platform, in a network namespace of its own;
// skipped for ordinary users.
#include "hal/ports/privileges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/device/in_namespace.h"
#include "tests/unit/device/linux/platform_fixture.h"

namespace sw::device {
namespace {

using testing::HasSubstr;

TEST(Privileges, OnlyNetworkCapabilitiesStayAndTheyAreEnough) {
  InNamespace([] {
    ASSERT_TRUE(hal::DropPrivileges().ok());
    std::ifstream status("/proc/self/status");
    std::string all((std::istreambuf_iterator<char>(status)), std::istreambuf_iterator<char>());
    // CAP_NET_BIND_SERVICE is bit 10, CAP_NET_ADMIN 12, CAP_NET_RAW 13 (linux/capability.h).
    EXPECT_THAT(all, HasSubstr("CapPrm:\t0000000000003400\nCapEff:\t0000000000003400\n"));
    EventLoop loop;
    auto platform = OpenPlatform(loop, true);
    EXPECT_TRUE(platform->OpenTunnel("Tunnel0", 1400, [](std::vector<PacketPtr>&) {}).ok());
    EXPECT_TRUE(platform->OpenEcho([](const EchoReply&) {}).ok());
  });
}

}  // namespace
}  // namespace sw::device
