// What the rows of settings must hold for all that is made of them.
#include "config-db/schema.h"

#include <gtest/gtest.h>

namespace sw::configdb {
namespace {

template <typename Visit>
void EachSetting(Visit visit) {
  for (const Table& table : Tables())
    for (const Column& column : table.columns) visit(table, column);
}

TEST(Settings, SayWhereTheirRangesAreFrom) {
  EachSetting([](const Table& table, const Column& column) {
    EXPECT_FALSE(OriginOf(table, column).empty()) << table.name << "." << column.name;
  });
}

TEST(Settings, HaveAPresetThatTheyWouldTake) {
  std::size_t presets = 0;
  EachSetting([&](const Table& table, const Column& column) {
    EXPECT_TRUE(!column.preset || column.preset_words.empty()) << table.name << "." << column.name;
    if (!column.preset) return;
    ++presets;
    EXPECT_TRUE(CheckValue(table, column, *column.preset).ok()) << table.name << "." << column.name;
    EXPECT_EQ(PresetOf(table.name, column.name), *column.preset);
  });
  EXPECT_GT(presets, 40U);
}

TEST(Settings, ReferToTablesWhoseNamesTheyCanHold) {
  std::size_t references = 0;
  EachSetting([&](const Table& table, const Column& column) {
    if (column.refers_to.empty()) return;
    ++references;
    const Table* to = FindTable(column.refers_to);
    ASSERT_NE(to, nullptr) << table.name << "." << column.name;
    const Column& key = to->columns.front();
    EXPECT_EQ(key.type, column.type) << table.name << "." << column.name;
    EXPECT_LE(key.low, column.low) << table.name << "." << column.name;
    EXPECT_GE(key.high, column.high) << table.name << "." << column.name;
  });
  EXPECT_GT(references, 20U);
}

TEST(Settings, TellPlainFromConcealedText) {
  EachSetting([](const Table& table, const Column& column) {
    const bool pair = FindColumn(table, std::string(column.name) + "_form") != nullptr;
    EXPECT_EQ(column.longest_plain != 0, pair) << table.name << "." << column.name;
    if (!pair) return;
    EXPECT_TRUE(column.secret) << table.name << "." << column.name;
    EXPECT_GT(column.high, column.longest_plain) << table.name << "." << column.name;
  });
}

TEST(SettingsDeathTest, EndTheProgramWhenThereIsNoSuchPreset) {
  EXPECT_DEATH(PresetOf("dvpn_global", "nothing"), "dvpn_global.nothing has no preset");
  EXPECT_DEATH(PresetOf("dvpn_class", "public_ip"), "has no preset");
}

}  // namespace
}  // namespace sw::configdb
