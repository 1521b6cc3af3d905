#include "cli/metrics/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Scrape(TestBench& bench, MetricsForm form = MetricsForm::kPrometheus) {
  std::vector<Taken> taken;
  for (const MetricsSource& source : MetricsSources()) taken.push_back(source.take(*bench.device));
  return MetricsText(taken, form);
}

const std::vector<std::string> kPlanted = {
    "system-view", "ike peer p", "pre-shared-key simple planted1", "remote-address 192.0.2.9", "quit",
    "dvpn server pre-shared-key simple planted2", "local-user u@d", "password simple planted3", "service-type dvpn",
    "quit", "radius scheme r", "key authentication simple planted4", "quit", "super password simple planted5",
    "interface GigabitEthernet 0/0", "ip address 10.1.1.1 24", "description \"quoted\" \\ text", "quit",
    "interface tunnel 1", "quit", "snmp-agent community read planted6"};

TEST(MetricsSources, TellWhatDisplaysCountAndNoSecret) {
  TestBench bench;
  bench.RunAll(kPlanted);
  const std::string text = Scrape(bench);
  EXPECT_THAT(text, HasSubstr("sw8800_device_info{version="));
  EXPECT_THAT(text, HasSubstr("sw8800_device_uptime_seconds 0\n"));
  EXPECT_THAT(text, HasSubstr("sw8800_interface_up{interface=\"GigabitEthernet0/0\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sw8800_interface_configured{interface=\"Tunnel1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sw8800_interface_input_packets_total{interface=\"GigabitEthernet0/0\"} "));
  EXPECT_THAT(text, HasSubstr("sw8800_ike_peer_info{peer=\"p\",why=\"no ISAKMP SA\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sw8800_ike_peer_up{peer=\"p\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("sw8800_dvpn_dropped_packets_total 0\n"));
  EXPECT_THAT(text, HasSubstr("sw8800_ipsec_dropped_packets_total{cause="));
  EXPECT_THAT(text, HasSubstr("sw8800_log_messages{buffer=\"Logging\"} "));
  EXPECT_THAT(text, Not(HasSubstr("planted")));
}

// Each family once, its samples behind it and each only once: what promtool and the parsers of OpenMetrics ask for.
TEST(MetricsSources, MakeTextThatIsInOrder) {
  TestBench bench;
  bench.RunAll(kPlanted);
  for (const MetricsForm form : {MetricsForm::kPrometheus, MetricsForm::kOpenMetrics}) {
    std::istringstream lines(Scrape(bench, form));
    std::set<std::string> families, samples;
    std::string family;
    for (std::string line; std::getline(lines, line);) {
      if (line == "# EOF") continue;
      std::istringstream words(line);
      std::string first, what, name;
      words >> first >> what >> name;
      if (what == "HELP") {
        EXPECT_TRUE(families.insert(name).second) << name << " twice";
        family = name;
      } else if (what == "TYPE") {
        EXPECT_EQ(name, family);
      } else {
        EXPECT_TRUE(line.starts_with(family)) << line << " in " << family;
        EXPECT_TRUE(samples.insert(line.substr(0, line.rfind(' '))).second) << line << " twice";
      }
    }
    EXPECT_GT(families.size(), 60U);
  }
}

}  // namespace
}  // namespace sw::cli
