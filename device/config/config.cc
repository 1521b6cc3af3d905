#include "device/config/config.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "device/config/subject.h"

namespace sw::device {
namespace {

using configdb::Key;
using configdb::Row;

// A table in the order of the subjects.
struct Place {
  std::size_t order = 0;
  const SubjectTable* subject = nullptr;
  const configdb::Table* table = nullptr;
};

const std::unordered_map<std::string_view, Place>& Places() {
  static const std::unordered_map<std::string_view, Place> places = [] {
    std::unordered_map<std::string_view, Place> out;
    for (const Subject& subject : Subjects())
      for (const SubjectTable& table : subject.tables)
        out.emplace(table.name, Place{out.size(), &table, configdb::FindTable(table.name)});
    return out;
  }();
  return places;
}

// A row that changed.
struct Change {
  const Place* place;
  const Key* key;
};

// Each once, in the order of the subjects.
std::vector<Change> InOrder(const configdb::ChangedRows& changed) {
  std::vector<Change> out;
  out.reserve(changed.size());
  for (const configdb::ChangedRow& row : changed) out.push_back({&Places().at(row.table), &row.key});
  std::ranges::sort(out, [](const Change& a, const Change& b) {
    return a.place != b.place ? a.place->order < b.place->order : *a.key < *b.key;
  });
  const auto same = [](const Change& a, const Change& b) { return a.place == b.place && *a.key == *b.key; };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

Key First(const Key& key, std::size_t columns) {
  return columns >= key.size() ? key : Key(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(columns));
}
Key KeyOf(const configdb::Table& table, const Row& row) {
  return First(row.values, table.keys);
}

Status LoadTable(const configdb::Store& store, const SubjectTable& table, LoadedConfig& out) {
  const configdb::Table& schema = *configdb::FindTable(table.name);
  const Result<std::vector<Row>> rows = store.Rows(table.name);
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) {
    const Key key = KeyOf(schema, row);
    out.config.references.Take(schema, key, &row);
    out.delta.rows.insert({schema.name, key});
  }
  if (table.take == nullptr) return {};
  for (auto at = rows->begin(); at != rows->end();) {
    const Key key = First(KeyOf(schema, *at), table.together);
    const auto end = std::find_if(at + 1, rows->end(),
                                  [&](const Row& row) { return First(KeyOf(schema, row), table.together) != key; });
    table.take(key, {at, end}, out.config, out.delta);
    at = end;
  }
  return {};
}

Status UpdateRow(const configdb::Store& store, const Place& place, const Key& key, Config& config, Delta& delta) {
  const Result<std::optional<Row>> row = store.Find(place.table->name, key);
  if (!row.ok()) return row.status();
  config.references.Take(*place.table, key, *row ? &**row : nullptr);
  if (place.subject->take != nullptr && place.subject->together == SubjectTable::kRow)
    place.subject->take(key, *row ? Rows(&**row, 1) : Rows(), config, delta);
  return {};
}

}  // namespace

Result<LoadedConfig> LoadConfig(const configdb::Store& store) {
  LoadedConfig out;
  for (const Subject& subject : Subjects())
    for (const SubjectTable& table : subject.tables) SW_TRY(LoadTable(store, table, out));
  return out;
}

Result<Delta> UpdateConfig(const configdb::Store& store, const configdb::ChangedRows& changed, Config& config) {
  Delta delta;
  const std::vector<Change> rows = InOrder(changed);
  for (auto at = rows.begin(); at != rows.end();) {
    const Place& place = *at->place;
    const auto end = std::find_if(at, rows.end(), [&](const Change& row) { return row.place != &place; });
    std::set<Key> values;
    for (; at != end; ++at) {
      delta.rows.insert({place.table->name, *at->key});
      SW_TRY(UpdateRow(store, place, *at->key, config, delta));
      if (place.subject->together != SubjectTable::kRow) values.insert(First(*at->key, place.subject->together));
    }
    if (place.subject->take == nullptr) continue;
    for (const Key& key : values) {
      const Result<std::vector<Row>> together = store.RowsUnder(place.table->name, key);
      if (!together.ok()) return together.status();
      place.subject->take(key, *together, config, delta);
    }
  }
  return delta;
}

Status ValidateConfig(const Config& config, const Delta& delta) {
  for (const configdb::ChangedRow& row : delta.rows)
    SW_TRY(config.references.Check(*Places().at(row.table).table, row.key));
  for (const Subject& subject : Subjects())
    if (subject.validate != nullptr) SW_TRY(subject.validate(config, delta));
  return {};
}

Result<dvpn::TunnelSettings> TunnelSettingsOf(const Config& config, const InterfaceConfig& tunnel) {
  return TunnelSettingsOf(config.dvpn, config.interfaces, config.system.sysname, tunnel);
}

}  // namespace sw::device
