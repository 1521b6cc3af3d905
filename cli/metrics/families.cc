#include "cli/metrics/families.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

namespace sw::cli {
namespace {

// What only grows, by how its name ends.
constexpr std::string_view kCounters[] = {
    "packets",    "bytes",       "errors",  "drops",   "dropped",           "matched",        "count",
    "redirects",  "overwritten", "resets",  "to_card", "different_results", "gre_keepalives", "gre_keepalive_answers",
    "to_software"};

// Prometheus wants base units.
struct Unit {
  std::string_view ending, base;
  double factor;
};
constexpr Unit kUnits[] = {{"_ms", "_seconds", 0.001}, {"_percent", "_ratio", 0.01}, {"_hours", "_seconds", 3600}};

std::size_t IndexOf(std::span<const Field> fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, [](const Field& field) { return field.name; });
  return static_cast<std::size_t>(found - fields.begin());
}

std::optional<MetricValue> NumberOf(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value.held)) return std::int64_t{*flag ? 1 : 0};
  if (const auto* number = std::get_if<std::int64_t>(&value.held)) return *number;
  if (const auto* number = std::get_if<std::uint64_t>(&value.held)) return *number;
  if (const auto* number = std::get_if<double>(&value.held)) return *number;
  return std::nullopt;
}

bool IsNumber(const Field& field) {
  return field.type == FieldType::kBoolean || field.type == FieldType::kInteger || field.type == FieldType::kNumber;
}

bool Names(std::span<const Renamed> list, std::string_view field) {
  return std::ranges::find(list, field, &Renamed::field) != list.end();
}

void AddLabels(std::string& labels, const Record& record, std::span<const Renamed> list) {
  for (const Renamed& each : list) {
    const std::size_t at = IndexOf(record.fields, each.field);
    if (at < record.values.size()) AddLabel(labels, each.label, PlainText(record.values[at]));
  }
}

// Two rows with the same labels are one to Prometheus: the first stands.
std::vector<FamilyRow> Unlike(std::vector<FamilyRow> rows) {
  std::unordered_set<std::string_view> seen;
  std::vector<bool> doubled;
  for (const FamilyRow& row : rows) doubled.push_back(!seen.insert(row.labels).second);
  if (seen.size() == rows.size()) return rows;
  std::vector<FamilyRow> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!doubled[i]) out.push_back(std::move(rows[i]));
  return out;
}

void AddNumbers(const FamilyShape& shape, const Field& field, std::size_t at, const std::vector<FamilyRow>& rows,
                Exposition& out) {
  const bool counter =
      std::ranges::any_of(kCounters, [&](std::string_view ending) { return field.name.ends_with(ending); });
  const Unit* unit = nullptr;
  for (const Unit& each : kUnits)
    if (field.name.ends_with(each.ending)) unit = &each;
  std::string name(shape.prefix);
  if (field.name != "count") name.append("_").append(field.name);
  if (unit != nullptr) name.replace(name.size() - unit->ending.size(), unit->ending.size(), unit->base);
  out.Family(name, counter ? MetricKind::kCounter : MetricKind::kGauge, field.what);
  for (const FamilyRow& row : rows) {
    std::optional<MetricValue> value = NumberOf(row.record->values[at]);
    if (!value) continue;
    if (unit != nullptr) value = std::visit([&](auto number) { return static_cast<double>(number) * unit->factor; }, *value);
    out.Sample(row.labels, *value);
  }
}

void AddInfo(const FamilyShape& shape, const std::vector<FamilyRow>& rows, Exposition& out) {
  if (shape.info.empty()) return;
  out.Family(shape.prefix, MetricKind::kInfo, "How it is, in words");
  for (const FamilyRow& row : rows) {
    std::string labels = row.labels;
    AddLabels(labels, *row.record, shape.info);
    out.Sample(labels, std::int64_t{1});
  }
}

}  // namespace

const std::vector<Record>& ListIn(const Record& record, std::string_view field) {
  static const std::vector<Record> kNone;
  const std::size_t at = IndexOf(record.fields, field);
  const auto* list = at < record.values.size() ? std::get_if<std::vector<Record>>(&record.values[at].held) : nullptr;
  return list == nullptr ? kNone : *list;
}

std::vector<FamilyRow> RowsOf(const std::vector<Record>& records, const FamilyShape& shape) {
  std::vector<FamilyRow> out;
  out.reserve(records.size());
  for (const Record& record : records) {
    out.push_back({{}, &record});
    AddLabels(out.back().labels, record, shape.labels);
  }
  return Unlike(std::move(out));
}

std::vector<FamilyRow> RowsUnder(const std::vector<FamilyRow>& owners, std::string_view list, const FamilyShape& shape) {
  std::vector<FamilyRow> out;
  for (const FamilyRow& owner : owners) {
    for (const Record& record : ListIn(*owner.record, list)) {
      out.push_back({owner.labels, &record});
      AddLabels(out.back().labels, record, shape.labels);
    }
  }
  return Unlike(std::move(out));
}

void AddFamilies(const FamilyShape& shape, std::span<const Field> fields, const std::vector<FamilyRow>& rows,
                 Exposition& out) {
  if (rows.empty()) return;
  AddInfo(shape, rows, out);
  if (shape.configured) {
    out.Family(std::string(shape.prefix) + "_configured", MetricKind::kGauge, "It is in the configuration");
    for (const FamilyRow& row : rows) out.Sample(row.labels, std::int64_t{1});
  }
  for (std::size_t at = 0; at < fields.size(); ++at) {
    const Field& field = fields[at];
    const bool name = Names(shape.labels, field.name) || std::ranges::count(shape.left_out, field.name) != 0;
    if (!IsNumber(field) || name) continue;
    if (field.name != shape.up) {
      AddNumbers(shape, field, at, rows, out);
      continue;
    }
    out.Family(std::string(shape.prefix) + "_up", MetricKind::kGauge, field.what);
    for (const FamilyRow& row : rows)
      if (const auto value = NumberOf(row.record->values[at])) out.Sample(row.labels, *value);
  }
}

}  // namespace sw::cli
