// A scratch keeps rows to itself as long as it can; nobody can tell.
#include <gtest/gtest.h>

#include <random>

#include "config-db/schema.h"
#include "config-db/store.h"

namespace sw::configdb {
namespace {

Value Number(std::uint32_t number) {
  return std::int64_t{number};
}

// Does the same to a scratch and to a store in memory, and compares what they answer.
class Twins {
 public:
  explicit Twins(std::uint32_t seed) : random_(seed) {}

  void Edit(int steps) {
    auto one = scratch_.Begin({}), two = memory_.Begin({});
    ASSERT_TRUE(one.ok() && two.ok());
    for (int i = 0; i < steps; ++i) Step(*one, *two);
    EXPECT_EQ(one->changed_rows(), two->changed_rows());
    if (Below(3) == 0) return;  // both are dropped
    EXPECT_TRUE(one->Commit().ok());
    EXPECT_TRUE(two->Commit().ok());
  }

  void Compare() {
    for (const Table& table : Tables()) {
      const auto one = scratch_.Rows(table.name), two = memory_.Rows(table.name);
      ASSERT_EQ(one->size(), two->size()) << table.name;
      for (std::size_t i = 0; i < one->size(); ++i) EXPECT_EQ((*one)[i].values, (*two)[i].values) << table.name;
    }
  }

 private:
  std::uint32_t Below(std::uint32_t end) { return static_cast<std::uint32_t>(random_()) % end; }
  Key List() { return {Number(3000 + Below(3))}; }
  Key Rule() { return {Number(3000 + Below(3)), Number(Below(6))}; }

  void Step(configdb::Edit& one, configdb::Edit& two) {
    const Key list = List(), rule = Rule();
    const Value source = Below(2) == 0 ? Value() : Value("10.0.0." + std::to_string(Below(9)));
    const std::vector<Assignment> first{{"action", Below(2) == 0 ? "permit" : "deny"}, {"source", source}};
    switch (Below(60)) {
      case 0:
        return Both(one, two, [&](auto& edit) { return edit.Remove("acl", list); });
      case 1:
        return Both(one, two, [&](auto& edit) { return edit.Remove("acl_rule", rule); });
      case 2:
        return Both(one, two, [&](auto& edit) { return edit.Ensure("acl_comment", rule, {{"comment", "c"}}); });
      case 3:
        return Rows(one.store().RowsUnder("acl_rule", list), two.store().RowsUnder("acl_rule", list));
      case 4:
        return Row(one.store().Last("acl_rule", list), two.store().Last("acl_rule", list));
      case 5:
        return Row(one.store().FindSame("acl_rule", list, first), two.store().FindSame("acl_rule", list, first));
      default:
        break;
    }
    switch (Below(4)) {
      case 0:
        return Both(one, two, [&](auto& edit) { return edit.Ensure("acl", list); });
      case 1:
        return Both(one, two, [&](auto& edit) { return edit.Ensure("acl_rule", rule, first); });
      case 2:
        return Both(one, two, [&](auto& edit) { return edit.Set("acl_rule", rule, "source", source); });
      default:
        return Row(one.store().Find("acl_rule", rule), two.store().Find("acl_rule", rule));
    }
  }

  template <typename Change>
  void Both(configdb::Edit& one, configdb::Edit& two, Change change) {
    const Result<bool> a = change(one), b = change(two);
    ASSERT_EQ(a.status().code(), b.status().code());
    if (a.ok()) {
      EXPECT_EQ(*a, *b);
    } else {
      EXPECT_EQ(a.why(), b.why());
    }
  }
  static void Row(const Result<std::optional<configdb::Row>>& one, const Result<std::optional<configdb::Row>>& two) {
    ASSERT_TRUE(one.ok() && two.ok());
    ASSERT_EQ(one->has_value(), two->has_value());
    if (*one) {
      EXPECT_EQ((*one)->values, (*two)->values);
    }
  }
  static void Rows(const Result<std::vector<configdb::Row>>& one, const Result<std::vector<configdb::Row>>& two) {
    ASSERT_TRUE(one.ok() && two.ok());
    ASSERT_EQ(one->size(), two->size());
    for (std::size_t i = 0; i < one->size(); ++i) EXPECT_EQ((*one)[i].values, (*two)[i].values);
  }

  std::mt19937 random_;
  Store scratch_ = std::move(*Store::OpenScratch()), memory_ = std::move(*Store::Open(":memory:"));
};

class Waiting : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Waiting, AScratchAnswersAsAStoreDoes) {
  Twins twins(GetParam());
  for (int i = 0; i < 12; ++i) twins.Edit(10);
  twins.Compare();
}
INSTANTIATE_TEST_SUITE_P(Seeds, Waiting, testing::Range(1U, 41U));

}  // namespace
}  // namespace sw::configdb
