#include "device/lab/host_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sw::device {
namespace {

std::string PortOf(std::string_view link) {
  return link == "eth1" ? "G1" : link == "net0" ? "G2" : "";
}

HostScript Read(const std::vector<std::string>& lines) {
  return ReadHostScript(lines, PortOf);
}

std::string Commands(const std::string& line) {
  const HostScript script = Read({line});
  return script.left_out == 0 ? script.commands : "left out";
}

struct Line {
  const char* shell;
  const char* commands;
};
class HostLine : public testing::TestWithParam<Line> {};

TEST_P(HostLine, BecomesCommands) {
  EXPECT_EQ(Commands(GetParam().shell), GetParam().commands) << GetParam().shell;
}

constexpr char kAddress[] = "interface G1\nip address 10.0.0.1 255.255.255.0\nquit\n";
constexpr char kRoute[] = "ip route-static 10.1.0.0 255.255.0.0 10.0.0.9\n";
INSTANTIATE_TEST_SUITE_P(
    Understood, HostLine,
    testing::Values(Line{"ip addr add 10.0.0.1/24 dev eth1", kAddress}, Line{"ip a add dev eth1 10.0.0.1/24", kAddress},
                    Line{"ip -4 address replace 10.0.0.1/24 dev eth1 brd 10.0.0.255", kAddress},
                    Line{"sudo ip addr add 10.0.0.1/24 dev eth1", kAddress},
                    Line{"ash -c 'ip addr add 10.0.0.1/24 dev eth1'\n", kAddress},
                    Line{"ip addr add 10.0.0.1/32 dev lo",
                         "interface LoopBack0\nip address 10.0.0.1 255.255.255.255\nquit\n"},
                    Line{"ip addr add 10.0.0.1 dev net0", "interface G2\nip address 10.0.0.1 255.255.255.255\nquit\n"},
                    Line{"ip link set eth1 up", "interface G1\nundo shutdown\nquit\n"},
                    Line{"ip l set dev eth1 down mtu 1400", "interface G1\nshutdown\nmtu 1400\nquit\n"},
                    Line{"ip link set lo up", ""}, Line{"ip route add 10.1.0.0/16 via 10.0.0.9", kRoute},
                    Line{"ip ro replace 10.1.2.3/16 via 10.0.0.9 dev eth1 metric 5", kRoute},
                    Line{"ip route add default via 10.0.0.9", "ip route-static 0.0.0.0 0.0.0.0 10.0.0.9\n"},
                    Line{"ip route add 10.1.0.7 via 10.0.0.9", "ip route-static 10.1.0.7 255.255.255.255 10.0.0.9\n"},
                    Line{"", ""}, Line{" ; && ", ""}));

INSTANTIATE_TEST_SUITE_P(
    LeftOut, HostLine,
    testing::Values(
        Line{"ip", "left out"}, Line{"ip a", "left out"}, Line{"ip addr add", "left out"},
        Line{"ip addr add 10.0.0.1/24 dev eth9", "left out"}, Line{"ip addr add 2001:db8::1/64 dev eth1", "left out"},
        Line{"ip addr add 10.0.0.1/24 dev lo", "left out"}, Line{"ip addr add 10.0.0.1/33 dev eth1", "left out"},
        Line{"ip addr add 10.0.0.1/24 dev", "left out"}, Line{"ip addr del 10.0.0.1/24 dev eth1", "left out"},
        Line{"ip link set eth1 master br0", "left out"}, Line{"ip link set dev", "left out"},
        Line{"ip link set eth1 mtu", "left out"}, Line{"ip link set eth1 mtu 1e3", "left out"},
        Line{"ip link add v0 type vxlan", "left out"}, Line{"ip route add 10.1.0.0/16 dev eth1", "left out"},
        Line{"ip route add 10.1.0.0/16 via", "left out"}, Line{"ip route add default via fe80::1", "left out"},
        Line{"ip route add blackhole 10.0.0.0/8", "left out"}, Line{"cat /etc/os-release", "left out"},
        Line{"sudo", "left out"}, Line{"sh -c 'sh -c \"ip link set eth1 up\"'", "left out"},
        Line{"echo 'ip link set eth1 up", "left out"}));

TEST(HostScript, SeveralCommandsAndWhatIsNoneOfThem) {
  const HostScript script = Read({"bash -c \"ip link set eth1 up && ip addr add 10.0.0.1/24 dev eth1; ping 10.0.0.9\"",
                                  "ip addr add 10.0.1.1/24 dev eth1", "apk add curl"});
  EXPECT_EQ(script.commands,
            "interface G1\nundo shutdown\nquit\ninterface G1\nip address 10.0.0.1 255.255.255.0\nquit\n"
            "interface G1\nip address 10.0.1.1 255.255.255.0 sub\nquit\n");
  EXPECT_EQ(script.left_out, 2U);
  EXPECT_EQ(script.first_left_out, "ip link set eth1 up && ip addr add 10.0.0.1/24 dev eth1; ping 10.0.0.9");
}

}  // namespace
}  // namespace sw::device
