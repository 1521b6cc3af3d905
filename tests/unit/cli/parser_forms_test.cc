// Line forms that public parsers of Comware output hold on to, strictly: any line that is none of them fails a parse.
// The forms are written down from those parsers' documentation of what they take; none of their text is here.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

class ParserForms : public testing::Test {
 protected:
  ParserForms() {
    bench_.RunAll({"system-view", "interface GigabitEthernet 0/0", "ip address 10.1.1.1 24",
                   "ip address 10.1.2.1 24 sub", "interface GigabitEthernet 0/0.7", "vlan-type dot1q vid 7", "shutdown",
                   "interface LoopBack 1", "ip address 10.9.9.9 32", "interface tunnel 3", "tunnel-protocol udp dvpn",
                   "#", "ip route-static 10.8.0.0 16 10.1.1.2", "ip route-static 10.8.0.0 16 10.1.1.3"});
  }
  void EveryLineIsOneOf(const std::string& command, const std::vector<std::string>& forms) {
    std::istringstream lines(bench_.Run(command));
    std::vector<bool> used(forms.size(), false);
    for (std::string line; std::getline(lines, line);) {
      bool fits = line.empty();
      for (std::size_t i = 0; i < forms.size(); ++i) {
        if (!std::regex_search(line, std::regex("^" + forms[i]))) continue;
        used[i] = fits = true;
      }
      EXPECT_TRUE(fits) << command << ": " << line;
    }
    for (std::size_t i = 0; i < forms.size(); ++i) EXPECT_TRUE(used[i]) << command << ": never seen " << forms[i];
  }
  TestBench bench_;
};

TEST_F(ParserForms, Interface) {
  EveryLineIsOneOf("display interface",
                   {R"(\S+ current state: (UP|DOWN|Administratively DOWN)$)",
                    R"(Line protocol current state: (UP(\(spoofing\))?|DOWN)$)", "Description: .+",
                    R"(The Maximum Transmit Unit is \d+$)", R"(Internet Address is [\d./]+ Primary$)",
                    R"(Internet Address: [\d./]+ \(Sub\)$)",
                    R"(IP Packet Frame Type: PKTFMT_ETHNT_2, Hardware Address: [0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}$)",
                    "Encapsulation is", "Tunnel ", "Last", "Internet protocol", R"(\s+\d+ packets)"});
}

TEST_F(ParserForms, IpInterface) {
  EveryLineIsOneOf(
      "display ip interface",
      {R"(\S+ current state : (UP|DOWN|Administratively DOWN)$)", R"(Line protocol current state : (UP|DOWN)$)",
       R"(Internet Address is [\d./]+ Primary$)", R"(Internet Address is [\d./]+ Sub$)",
       R"(Broadcast address : [\d.]+$)", R"(The Maximum Transmit Unit : \d+ bytes$)"});
}

TEST_F(ParserForms, RoutingTable) {
  EveryLineIsOneOf("display ip routing-table",
                   {" Routing Table", R"(Destination/Mask\s)", R"([\d.]+/\d+\s+\w+\s+\d+\s+\d+\s+[\d.]+\s+\S+$)"});
}

TEST_F(ParserForms, ClockAndVersion) {
  EveryLineIsOneOf("display clock", {R"(\d\d:\d\d:\d\d \S+ \w{3} \d\d/\d\d/\d{4}$)"});
  const std::string version = bench_.Run("display version");
  EXPECT_TRUE(std::regex_search(version, std::regex(R"(Comware Software, Version \S+, Release \S+)"))) << version;
  EXPECT_TRUE(std::regex_search(version, std::regex(R"(\S+ uptime is \d+ week, \d+ day, \d+ hours, \d+ minutes\n)")));
}

TEST(ParserFormsOfUsers, Users) {
  TestBench bench({.line = LineId{LineType::kVty, 0}, .address = "192.0.2.53", .protocol = "SSH"});
  EXPECT_TRUE(std::regex_search(bench.Run("display users"), std::regex(R"(\+ \d+ +VTY 0 +\d\d:\d\d:\d\d SSH +\d\n)")));
}

}  // namespace
}  // namespace sw::cli
