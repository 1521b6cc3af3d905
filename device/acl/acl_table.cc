#include "device/acl/acl_table.h"

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

int NumberOf(const configdb::Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : static_cast<int>(*number);
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

Status AclTable::LoadTimeRanges(const configdb::Store& store) {
  const Result<std::vector<Row>> rows = store.Rows("time_range");
  if (!rows.ok()) return rows.status();
  time_ranges_.clear();
  for (const Row& row : *rows) {
    TimeRange& range = time_ranges_[row.TextOr("name", "")];
    const std::uint8_t days = DaysOf(row.TextOr("days", ""));
    if (days != 0) {
      range.weekly.push_back({MinuteOf(row.TextOr("start_time", "")).value_or(0),
                              MinuteOf(row.TextOr("end_time", "")).value_or(24 * 60), days});
    }
    AbsoluteSpan span{MomentOf(row.TextOr("from_time", ""), row.TextOr("from_date", "")),
                      MomentOf(row.TextOr("to_time", ""), row.TextOr("to_date", ""))};
    if (span.from || span.to) range.absolute.push_back(span);
  }
  return {};
}

void AclTable::SetList(const Row& row) {
  const int number = static_cast<int>(row.IntOr("number", 0));
  const auto order = row.Text("match_order") ? ipsec::Acl::Order::kAuto : ipsec::Acl::Order::kConfig;
  std::unique_ptr<ipsec::Acl>& list = lists_[number];
  if (list != nullptr && list->order() == order) return;
  // The order changes only while there are no rules.
  list = std::make_unique<ipsec::Acl>(number, order, [this](std::string_view name) { return Active(name); });
}

Status AclTable::Load(const configdb::Store& store) {
  lists_.clear();
  SW_TRY(LoadTimeRanges(store));
  Result<std::vector<Row>> rows = store.Rows("acl");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) SetList(row);
  rows = store.Rows("acl_rule");
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows)
    if (ipsec::Acl* list = Find(static_cast<int>(row.IntOr("acl", 0)))) list->Set(AclRuleOf(row));
  return {};
}

Status AclTable::Follow(const configdb::Store& store, const std::set<configdb::Key>& time_ranges,
                        const std::set<configdb::Key>& acls, const std::set<configdb::Key>& rules) {
  if (!time_ranges.empty()) {
    SW_TRY(LoadTimeRanges(store));
    RefreshTimeRanges();
  }
  for (const configdb::Key& key : acls) {
    const Result<std::optional<Row>> row = store.Find("acl", key);
    if (!row.ok()) return row.status();
    if (*row) {
      SetList(**row);
    } else {
      lists_.erase(NumberOf(key.front()));
    }
  }
  for (const configdb::Key& key : rules) {
    ipsec::Acl* list = Find(NumberOf(key.front()));
    if (list == nullptr) continue;
    const Result<std::optional<Row>> row = store.Find("acl_rule", key);
    if (!row.ok()) return row.status();
    if (*row) {
      list->Set(AclRuleOf(**row));
    } else {
      (void)list->Remove(NumberOf(key.back()));
    }
  }
  return {};
}

ipsec::Acl* AclTable::Find(int number) {
  const auto it = lists_.find(number);
  return it == lists_.end() ? nullptr : it->second.get();
}

bool AclTable::Active(std::string_view time_range) const {
  const auto it = time_ranges_.find(time_range);
  return it != time_ranges_.end() && it->second.Active(local_time_());
}

void AclTable::RefreshTimeRanges() {
  for (auto& [number, list] : lists_) list->RefreshTimeRanges();
}

}  // namespace sw::device
