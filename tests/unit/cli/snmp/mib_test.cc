// The MIB as a view of a device, and what a manager may write.
#include "cli/snmp/mib.h"

#include <gtest/gtest.h>

#include "cli/snmp/objects.h"
#include "cli/snmp/writer.h"
#include "tests/unit/cli/bench_device.h"

namespace sw::cli::snmp {
namespace {

class Mib : public testing::Test {
 protected:
  void SetUp() override {
    bench_.RunAll({"system-view", "dvpn service enable", "dvpn server pre-shared-key simple top-secret",
                   "dvpn policy p", "session idle-time 600", "dvpn class c", "public-ip 192.0.2.1",
                   "pre-shared-key simple top-secret", "interface tunnel 3", "tunnel-protocol udp dvpn",
                   "dvpn interface-type server", "dvpn dvpn-id 9", "dvpn policy p"});
  }
  View Now() { return BuildView(*bench_.device, numbers_); }
  Value At(const Oid& oid) {
    const View view = Now();
    const auto found = view.find(oid);
    return found == view.end() ? Value{Syntax::kOctets, -1, "absent"} : found->second;
  }
  Refusal Set(const Oid& oid, Value value) { return Write(*bench_.device, {{oid, std::move(value)}}, "test"); }
  static Value Int(std::int64_t number) { return {Syntax::kInteger, number, {}}; }
  static Value Text(std::string text) { return {Syntax::kOctets, 0, std::move(text)}; }
  static Oid Named(Oid column, std::string_view name) {
    const Oid index = StringIndex(name);
    column.insert(column.end(), index.begin(), index.end());
    return column;
  }

  TestBench bench_;
  MapNumbers numbers_;
};

TEST_F(Mib, ScalarsAreTheConfigurationWithTheMibsDefaults) {
  EXPECT_EQ(At({1, 1, 1, 0}), Int(1));
  EXPECT_EQ(At({1, 1, 4, 0}), Int(30));
  EXPECT_EQ(At({1, 1, 6, 0}), Int(300));
  EXPECT_EQ(At({1, 1, 2, 0}), Int(1)) << "classes";
  EXPECT_EQ(At({1, 1, 13, 0}), Int(2)) << "server";
  EXPECT_EQ(At({1, 1, 18, 0}), Int(1)) << "traps are on";
  (void)bench_.Run("undo snmp-agent trap enable dvpn map");
  EXPECT_EQ(At({1, 1, 18, 0}), Int(2));
  EXPECT_EQ(At({1, 1, 26, 0}), Text("SecBlade_VPN"));
}

TEST_F(Mib, TablesAreIndexedAsTheMibSays) {
  EXPECT_EQ(At(Named({1, 2, 1, 1, 4}, "p")), Int(600));
  EXPECT_EQ(At(Named({1, 2, 1, 1, 10}, "p")), Int(1)) << "used once";
  EXPECT_EQ(At(Named({1, 2, 1, 1, 11}, "p")), Int(1)) << "active";
  EXPECT_EQ(At(Named({1, 2, 3, 1, 3}, "c")), Text(std::string("\xc0\x00\x02\x01", 4)));
  EXPECT_EQ(At({1, 2, 4, 1, 1, 4}), Int(2)) << "Tunnel3 is a server";
  EXPECT_EQ(At({1, 2, 4, 1, 4, 4}), Int(9));
  EXPECT_EQ(At({1, 2, 4, 1, 5, 4}), Text("p"));
}

TEST_F(Mib, NoSecretIsEverRead) {
  EXPECT_EQ(At({1, 1, 17, 0}), Text(""));
  EXPECT_EQ(At(Named({1, 2, 3, 1, 8}, "c")), Text(""));
  for (const auto& [oid, value] : Now()) EXPECT_EQ(value.octets.find("secret"), std::string::npos);
}

TEST_F(Mib, WritingGoesTheWayOfTheTerminal) {
  EXPECT_EQ(Set({1, 1, 4, 0}, Int(60)), Refusal::kNone);
  EXPECT_EQ(At({1, 1, 4, 0}), Int(60));
  EXPECT_NE(bench_.Run("display current-configuration").find("dvpn server map age-time 60"), std::string::npos);
  EXPECT_EQ(bench_.device->store().Journal(1)->back().origin.who, "snmp");
  EXPECT_EQ(Set({1, 1, 4, 0}, Int(9)), Refusal::kWrongValue);
  EXPECT_EQ(Set({1, 1, 4, 0}, Text("60")), Refusal::kWrongType);
  EXPECT_EQ(Set({1, 1, 24, 0}, Int(4)), Refusal::kWrongValue);
  EXPECT_EQ(Set({1, 1, 3, 0}, Int(4)), Refusal::kNotWritable);
  EXPECT_EQ(Set({1, 1, 4, 1}, Int(60)), Refusal::kNotWritable) << "no such instance";
  EXPECT_EQ(Set({1, 2, 4, 1, 5, 4}, Text("missing")), Refusal::kInconsistentValue) << "a policy that does not exist";
  EXPECT_EQ(At({1, 1, 4, 0}), Int(60));
  EXPECT_EQ(At({1, 2, 4, 1, 5, 4}), Text("p"));
}

TEST_F(Mib, SecretsAreWrittenConcealed) {
  EXPECT_EQ(Set({1, 1, 17, 0}, Text("another")), Refusal::kNone);
  const std::string text = bench_.Run("display current-configuration");
  EXPECT_NE(text.find("dvpn server pre-shared-key cipher"), std::string::npos);
  EXPECT_EQ(text.find("another"), std::string::npos);
}

TEST_F(Mib, RowsComeAndGoByTheirRowStatusAndOneRequestIsOneChange) {
  const Oid status = Named({1, 2, 1, 1, 11}, "new"), idle = Named({1, 2, 1, 1, 4}, "new");
  EXPECT_EQ(Set(idle, Int(700)), Refusal::kNoCreation) << "the row is not there";
  EXPECT_EQ(Write(*bench_.device, {{idle, Int(1)}, {status, Int(4)}}, "test"), Refusal::kWrongValue);
  EXPECT_EQ(At(status).octets, "absent") << "all of a request or nothing";
  EXPECT_EQ(Write(*bench_.device, {{idle, Int(700)}, {status, Int(4)}}, "test"), Refusal::kNone);
  EXPECT_EQ(At(idle), Int(700));
  EXPECT_EQ(Set(status, Int(4)), Refusal::kInconsistentValue) << "it exists";
  EXPECT_EQ(Set(status, Int(5)), Refusal::kWrongValue) << "createAndWait is not the MIB's";
  EXPECT_EQ(Set(status, Int(6)), Refusal::kNone);
  EXPECT_EQ(At(status).octets, "absent");
  EXPECT_EQ(Set(Named({1, 2, 1, 1, 11}, "p"), Int(6)), Refusal::kInconsistentValue) << "a tunnel uses it";
}

TEST(MibIndex, StringsHaveTheirLengthInFront) {
  EXPECT_EQ(StringIndex("ab"), (Oid{2, 97, 98}));
  EXPECT_EQ(FromStringIndex(Oid{2, 97, 98}), "ab");
  EXPECT_EQ(FromStringIndex(Oid{3, 97, 98}), std::nullopt);
  EXPECT_EQ(FromStringIndex(Oid{1, 256}), std::nullopt);
  EXPECT_EQ(FromStringIndex(Oid{}), std::nullopt);
}

TEST(MibNotifications, CarryTheVariablesInTheOrderOfTheMib) {
  dvpn::MapInfo map;
  map.dvpn_id = 7;
  map.peer_device_id = "spoke";
  const Notification up = MapNotification(map, 3, "hub", true);
  EXPECT_EQ(up.oid, (Oid{1, 3, 0, 3}));
  ASSERT_EQ(up.variables.size(), 13U);
  EXPECT_EQ(up.variables[0].first, (Oid{1, 2, 5, 1, 1, 3}));
  EXPECT_EQ(up.variables[2].second.octets, "spoke");
  EXPECT_EQ(up.variables[7].first, (Oid{1, 1, 26, 0}));
  EXPECT_EQ(MapNotification(map, 3, "hub", false).oid, (Oid{1, 3, 0, 4}));
  const Notification session = SessionNotification({}, "hub", true);
  EXPECT_EQ(session.oid, (Oid{1, 3, 0, 1}));
  EXPECT_EQ(session.variables.size(), 14U);
}

}  // namespace
}  // namespace sw::cli::snmp
