// The inside of the Store, shared by store.cc, edit.cc and waiting.cc: the connection, its prepared statements, and the
// rows that SQLite has not been given yet.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config-db/schema.h"
#include "config-db/sqlite.h"
#include "config-db/store.h"
#include "config-db/waiting_rows.h"

namespace sw::configdb {

std::string KeyCondition(const Table& table, std::size_t keys);  // "a = ? AND b = ?" of the first so many columns
inline std::string KeyCondition(const Table& table) {
  return KeyCondition(table, table.keys);
}
std::string ColumnList(const Table& table);  // "a, b, c"

inline bool InOrderOfArrival(const Table& table) {  // its rows are printed in the order in which they came
  return table.order_by.find("rowid") != std::string_view::npos;
}

inline Status BindKey(Statement& statement, int first, const Key& key) {
  for (const Value& value : key) SW_TRY(statement.Bind(first++, value));
  return {};
}

// Prepared on first use, then kept.
struct TableStatements {
  Statement find, last, same, list, insert, remove, row_id, restore;
  std::vector<Statement> under;        // per number of key columns given
  std::vector<Statement> read, write;  // per column
};

struct Store::Impl {
  explicit Impl(Database database) : db(std::move(database)), statements(Tables().size()) {}

  Result<const Table*> TableOf(std::string_view name) const {
    const Table* table = FindTable(name);
    if (table == nullptr) return Status(Code::kNotFound, "no table " + std::string(name));
    return table;
  }
  TableStatements& StatementsOf(const Table& table) {
    return statements[static_cast<std::size_t>(&table - Tables().data())];
  }
  Statement& ColumnStatement(std::vector<Statement> TableStatements::*kind, const Table& table, const Column& column) {
    std::vector<Statement>& prepared = StatementsOf(table).*kind;
    prepared.resize(table.columns.size());
    return prepared[static_cast<std::size_t>(&column - table.columns.data())];
  }
  Status Prepare(Statement& statement, std::string_view sql) {
    Result<Statement> prepared = db.Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    statement = std::move(*prepared);
    return {};
  }
  static Row ReadRow(const Table& table, const Statement& statement) {
    Row row;
    row.columns = ColumnNames(table);
    row.values.reserve(table.columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) row.values.push_back(statement.Column(static_cast<int>(i)));
    return row;
  }
  Status CheckKey(const Table& table, const Key& key) const {
    if (key.size() != table.keys)
      return {Code::kBadValue, std::string(table.name) + " takes " + std::to_string(table.keys) + " key values"};
    for (std::size_t i = 0; i < table.keys; ++i) SW_TRY(CheckValue(table, table.columns[i], key[i]));
    return {};
  }

  static Row RowOf(const Table& table, const Key& key, const std::vector<Value>& behind_key) {
    Row row;
    row.columns = ColumnNames(table);
    row.values.reserve(table.columns.size());
    row.values = key;
    row.values.insert(row.values.end(), behind_key.begin(), behind_key.end());
    row.values.resize(table.columns.size());
    return row;
  }

  // What an Edit has just made is known without asking: most edits make one row, and then it is looked at.
  void Remember(const Table& table, const Key& key, const std::vector<Value>& behind_key) {
    made_in = &table;
    made = RowOf(table, key, behind_key);
  }
  void Forget() { made_in = nullptr; }
  bool Remembers(const Table& table, const Key& key) const {
    return made_in == &table && std::equal(key.begin(), key.end(), made.values.begin());
  }

  // A scratch keeps the rows of a table to itself until somebody asks for more than the row of a key, or removes one:
  // most scripts are checked without that. What is printed in order of arrival, or made by the factory, never waits.
  void LetWait();
  WaitingRows* WaitingOf(const Table& table) {  // null: SQLite has the table's rows
    return scratch ? waiting[static_cast<std::size_t>(&table - Tables().data())].get() : nullptr;
  }
  Status Settle(const Table& table);  // gives SQLite the rows of the table and of those it belongs to, for good
  // False: there is such a row. `behind_key`: the values of the next columns; of the rest, NULL.
  Result<bool> Insert(const Table& table, const Key& key, std::vector<Value> behind_key);
  Result<bool> InsertWaiting(const Table& table, WaitingRows& rows, const Key& key, std::vector<Value> behind_key);
  Result<bool> InsertRow(const Table& table, const Key& key, const std::vector<Value>& behind_key);

  Result<std::optional<Row>> Find(const Table& table, const Key& key) {
    SW_TRY(CheckKey(table, key));
    if (WaitingRows* rows = WaitingOf(table)) {
      const WaitingRows::Values* found = rows->Find(key);
      return found == nullptr ? std::nullopt : std::optional(RowOf(table, key, *found));
    }
    if (Remembers(table, key)) return std::optional(made);
    Statement& find = StatementsOf(table).find;
    if (!find) {
      SW_TRY(Prepare(
          find, "SELECT " + ColumnList(table) + " FROM " + std::string(table.name) + " WHERE " + KeyCondition(table)));
    }
    SW_TRY(BindKey(find, 1, key));
    const Result<bool> step = find.Step();
    if (!step.ok()) return step.status();
    std::optional<Row> row;
    if (*step) row = ReadRow(table, find);
    find.Reset();
    return row;
  }

  // The row that a prepared question answers with, if any.
  Result<std::optional<Row>> One(const Table& table, Statement& question, const Key& values) {
    SW_TRY(Settle(table));
    SW_TRY(BindKey(question, 1, values));
    const Result<bool> step = question.Step();
    if (!step.ok()) return step.status();
    std::optional<Row> row;
    if (*step) row = ReadRow(table, question);
    question.Reset();
    return row;
  }

  Result<std::vector<Row>> Under(const Table& table, const Key& first) {
    if (first.size() > table.keys) return Status(Code::kBadValue, std::string(table.name) + " has fewer key columns");
    if (const WaitingRows* rows = WaitingOf(table); rows != nullptr && rows->rows().empty()) return std::vector<Row>();
    std::vector<Statement>& prepared = StatementsOf(table).under;
    SW_TRY(Settle(table));
    prepared.resize(table.keys + 1);
    Statement& list = prepared[first.size()];
    if (!list) {
      const std::string where = first.empty() ? "" : " WHERE " + KeyCondition(table, first.size());
      SW_TRY(Prepare(list, "SELECT " + ColumnList(table) + " FROM " + std::string(table.name) + where + " ORDER BY " +
                               std::string(table.order_by)));
    }
    SW_TRY(BindKey(list, 1, first));
    std::vector<Row> rows;
    for (;;) {
      const Result<bool> step = list.Step();
      if (!step.ok()) return step.status();
      if (!*step) break;
      rows.push_back(ReadRow(table, list));
    }
    list.Reset();
    return rows;
  }

  Database db;
  std::vector<TableStatements> statements;
  Statement begin, commit, rollback, add_commit, add_change;
  const Table* made_in = nullptr;  // null: there is none; otherwise the table of `made`
  Row made;                        // the last row that the open Edit made, unless something has changed since
  bool editing = false;
  bool scratch = false;                               // see OpenScratch
  std::vector<std::unique_ptr<WaitingRows>> waiting;  // of a scratch, by table; null: SQLite has them
};

}  // namespace sw::configdb
