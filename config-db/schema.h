// The table of tables: every configuration object, its key, its columns with type, range and secrecy, and the order
// in which it is printed. The SQL, the checks before it and the journal's masking all come from here.
//
// Names are ours. Ranges follow the commands that fill the columns (guide, MIB, or our choice: see the command's row).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::configdb {

inline constexpr std::int64_t kSchemaVersion = 1;

enum class Type : std::uint8_t { kInt, kText };

struct Column {
  std::string_view name;
  Type type = Type::kText;
  std::int64_t low = 0, high = 0;   // kInt: the value; kText: its length in bytes; both 0: unbounded
  std::string_view one_of = {};     // kText: the words allowed, separated by '|'
  bool required = false;            // NOT NULL; key columns always are
  bool secret = false;              // the journal shows *** for it
  std::string_view refers_to = {};  // the table that has what it names, by the first column of its key
};

struct Table {
  std::string_view name;
  std::size_t keys;  // the first so many columns are the primary key
  std::span<const Column> columns;
  std::string_view order_by;      // SQL; ADDRESS collates dotted addresses by number
  std::string_view parent = {};   // the table whose whole key is this table's first columns: rows go with it
  std::string_view factory = {};  // "(columns) VALUES (...)": the rows a new database starts with
  std::string_view index = {};    // columns that rows are looked up by besides the key
};

std::span<const Table> Tables();
const Table* FindTable(std::string_view name);
std::span<const std::string_view> ColumnNames(const Table& table);  // of a table in Tables()
const Column* FindColumn(const Table& table, std::string_view name);

std::string ColumnSql(const Column& column, bool key = false);  // a column's definition
std::string CreateSql(const Table& table);
// kBadValue with the reason when `value` must not stand in `column`.
Status CheckValue(const Table& table, const Column& column, const Value& value);

}  // namespace sw::configdb
