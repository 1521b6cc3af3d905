#include "device/acl/values.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string_view>
#include <vector>

#include "config-db/schema.h"

namespace sw::device {
namespace {

using configdb::Row;

using configdb::Value;
using ipsec::AclRule;

std::string_view TextOf(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string_view() : std::string_view(*text);
}
Ipv4 AddressOf(const Value& value) {
  return Ipv4::Parse(TextOf(value)).value_or(Ipv4());
}
std::uint16_t PortOf(const Value& value) {
  return static_cast<std::uint16_t>(NumberOf(value));
}

ipsec::PortOperator OperatorOf(const Value& value) {
  using enum ipsec::PortOperator;
  constexpr std::pair<std::string_view, ipsec::PortOperator> kOperators[] = {
      {"eq", kEqual}, {"gt", kGreater}, {"lt", kLess}, {"neq", kNotEqual}, {"range", kRange},
  };
  const std::string_view word = TextOf(value);
  for (const auto& [name, op] : kOperators)
    if (name == word) return op;
  return kAny;
}

std::optional<ipsec::IcmpCondition> IcmpOf(const Value& value) {
  unsigned type = 0, code = 0;
  if (std::sscanf(std::string(TextOf(value)).c_str(), "%u %u", &type, &code) != 2) return std::nullopt;
  return ipsec::IcmpCondition{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code)};
}

template <auto Member>
void Byte(AclRule& rule, const Value& value) {
  rule.*Member = static_cast<std::uint8_t>(NumberOf(value));
}
template <auto Member>
void Flag(AclRule& rule, const Value& value) {
  rule.*Member = NumberOf(value) != 0;
}
template <auto Member>
void Name(AclRule& rule, const Value& value) {
  rule.*Member = TextOf(value);
}

// What a column says of a rule, when it says anything.
struct Condition {
  std::string_view column;
  void (*take)(AclRule& rule, const Value& value);
};
constexpr Condition kConditions[] = {
    {"rule", [](AclRule& rule, const Value& value) { rule.id = NumberOf(value); }},
    {"action", [](AclRule& rule, const Value& value) { rule.permit = TextOf(value) == "permit"; }},
    {"protocol", Byte<&AclRule::protocol>},
    {"source", [](AclRule& rule, const Value& value) { rule.source.address = AddressOf(value); }},
    {"source_wildcard", [](AclRule& rule, const Value& value) { rule.source.wildcard = AddressOf(value); }},
    {"destination", [](AclRule& rule, const Value& value) { rule.destination.address = AddressOf(value); }},
    {"destination_wildcard", [](AclRule& rule, const Value& value) { rule.destination.wildcard = AddressOf(value); }},
    {"source_port_op", [](AclRule& rule, const Value& value) { rule.source_port.op = OperatorOf(value); }},
    {"source_port", [](AclRule& rule, const Value& value) { rule.source_port.port = PortOf(value); }},
    {"source_port_last", [](AclRule& rule, const Value& value) { rule.source_port.last = PortOf(value); }},
    {"destination_port_op", [](AclRule& rule, const Value& value) { rule.destination_port.op = OperatorOf(value); }},
    {"destination_port", [](AclRule& rule, const Value& value) { rule.destination_port.port = PortOf(value); }},
    {"destination_port_last", [](AclRule& rule, const Value& value) { rule.destination_port.last = PortOf(value); }},
    {"icmp_type", [](AclRule& rule, const Value& value) { rule.icmp = IcmpOf(value); }},
    {"dscp", Byte<&AclRule::dscp>},
    {"precedence", Byte<&AclRule::precedence>},
    {"tos", Byte<&AclRule::tos>},
    {"established", Flag<&AclRule::established>},
    {"fragment", Flag<&AclRule::fragment>},
    {"logging", Flag<&AclRule::logging>},
    {"time_range", Name<&AclRule::time_range>},
    {"interface", Name<&AclRule::interface>},
};

// By the place of the column; null: it says nothing to the matcher.
using Takes = std::vector<void (*)(AclRule&, const Value&)>;
Takes TakesOf(const configdb::Table& table) {
  Takes out;
  for (const configdb::Column& column : table.columns) {
    const auto* found = std::ranges::find(kConditions, column.name, &Condition::column);
    out.push_back(found == std::end(kConditions) ? nullptr : found->take);
  }
  return out;
}

}  // namespace

ipsec::AclRule AclRuleOf(const Row& row) {
  static const Takes takes = TakesOf(*configdb::FindTable("acl_rule"));
  AclRule out;
  for (std::size_t i = 0; i < takes.size(); ++i)
    if (takes[i] != nullptr && row.values[i] != Value()) takes[i](out, row.values[i]);
  return out;
}

void TakeTimeRange(const configdb::Key& name, Rows sections, AclDelta& delta) {
  std::optional<TimeRange>& range = delta.time_ranges[NameOf(name)];
  range.reset();
  if (sections.empty()) return;
  range.emplace();
  for (const Row& row : sections) {
    const std::uint8_t days = DaysOf(row.TextOr("days", ""));
    if (days != 0) {
      range->weekly.push_back({MinuteOf(row.TextOr("start_time", "")).value_or(0),
                               MinuteOf(row.TextOr("end_time", "")).value_or(24 * 60), days});
    }
    AbsoluteSpan span{MomentOf(row.TextOr("from_time", ""), row.TextOr("from_date", "")),
                      MomentOf(row.TextOr("to_time", ""), row.TextOr("to_date", ""))};
    if (span.from || span.to) range->absolute.push_back(span);
  }
}

void TakeAcl(const configdb::Key& key, Rows rows, AclDelta& delta) {
  std::optional<ipsec::Acl::Order>& list = delta.lists[NumberOf(key.front())];
  list.reset();
  if (!rows.empty()) list = rows.front().Text("match_order") ? ipsec::Acl::Order::kAuto : ipsec::Acl::Order::kConfig;
}

void TakeAclRule(const configdb::Key& key, Rows rows, AclDelta& delta) {
  std::optional<ipsec::AclRule>& rule = delta.rules[{NumberOf(key.front()), NumberOf(key.back())}];
  rule.reset();
  if (!rows.empty()) rule = AclRuleOf(rows.front());
}

}  // namespace sw::device
