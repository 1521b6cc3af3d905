// What a monitor (level 1) can make the device say beside its displays, which tests/unit/cli/display/json_test.cc runs: the
// history of the configuration, what is wrong with a line, debugging and the log as they happen, and the MIB.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/snmp/mib.h"
#include "device/log/monitor.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kPlanting = {"system-view",
                                            "local-user site",
                                            "password simple planted01",
                                            "service-type dvpn",
                                            "quit",
                                            "radius scheme r",
                                            "key authentication simple planted02",
                                            "key accounting planted03",
                                            "quit",
                                            "dvpn class c",
                                            "pre-shared-key simple planted04",
                                            "local-user x password simple planted05",
                                            "quit",
                                            "ike peer p",
                                            "pre-shared-key simple planted06",
                                            "quit",
                                            "ipsec policy m 10 manual",
                                            "sa string-key inbound esp planted07",
                                            "sa string-key outbound esp planted08",
                                            "quit",
                                            "dvpn server pre-shared-key simple planted09",
                                            "super password simple planted10",
                                            "snmp-agent community read planted11",
                                            "return"};

// Plain, sealed and hashed ones.
void ExpectNoSecret(const std::string& text, const std::string& where) {
  for (const char* secret : {"planted", "$y$", "$sw2$"}) EXPECT_THAT(text, Not(HasSubstr(secret))) << where;
}

TEST(MonitorSecrets, TheHistoryOfTheConfigurationHasNone) {
  TestBench bench;
  (void)bench.Run("configuration checkpoint before");
  bench.RunAll(kPlanting);
  EXPECT_THAT(bench.Run("display configuration diff before"), HasSubstr("planted02")) << "nothing was planted";
  bench.Open({.level = kMonitor});
  for (const char* line : {"display configuration diff before", "display configuration diff before | json",
                           "display configuration journal", "display configuration journal | json",
                           "display configuration blame", "display configuration blame | json",
                           "display configuration diff before | include planted", "display this"})
    ExpectNoSecret(bench.Run(line), line);
}

TEST(MonitorSecrets, WhatIsWrongWithALineNamesNone) {
  TestBench bench;
  bench.RunAll(kPlanting);
  bench.Open({.level = kMonitor});
  for (const char* line : {"display ike peer", "display ike peer q", "display radius scheme s", "super password", "more x",
                           "system-view", "display current-configuration interface GigabitEthernet 9/9"})
    ExpectNoSecret(bench.Run(line), line);
}

TEST(MonitorSecrets, NoneIsShownWhileOthersTypeThem) {
  TestBench bench;
  Session watching(*bench.device, bench.grammar, {.level = kMonitor, .monitor = true});
  Screen screen;
  watching.Listen(&screen);
  for (const char* line : {"terminal monitor", "terminal debugging", "debugging all"}) watching.Execute(line);
  bench.RunAll(kPlanting);
  bench.RunAll({"system-view", "ike peer p", "pre-shared-key simple planted06 planted", "interface tunnel 1",
                "tunnel-protocol udp dvpn", "dvpn class nowhere planted"});
  bench.scheduler.RunFor(std::chrono::minutes(5));
  ExpectNoSecret(screen.text + screen.notices, "the monitor's screen");
  watching.Execute("display logbuffer");
  ExpectNoSecret(screen.text, "the log");
}

TEST(MonitorSecrets, TheMibHasNone) {
  TestBench bench;
  bench.RunAll(kPlanting);
  snmp::MapNumbers numbers;
  const snmp::View view = snmp::BuildView(*bench.device, numbers);
  EXPECT_GT(view.size(), 20U);
  for (const auto& [oid, value] : view) ExpectNoSecret(value.octets, "the MIB");
}

}  // namespace
}  // namespace sw::cli
