#include "config-db/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unordered_map>
#include <vector>

#include "config-db/subjects.h"

namespace sw::configdb {
namespace {

// The subjects, in the order their tables are made: parents before what refers to them.
const std::vector<Table>& Joined() {
  static const std::vector<Table> tables = [] {
    std::vector<Table> out;
    for (const std::span<const Table> subject :
         {SystemTables(), AaaTables(), TerminalTables(), InterfaceTables(), RouteTables(), AclTables(), DvpnTables(),
          IpsecTables(), SnmpTables(), CardTables(), NatTables(), L2tpTables(), VrrpTables(), MetricsTables()}) {
      out.insert(out.end(), subject.begin(), subject.end());
    }
    return out;
  }();
  return tables;
}

std::string Check(const Column& column) {
  if (!column.one_of.empty()) {
    // Not IN (...): SQLite makes a table of a list of more than two words each time it looks.
    std::string words;
    for (std::size_t at = 0; at <= column.one_of.size();) {
      const std::size_t end = std::min(column.one_of.find('|', at), column.one_of.size());
      words += fmt::format("{}{} = '{}'", words.empty() ? "" : " OR ", column.name, column.one_of.substr(at, end - at));
      at = end + 1;
    }
    return fmt::format(" CHECK ({})", words);
  }
  if (column.low == 0 && column.high == 0) return {};
  const std::string measured =
      column.type == Type::kInt ? std::string(column.name) : fmt::format("length(CAST({} AS BLOB))", column.name);
  return fmt::format(" CHECK ({} BETWEEN {} AND {})", measured, column.low, column.high);
}

bool OneOf(std::string_view words, std::string_view word) {
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find('|', at), words.size());
    if (words.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

std::span<const Table> Tables() {
  return Joined();
}

const Table* FindTable(std::string_view name) {
  static const std::unordered_map<std::string_view, const Table*> by_name = [] {
    std::unordered_map<std::string_view, const Table*> out;
    for (const Table& table : Joined()) out.emplace(table.name, &table);
    return out;
  }();
  const auto it = by_name.find(name);
  return it == by_name.end() ? nullptr : it->second;
}

std::span<const std::string_view> ColumnNames(const Table& table) {
  static const std::vector<std::vector<std::string_view>> names = [] {
    std::vector<std::vector<std::string_view>> out;
    for (const Table& each : Joined()) {
      out.emplace_back();
      for (const Column& column : each.columns) out.back().push_back(column.name);
    }
    return out;
  }();
  return names[static_cast<std::size_t>(&table - Joined().data())];
}

const Column* FindColumn(const Table& table, std::string_view name) {
  auto it = std::ranges::find(table.columns, name, &Column::name);
  return it == table.columns.end() ? nullptr : &*it;
}

std::int64_t PresetOf(std::string_view table, std::string_view column) {
  const Table* found = FindTable(table);
  const Column* setting = found == nullptr ? nullptr : FindColumn(*found, column);
  if (setting == nullptr || !setting->preset) {
    std::fputs(fmt::format("{}.{} has no preset\n", table, column).c_str(), stderr);
    std::abort();
  }
  return *setting->preset;
}

std::string ShownKey(const Table& table, const Key& key) {
  Key shown = key;
  for (std::size_t i = 0; i < shown.size(); ++i)
    if (table.columns[i].secret) shown[i] = std::string(kMask);
  return KeyText(shown);
}

std::string_view OriginOf(const Table& table, const Column& column) {
  return column.origin.empty() ? table.origin : column.origin;
}

std::string ColumnSql(const Column& column, bool key) {
  return fmt::format("{} {}{}{}", column.name, column.type == Type::kInt ? "INTEGER" : "TEXT",
                     key || column.required ? " NOT NULL" : "", Check(column));
}

std::string CreateSql(const Table& table) {
  std::string body, key;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    const bool is_key = i < table.keys;
    body += ColumnSql(column, is_key) + ", ";
    if (is_key) key += fmt::format("{}{}", i == 0 ? "" : ", ", column.name);
  }
  body += fmt::format("PRIMARY KEY ({})", key);
  if (!table.parent.empty()) {
    const Table* parent = FindTable(table.parent);
    std::string names;
    for (const Column& column : table.columns.first(parent->keys)) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", column.name);
    }
    body += fmt::format(", FOREIGN KEY ({}) REFERENCES {}", names, table.parent);
  }
  return fmt::format("CREATE TABLE {} ({}) STRICT", table.name, body);
}

Status CheckValue(const Table& table, const Column& column, const Value& value) {
  auto bad = [&](std::string_view what) {
    return Status(Code::kBadValue, fmt::format("{}.{} {}", table.name, column.name, what));
  };
  if (std::holds_alternative<std::monostate>(value)) {
    const bool is_key = static_cast<std::size_t>(&column - table.columns.data()) < table.keys;
    return is_key || column.required ? bad("needs a value") : Status();
  }
  const bool bounded = column.low != 0 || column.high != 0;
  auto outside = [&](std::int64_t v) { return bounded && (v < column.low || v > column.high); };
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (column.type != Type::kInt) return bad("takes text");
    if (outside(*number)) return bad(fmt::format("must be {} to {}", column.low, column.high));
    return {};
  }
  const std::string& text = std::get<std::string>(value);
  if (column.type != Type::kText) return bad("takes a number");
  if (text.find('\0') != std::string::npos) return bad("must not hold a zero byte");
  if (!column.one_of.empty()) return OneOf(column.one_of, text) ? Status() : bad("does not know this word");
  if (outside(static_cast<std::int64_t>(text.size()))) {
    return bad(fmt::format("must be {} to {} bytes long", column.low, column.high));
  }
  return {};
}

}  // namespace sw::configdb
