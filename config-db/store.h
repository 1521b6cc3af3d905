// The configuration as rows: what the device is told to be. One SQLite database, one writer.
//
// An object is a row, a parameter a typed column with its range as a CHECK; NULL means default. Every change is
// made inside an Edit, which is one SQLite transaction: it commits as a whole, journalled with who, when and from
// where, or leaves no trace. Reads see the committed rows, or the Edit's own while one is open. One thread. Knows no
// protocol: tables and columns come from config-db/schema.h.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "hal/base/result.h"

namespace sw::configdb {

using Value = std::variant<std::monostate, std::int64_t, std::string>;  // NULL = default

class Row {
 public:
  std::optional<std::int64_t> Int(std::string_view column) const;  // nullopt: NULL
  std::optional<std::string> Text(std::string_view column) const;  // nullopt: NULL
  std::int64_t IntOr(std::string_view column, std::int64_t preset) const { return Int(column).value_or(preset); }
  std::string TextOr(std::string_view column, std::string_view preset) const {
    return Text(column).value_or(std::string(preset));
  }
  const Value& operator[](std::string_view column) const;

  std::span<const std::string_view> columns;  // names live in the schema
  std::vector<Value> values;
};

// Names one row: the values of the table's key columns, in the schema's order.
using Key = std::vector<Value>;
std::string TextOf(const Value& value);  // empty: NULL
std::string KeyText(const Key& key, std::string_view between = " ");

// A row that an Edit made, changed or removed.
struct ChangedRow {
  std::string_view table;  // lives in the schema
  Key key;
  friend auto operator<=>(const ChangedRow&, const ChangedRow&) = default;
};
using ChangedRows = std::vector<ChangedRow>;  // in the order of the changes; a row may stand there more than once

struct Origin {
  std::string who;   // user name, or "console"
  std::string from;  // "con0", "script FILE", "socket"
  std::string line;  // what was typed; secrets already masked
};

struct JournalEntry {
  std::int64_t commit = 0;  // one number per Edit
  std::string when;         // UTC, ISO 8601
  Origin origin;
  std::string action;  // insert, update, delete
  std::string table, key, column;
  std::string before, after;  // empty for NULL; secret columns read "***"
};

struct Assignment {
  std::string_view column;
  Value value;
};

class Store;

// The Store must neither move nor end while one is open.
class Edit {
 public:
  Edit(Edit&&) noexcept;
  Edit& operator=(Edit&&) = delete;
  ~Edit();  // rolls back what was not committed

  Result<bool> Ensure(std::string_view table, const Key& key);  // true: the row is new
  // As above; a new row starts with these values (columns that must not be NULL), one that exists keeps its own.
  Result<bool> Ensure(std::string_view table, const Key& key, const std::vector<Assignment>& first_values);
  // True: the value changed. kNotFound when there is no such row.
  Result<bool> Set(std::string_view table, const Key& key, std::string_view column, const Value& value);
  Result<bool> Remove(std::string_view table, const Key& key);  // true: there was one

  std::size_t changes() const;  // journal entries so far: 0 means nothing is different
  bool changed() const { return changes() != 0; }
  const ChangedRows& changed_rows() const;
  ChangedRows TakeNewRows();  // those changed since the last call
  Store& store();
  Status Commit();
  void Rollback();  // reads see the rows as they were; the Edit is closed

 private:
  friend class Store;
  struct Impl;
  explicit Edit(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Store {
 public:
  // ":memory:" for a device that forgets. kStorage with one clear line when the file is corrupt, read-only or of a
  // newer schema.
  static Result<Store> Open(const std::string& path);
  // In memory and without a journal: for what is only looked at.
  static Result<Store> OpenScratch();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  Result<Edit> Begin(Origin origin);  // kBusy while another Edit is open

  Result<std::vector<Row>> Rows(std::string_view table) const;  // in the order `display` prints them
  Result<std::optional<Row>> Find(std::string_view table, const Key& key) const;
  // The rows whose first key columns have these values, in the same order.
  Result<std::vector<Row>> RowsUnder(std::string_view table, const Key& first) const;

  // Of the rows whose first key columns have these values, the one with the highest next key column. `first` always has
  // the same length for one table.
  Result<std::optional<Row>> Last(std::string_view table, const Key& first) const;
  // One of those rows whose columns behind the key have these values, NULL where none is given.
  Result<std::optional<Row>> FindSame(std::string_view table, const Key& first,
                                      const std::vector<Assignment>& values) const;

  // The startup configuration: text as `save` wrote it, kept apart from the running rows.
  Status SaveStartup(std::string_view text, const Origin& origin);
  Result<std::optional<std::string>> Startup() const;
  Status RemoveStartup();

  Result<std::vector<JournalEntry>> Journal(std::size_t newest) const;  // newest last

  static Result<Store> CopyInMemory(const std::string& path);  // of a file that is only read

  struct Impl;  // for config-db's own files
  Impl& impl() const { return *impl_; }

 private:
  friend class Edit;
  static Result<Store> From(std::unique_ptr<Impl> impl);
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// For a device that must come up in any case: as Open, or, when the file cannot be used, a copy of it in memory, with
// as much of it as can be read: all, or the startup configuration, or nothing. The file is left as it is.
struct OpenedStore {
  Store store;
  std::string trouble;  // one line; empty: the file is in use
};
Result<OpenedStore> OpenOrMemory(const std::string& path);

}  // namespace sw::configdb
