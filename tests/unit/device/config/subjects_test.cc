// The array of subjects against the schema, and the indices of the configuration against a plain look through all of
// it.
#include "device/config/subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "config-db/schema.h"

namespace sw::device {
namespace {

using configdb::Key;
using configdb::Store;
using testing::IsEmpty;

TEST(Subjects, HaveEveryTableOfTheSchemaOnceAndNoOther) {
  std::map<std::string_view, int> owners;
  for (const Subject& subject : Subjects())
    for (const SubjectTable& table : subject.tables) ++owners[table.name];
  for (const configdb::Table& table : configdb::Tables()) {
    EXPECT_EQ(owners[table.name], 1) << table.name;
    owners.erase(table.name);
  }
  EXPECT_THAT(owners, IsEmpty()) << "the schema has no such table";
}

TEST(Subjects, TakeTogetherOnlyRowsThatStandTogether) {
  for (const Subject& subject : Subjects())
    for (const SubjectTable& table : subject.tables) {
      if (table.together == SubjectTable::kRow || table.together == 0) continue;
      const configdb::Table& schema = *configdb::FindTable(table.name);
      ASSERT_EQ(table.together, 1U);
      EXPECT_LT(table.together, schema.keys);
      EXPECT_TRUE(schema.order_by.starts_with(schema.columns.front().name)) << table.name;
    }
}

TEST(Subjects, ReferOnlyToTablesThatAreThere) {
  for (const configdb::Table& table : configdb::Tables())
    for (const configdb::Column& column : table.columns) {
      if (column.refers_to.empty()) continue;
      EXPECT_NE(configdb::FindTable(column.refers_to), nullptr) << table.name << "." << column.name;
    }
}

TEST(Subjects, ADeltaHoldsWhatChangedAndNothingElse) {
  Store store = std::move(*Store::Open(":memory:"));
  LoadedConfig loaded = std::move(*LoadConfig(store));
  const auto change = [&](std::string_view table, const Key& key, std::vector<configdb::Assignment> values) {
    Result<configdb::Edit> edit = store.Begin({});
    EXPECT_TRUE(edit->Ensure(table, key, values).ok());
    Result<Delta> delta = UpdateConfig(store, edit->changed_rows(), loaded.config);
    EXPECT_TRUE(edit->Commit().ok());
    return *delta;
  };
  for (int i = 0; i < 20; ++i) (void)change("ike_peer", {"p" + std::to_string(i)}, {});
  const Delta delta = change("ike_peer", {"last"}, {});
  EXPECT_THAT(delta.ike.peers, testing::ElementsAre("last"));
  EXPECT_EQ(delta.rows.size(), 1U);
  EXPECT_TRUE(delta.interfaces.names.empty() && delta.routes.empty() && !delta.system.sysname && !delta.ike.global);
}

// Interfaces and addresses come, change and go, a part of it taken back; every question is asked both ways.
class Interfaces : public testing::Test {
 protected:
  std::int64_t Pick(std::int64_t below) { return static_cast<std::int64_t>(random_() % static_cast<unsigned>(below)); }

  void Step(configdb::Edit& edit) {
    const std::int64_t number = Pick(12);
    const std::string name = "Tunnel" + std::to_string(number);
    const std::string address = "10.0." + std::to_string(Pick(3)) + "." + std::to_string(4 * Pick(20) + 1);
    if (Pick(4) == 0) return (void)edit.Remove("interface", {name});
    (void)edit.Ensure("interface", {name}, {{"kind", "Tunnel"}, {"number", number}});
    switch (Pick(6)) {
      case 0:
      case 1:
        return (void)edit.Ensure("interface_address", {name, address},
                                 {{"mask_length", 24 + Pick(7)}, {"sub", Pick(2)}});
      case 2:
        return (void)edit.Remove("interface_address", {name, address});
      case 3:
        return (void)edit.Set("interface", {name}, "tunnel_source", "192.0.2." + std::to_string(1 + Pick(4)));
      case 4:
        return (void)edit.Set("interface", {name}, "tunnel_destination", "192.0.3." + std::to_string(1 + Pick(2)));
      default:
        return (void)edit.Set("interface", {name}, "dvpn_id", 1 + Pick(6));
    }
  }

  static bool Overlap(const InterfaceConfig& a, const InterfaceConfig& b) {
    for (const Prefix& x : a.addresses)
      for (const Prefix& y : b.addresses)
        if (x.Overlaps(y)) return true;
    return false;
  }

  // `config` was brought up to the store row by row; the other one is read anew.
  void Compare(const InterfacesConfig& config) {
    const InterfacesConfig anew = LoadConfig(store_)->config.interfaces;
    ASSERT_EQ(config.size(), anew.size());
    auto other = anew.begin();
    for (const InterfaceConfig& one : config) {
      ASSERT_EQ(one, *other) << one.name;
      ++other;
      bool overlaps = false, same_domain = false, same_ends = false;
      for (const InterfaceConfig& second : config) {
        if (second.name == one.name) continue;
        overlaps |= Overlap(one, second);
        same_domain |= one.tunnel.dvpn_id != 0 && one.tunnel.dvpn_id == second.tunnel.dvpn_id;
        same_ends |= !one.tunnel.source.empty() && !one.tunnel.destination.empty() &&
                     one.tunnel.source == second.tunnel.source && one.tunnel.destination == second.tunnel.destination;
      }
      EXPECT_EQ(config.FindOverlap(one).has_value(), overlaps) << one.name;
      EXPECT_EQ(config.SameDomain(one).has_value(), same_domain) << one.name;
      EXPECT_EQ(config.SameEnds(one).has_value(), same_ends) << one.name;
      for (const Prefix& own : one.addresses) EXPECT_NE(config.OwnerOf(own.address), nullptr);
    }
  }

  Store store_ = std::move(*Store::Open(":memory:"));
  std::mt19937 random_{7};
};

TEST_F(Interfaces, AreFoundByTheirIndicesAsByLookingThroughThemAll) {
  Config config = std::move(LoadConfig(store_)->config);
  for (int round = 0; round < 400; ++round) {
    Result<configdb::Edit> edit = store_.Begin({});
    for (std::int64_t i = Pick(4); i >= 0; --i) Step(*edit);
    ASSERT_TRUE(UpdateConfig(store_, edit->changed_rows(), config).ok());
    if (Pick(3) == 0) {
      edit->Rollback();
      ASSERT_TRUE(UpdateConfig(store_, edit->changed_rows(), config).ok());
    } else {
      ASSERT_TRUE(edit->Commit().ok());
    }
    Compare(config.interfaces);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace sw::device
