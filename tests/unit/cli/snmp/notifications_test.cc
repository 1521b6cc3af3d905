#include "cli/snmp/notifications.h"

#include <gtest/gtest.h>

namespace sw::cli::snmp {
namespace {

struct SnmpNotifications : testing::Test {
  SnmpNotifications() {
    map.tunnel = session.tunnel = "Tunnel0";
    map.dvpn_id = session.dvpn_id = 7;
    map.peer_private = session.peer_private = Ipv4(10, 0, 0, 2);
    map.peer_device_id = session.peer_device_id = "branch";
    settings.map_trap = settings.session_trap = true;
  }
  std::optional<Notification> Of(dvpn::What what) {
    dvpn::Event event;
    event.what = what;
    if (what == dvpn::What::kMapBuilt || what == dvpn::What::kMapRemoved) event.map = &map;
    if (what == dvpn::What::kSessionBuilt || what == dvpn::What::kSessionRemoved) event.session = &session;
    return NotificationOf(event, settings, "HQ", numbers);
  }
  dvpn::MapInfo map;
  dvpn::SessionInfo session;
  device::SnmpConfig settings;
  MapNumbers numbers;
};

TEST_F(SnmpNotifications, EachChangeHasItsNumberAndTheVariablesOfTheMib) {
  const std::pair<dvpn::What, unsigned long> all[] = {{dvpn::What::kSessionBuilt, 1},
                                                      {dvpn::What::kSessionRemoved, 2},
                                                      {dvpn::What::kMapBuilt, 3},
                                                      {dvpn::What::kMapRemoved, 4}};
  for (const auto& [what, number] : all) {
    const auto sent = Of(what);
    ASSERT_TRUE(sent) << number;
    EXPECT_EQ(sent->oid, (Oid{1, 3, 0, number}));
    EXPECT_EQ(sent->variables.size(), number <= 2 ? 14u : 13u);
  }
  EXPECT_EQ(Of(dvpn::What::kMapBuilt)->variables[0].first, (Oid{1, 2, 5, 1, 1, 1})) << "the map keeps its number";
  EXPECT_EQ(Of(dvpn::What::kSessionBuilt)->variables[3].second.octets, "HQ");
}

TEST_F(SnmpNotifications, EachKindCanBeSwitchedOff) {
  settings.map_trap = false;
  EXPECT_FALSE(Of(dvpn::What::kMapBuilt));
  EXPECT_FALSE(Of(dvpn::What::kMapRemoved));
  EXPECT_TRUE(Of(dvpn::What::kSessionBuilt));
  settings = {};
  settings.map_trap = true;
  settings.session_trap = false;
  EXPECT_TRUE(Of(dvpn::What::kMapRemoved));
  EXPECT_FALSE(Of(dvpn::What::kSessionBuilt));
  EXPECT_FALSE(Of(dvpn::What::kSessionRemoved));
}

TEST(CardNotifications, AreThoseOfAPartOfADevice) {
  const Notification down = CardNotification({.in_service = false, .shut_down = true, .text = "x"});
  EXPECT_TRUE(down.whole);
  EXPECT_EQ(down.oid, (Oid{1, 3, 6, 1, 2, 1, 131, 0, 2}));
  ASSERT_EQ(down.variables.size(), 2U);
  EXPECT_EQ(down.variables[0].first, (Oid{1, 3, 6, 1, 2, 1, 131, 1, 1, 1, 2, kCardEntity}));
  EXPECT_EQ(down.variables[0].second.number, 2);  // locked
  EXPECT_EQ(down.variables[1].second.octets, "\x10");
  const Notification up = CardNotification({.in_service = true, .shut_down = false, .text = {}});
  EXPECT_EQ(up.oid, (Oid{1, 3, 6, 1, 2, 1, 131, 0, 1}));
  EXPECT_EQ(up.variables[0].second.number, 4);  // unlocked
  EXPECT_EQ(up.variables[1].second.octets, std::string(1, '\0'));
}

TEST_F(SnmpNotifications, OtherEventsAreNone) {
  for (const auto what : {dvpn::What::kNote, dvpn::What::kStep, dvpn::What::kRefused}) EXPECT_FALSE(Of(what));
}

TEST_F(SnmpNotifications, UnfinishedMapsOfOneServerHaveNumbersOfTheirOwn) {
  map.peer_private = Ipv4();
  map.peer_public = {Ipv4(192, 0, 2, 1), 1000};
  const auto first = numbers.Of(map);
  map.peer_public.port = 1001;
  EXPECT_NE(numbers.Of(map), first);
  numbers.Keep({map});
  map.peer_public.port = 1000;
  EXPECT_GT(numbers.Of(map), first) << "a number is not given twice";
}

}  // namespace
}  // namespace sw::cli::snmp
