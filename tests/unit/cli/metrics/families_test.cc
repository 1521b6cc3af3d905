#include "cli/metrics/families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sw::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Drop {
  std::string reason;
  std::uint64_t count;
};
struct Row {
  std::string name, note;
  bool up;
  std::uint64_t sent;
  std::int64_t wait;
  int number;
  std::vector<Drop> drops = {};
};
constexpr auto kDrop = Fields<Drop>({
    {"reason", "Why", [](auto& v) { return v.reason; }},
    {"count", "Packets", [](auto& v) { return v.count; }},
});
constexpr auto kRow = Fields<Row>({
    {"name", "Which", [](auto& v) { return v.name; }},
    {"note", "In words", [](auto& v) { return v.note; }},
    {"works", "It works", [](auto& v) { return v.up; }},
    {"sent_packets", "Sent", [](auto& v) { return v.sent; }},
    {"wait_ms", "Until then", [](auto& v) { return v.wait; }},
    {"number", "A name", [](auto& v) { return v.number; }},
    {"key", "A secret", [](auto&) { return std::string("planted"); }, {}, 3},
    {"drops", "By reason", [](auto& v) { return List<kDrop>(v.drops); }},
});

constexpr Renamed kLabels[] = {{"name", "which"}};
constexpr Renamed kInfo[] = {{"note", "why"}};
constexpr std::string_view kNames[] = {"number"};
constexpr FamilyShape kShape{
    .prefix = "sw_row", .labels = kLabels, .info = kInfo, .up = "works", .left_out = kNames, .configured = true};
constexpr Renamed kReason[] = {{"reason", "reason"}};
constexpr FamilyShape kDrops{.prefix = "sw_row_dropped_packets", .labels = kReason};

std::string Text(const std::vector<Row>& rows) {
  const std::vector<Record> records = List<kRow>(rows).records;
  const std::vector<FamilyRow> all = RowsOf(records, kShape);
  Exposition out(MetricsForm::kPrometheus);
  AddFamilies(kShape, kRow.all, all, out);
  AddFamilies(kDrops, kDrop.all, RowsUnder(all, "drops", kDrops), out);
  return std::move(out).Finish();
}

TEST(Families, EveryNumberIsOneAndWordsAreLabels) {
  const std::string text = Text({{"a", "well", true, 7, 1500, 9, {{"late", 2}}}, {"b", "no way", false, 0, 0, 9}});
  EXPECT_THAT(text, HasSubstr("sw_row_info{which=\"a\",why=\"well\"} 1\nsw_row_info{which=\"b\",why=\"no way\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sw_row_configured{which=\"a\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# HELP sw_row_up It works\n# TYPE sw_row_up gauge\nsw_row_up{which=\"a\"} 1\n"
                              "sw_row_up{which=\"b\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE sw_row_sent_packets_total counter\nsw_row_sent_packets_total{which=\"a\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("sw_row_wait_seconds{which=\"a\"} 1.5\n"));
  EXPECT_THAT(text, HasSubstr("sw_row_dropped_packets_total{which=\"a\",reason=\"late\"} 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("number"))) << "a name";
  EXPECT_THAT(text, Not(HasSubstr("planted"))) << "text is none";
}

TEST(Families, RowsWithTheSameLabelsAreOne) {
  const std::string text = Text({{"a", "", true, 1, 0, 0}, {"a", "", true, 2, 0, 0}});
  EXPECT_THAT(text, HasSubstr("sw_row_sent_packets_total{which=\"a\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("sw_row_sent_packets_total{which=\"a\"} 2\n")));
}

TEST(Families, WithoutRowsThereIsNone) {
  EXPECT_EQ(Text({}), "");
}

}  // namespace
}  // namespace sw::cli
