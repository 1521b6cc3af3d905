#include "cli/acl/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <iterator>

#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

using configdb::Key;
using configdb::Row;

constexpr std::int64_t kLastRule = 65534;
constexpr std::int64_t kIcmp = 1, kTcp = 6, kUdp = 17;

// The parts of a rule that can be left out, by the keyword that stands for them: what a new text gives replaces the
// part as a whole, what it does not give stays (guide page 70), and `undo rule` takes parts away.
struct Part {
  std::string_view keyword;
  std::array<std::string_view, 3> columns;
};
constexpr Part kParts[] = {
    {"source", {"source", "source_wildcard"}},
    {"destination", {"destination", "destination_wildcard"}},
    {"source-port", {"source_port_op", "source_port", "source_port_last"}},
    {"destination-port", {"destination_port_op", "destination_port", "destination_port_last"}},
    {"icmp-type", {"icmp_type"}},
    {"established", {"established"}},
    {"dscp", {"dscp"}},
    {"precedence", {"precedence"}},
    {"tos", {"tos"}},
    {"interface", {"interface"}},
    {"type", {"type_code", "type_mask"}},
    {"lsap", {"lsap_code", "lsap_mask"}},
    {"source-mac", {"source_mac", "source_mac_mask"}},
    {"dest-mac", {"dest_mac", "dest_mac_mask"}},
    {"time-range", {"time_range"}},
    {"logging", {"logging"}},
    {"fragment", {"fragment"}},
};

Status NoSuchRule() {
  return {Code::kNotFound, "The rule does not exist."};
}

// What the grammar cannot see: parts that came one by one must make sense together.
Status CheckRule(const Row& rule) {
  const std::optional<std::int64_t> protocol = rule.Int("protocol");
  const bool ports = rule.Text("source_port_op") || rule.Text("destination_port_op");
  if (ports && protocol != kTcp && protocol != kUdp) return {Code::kBadValue, "Ports are for tcp and udp only"};
  if (rule.Int("established") && protocol != kTcp) return {Code::kBadValue, "established is for tcp only"};
  if (rule.Text("icmp_type") && protocol != kIcmp) return {Code::kBadValue, "icmp-type is for icmp only"};
  if (rule.Int("dscp") && (rule.Int("tos") || rule.Int("precedence"))) {
    return {Code::kBadValue, "A rule takes dscp, or precedence and tos, not both"};
  }
  if (rule.Text("type_code") && rule.Text("lsap_code")) {
    return {Code::kBadValue, "A rule takes type or lsap, not both"};
  }
  return {};
}

// NULL for each column of the parts that the line names.
std::vector<configdb::Assignment> PartsOf(const Match& match) {
  std::bitset<std::size(kParts)> named;
  for (const Symbol* word : match.path) {
    const auto* part = word->keyword ? std::ranges::find(kParts, word->word, &Part::keyword) : std::end(kParts);
    if (part != std::end(kParts)) named.set(static_cast<std::size_t>(part - kParts));
  }
  std::vector<configdb::Assignment> out;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (!named[i]) continue;
    for (const std::string_view column : kParts[i].columns)
      if (!column.empty()) out.push_back({column, {}});
  }
  return out;
}

// The columns that this line says something about: those of each part it names, and what stands outside of parts.
std::vector<configdb::Assignment> Given(const Match& match) {
  static const configdb::Table& table = *configdb::FindTable("acl_rule");
  std::vector<configdb::Assignment> given = PartsOf(match);
  for (const Argument& argument : match.arguments) {
    const configdb::Column* column = configdb::FindColumn(table, argument.terminal->name);
    if (column == nullptr || column->name == "rule") continue;
    auto assignment = std::ranges::find(given, column->name, &configdb::Assignment::column);
    if (assignment == given.end()) assignment = given.insert(given.end(), {column->name, {}});
    assignment->value = StoredValue(*column, argument);
  }
  if (const auto type = match.Int("icmp_number")) {
    const auto it = std::ranges::find(given, "icmp_type", &configdb::Assignment::column);
    it->value = fmt::format("{} {}", *type, *match.Int("icmp_code"));
  }
  return given;
}

Status ChangeRule(configdb::Edit& edit, const Key& key, const std::vector<configdb::Assignment>& given) {
  bool changed = false;
  for (const configdb::Assignment& assignment : given) {
    const Result<bool> set = edit.Set("acl_rule", key, assignment.column, assignment.value);
    if (!set.ok()) return set.status();
    changed = changed || *set;
  }
  if (!changed) return {};
  const Result<std::optional<Row>> list = edit.store().Find("acl", {key.front()});
  if (!list.ok()) return list.status();
  if (*list && (*list)->Text("match_order")) {
    return {Code::kUnsupported, "A rule cannot be changed while the match order is auto"};
  }
  const Result<std::optional<Row>> rule = edit.store().Find("acl_rule", key);
  return rule.ok() ? CheckRule(**rule) : rule.status();
}

// False: the list has a rule of that number.
Result<bool> AddRule(configdb::Edit& edit, const Key& key, const std::vector<configdb::Assignment>& given) {
  Result<bool> made = edit.Ensure("acl_rule", key, given);
  if (!made.ok() || !*made) return made;
  std::vector<std::string_view> names;
  Row rule;
  names.reserve(given.size());
  rule.values.reserve(given.size());
  for (const configdb::Assignment& assignment : given) {
    names.push_back(assignment.column);
    rule.values.push_back(assignment.value);
  }
  rule.columns = names;
  if (Status sense = CheckRule(rule); !sense.ok()) return sense;
  return made;
}

// The number of a rule that was typed without one; -1: the list has such a rule already.
Result<std::int64_t> NewNumber(configdb::Store& store, const configdb::Value& acl,
                               const std::vector<configdb::Assignment>& given) {
  const Result<std::optional<Row>> same = store.FindSame("acl_rule", {acl}, given);
  if (!same.ok()) return same.status();
  if (*same) return -1;
  const Result<std::optional<Row>> last = store.Last("acl_rule", {acl});
  if (!last.ok()) return last.status();
  const Result<std::optional<Row>> list = store.Find("acl", {acl});
  if (!list.ok()) return list.status();
  const std::int64_t step = *list ? (*list)->IntOr("step", configdb::Preset("acl", "step")) : 1;
  const std::int64_t next = *last ? (*(*last)->Int("rule") / step + 1) * step : 0;
  if (next <= kLastRule) return next;
  for (std::int64_t number = 0; number <= kLastRule; ++number) {
    const Result<std::optional<Row>> there = store.Find("acl_rule", {acl, number});
    if (!there.ok()) return there.status();
    if (!*there) return number;
  }
  return Status(Code::kInUse, "The ACL has no free rule number");
}

}  // namespace

Status StoreRule(Operator& session, const Match& match) {
  const configdb::Value acl = session.object().front();
  const std::vector<configdb::Assignment> given = Given(match);
  return session.Configure([&](configdb::Edit& edit) -> Status {
    if (const auto number = match.Int("rule")) {
      const Key key = {acl, *number};
      const Result<bool> made = AddRule(edit, key, given);
      if (!made.ok() || *made) return made.status();
      return ChangeRule(edit, key, given);
    }
    const Result<std::int64_t> number = NewNumber(edit.store(), acl, given);
    if (!number.ok()) return number.status();
    return *number < 0 ? Status() : AddRule(edit, {acl, *number}, given).status();
  });
}

Status StoreComment(Operator& session, const Match& match) {
  const Key key = {session.object().front(), *match.Int("rule")};
  const configdb::Value comment = match.Text("comment");
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<std::optional<Row>> rule = edit.store().Find("acl_rule", key);
    if (!rule.ok()) return rule.status();
    if (!*rule) return NoSuchRule();
    SW_TRY(edit.Ensure("acl_comment", key, {{"comment", comment}}).status());
    return edit.Set("acl_comment", key, "comment", comment).status();
  });
}

Status RemoveRule(Operator& session, const Match& match) {
  const Key key = {session.object().front(), *match.Int("rule")};
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<std::optional<Row>> there = edit.store().Find("acl_rule", key);
    if (!there.ok()) return there.status();
    if (!*there) return NoSuchRule();
    const std::vector<configdb::Assignment> gone = PartsOf(match);
    if (!gone.empty()) return ChangeRule(edit, key, gone);
    return edit.Remove("acl_rule", key).status();
  });
}

}  // namespace sw::cli
