#include "device/acl/values.h"

#include <cstdio>

namespace sw::device {
namespace {

using configdb::Row;

ipsec::AddressCondition AddressOf(const Row& row, std::string_view address, std::string_view wildcard) {
  const std::optional<std::string> text = row.Text(address), mask = row.Text(wildcard);
  if (!text || !mask) return {};
  return {Ipv4::Parse(*text).value_or(Ipv4()), Ipv4::Parse(*mask).value_or(Ipv4())};
}

ipsec::PortCondition PortOf(const Row& row, std::string_view op, std::string_view port, std::string_view last) {
  using enum ipsec::PortOperator;
  constexpr std::pair<std::string_view, ipsec::PortOperator> kOperators[] = {
      {"eq", kEqual}, {"gt", kGreater}, {"lt", kLess}, {"neq", kNotEqual}, {"range", kRange},
  };
  ipsec::PortCondition out;
  const std::string word = row.TextOr(op, "");
  for (const auto& [name, value] : kOperators)
    if (name == word) out.op = value;
  out.port = static_cast<std::uint16_t>(row.IntOr(port, 0));
  out.last = static_cast<std::uint16_t>(row.IntOr(last, 0));
  return out;
}

std::optional<ipsec::IcmpCondition> IcmpOf(const Row& row) {
  unsigned type = 0, code = 0;
  if (std::sscanf(row.TextOr("icmp_type", "").c_str(), "%u %u", &type, &code) != 2) return std::nullopt;
  return ipsec::IcmpCondition{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code)};
}

std::optional<std::uint8_t> ByteOf(const Row& row, std::string_view column) {
  const std::optional<std::int64_t> value = row.Int(column);
  return value ? std::optional(static_cast<std::uint8_t>(*value)) : std::nullopt;
}

}  // namespace

ipsec::AclRule AclRuleOf(const Row& row) {
  ipsec::AclRule out;
  out.id = static_cast<int>(row.IntOr("rule", 0));
  out.permit = row.TextOr("action", "") == "permit";
  out.protocol = ByteOf(row, "protocol");
  out.source = AddressOf(row, "source", "source_wildcard");
  out.destination = AddressOf(row, "destination", "destination_wildcard");
  out.source_port = PortOf(row, "source_port_op", "source_port", "source_port_last");
  out.destination_port = PortOf(row, "destination_port_op", "destination_port", "destination_port_last");
  out.icmp = IcmpOf(row);
  out.dscp = ByteOf(row, "dscp");
  out.precedence = ByteOf(row, "precedence");
  out.tos = ByteOf(row, "tos");
  out.established = row.IntOr("established", 0) != 0;
  out.fragment = row.IntOr("fragment", 0) != 0;
  out.logging = row.IntOr("logging", 0) != 0;
  out.time_range = row.TextOr("time_range", "");
  out.interface = row.TextOr("interface", "");
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
