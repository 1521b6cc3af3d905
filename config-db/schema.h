// The table of tables: every configuration object, its key, its columns with type, range and secrecy, and the order
// in which it is printed. The SQL, the checks before it and the journal's masking all come from here.
//
// Names are ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::configdb {

inline constexpr std::int64_t kSchemaVersion = 1;

enum class Type : std::uint8_t { kInt, kText };
// How text is written, which is also how the terminal takes it: a word, the rest of the line, X.X.X.X, H-H-H, HHHH,
// HH:MM:SS, HH:MM, YYYY/MM/DD.
enum class Shape : std::uint8_t { kWord, kLine, kAddress, kMac, kHex, kTime, kHourMinute, kDate };

// A setting. All that is known of it stands here and nowhere else: its CHECK, what a form takes, what `?` and the
// manual say of it, and the value that the engines are given when it is not set.
struct Column {
  std::string_view name;
  Type type = Type::kText;
  std::int64_t low = 0, high = 0;           // kInt: the value; kText: its length in bytes; both 0: unbounded
  std::string_view one_of = {};             // kText: the words allowed, separated by '|'
  bool required = false;                    // NOT NULL; key columns always are
  bool secret = false;                      // the journal shows *** for it
  Shape shape = Shape::kWord;               // kText
  std::int64_t longest_plain = 0;           // secrets that may be concealed: in bytes; `high` is that of concealed text
  std::optional<std::int64_t> preset = {};  // what NULL means
  std::string_view preset_words = {};       // the same, where it is no number: "that of the interface"
  bool keeps_preset = false;                // a preset that is typed is stored, for its line tells more than it
  std::string_view unit = {};               // what it counts or is, as a noun: "seconds", "port"
  std::string_view origin = {};             // where range and preset are from; empty: the table's
  std::string_view refers_to = {};          // the table that has what it names, by the first column of its key
};

struct Table {
  std::string_view name;
  std::size_t keys;  // the first so many columns are the primary key
  std::span<const Column> columns;
  std::string_view order_by;      // SQL; ADDRESS collates dotted addresses by number
  std::string_view parent = {};   // the table whose whole key is this table's first columns: rows go with it
  std::string_view factory = {};  // "(columns) VALUES (...)": the rows a new database starts with
  std::string_view index = {};    // columns that rows are looked up by besides the key
  std::string_view origin = {};   // where ranges and presets of its columns are from
};

std::span<const Table> Tables();
const Table* FindTable(std::string_view name);
std::span<const std::string_view> ColumnNames(const Table& table);  // of a table in Tables()
const Column* FindColumn(const Table& table, std::string_view name);

// What the engines use when the setting is NULL. Ends the program when there is no such setting or it has no preset.
std::int64_t PresetOf(std::string_view table, std::string_view column);
template <typename Number = int>
Number Preset(std::string_view table, std::string_view column) {
  return static_cast<Number>(PresetOf(table, column));
}
std::string_view OriginOf(const Table& table, const Column& column);

// The key as others may read it: secret parts are masked.
std::string ShownKey(const Table& table, const Key& key);
inline constexpr std::string_view kMask = "***";

std::string ColumnSql(const Column& column, bool key = false);  // a column's definition
std::string CreateSql(const Table& table);
// kBadValue with the reason when `value` must not stand in `column`.
Status CheckValue(const Table& table, const Column& column, const Value& value);

}  // namespace sw::configdb
