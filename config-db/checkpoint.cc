#include "config-db/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "config-db/schema.h"
#include "config-db/store_impl.h"

namespace sw::configdb {
namespace {

Status RunWith(Database& db, std::string_view sql, const std::vector<Value>& values) {
  Result<Statement> statement = db.Prepare(sql);
  if (!statement.ok()) return statement.status();
  for (std::size_t i = 0; i < values.size(); ++i) SW_TRY(statement->Bind(static_cast<int>(i) + 1, values[i]));
  return statement->Run();
}

template <typename Visit>  // (const Statement&)
Status EachRowOf(Database& db, std::string_view sql, const std::vector<Value>& values, Visit visit) {
  Result<Statement> statement = db.Prepare(sql);
  if (!statement.ok()) return statement.status();
  for (std::size_t i = 0; i < values.size(); ++i) SW_TRY(statement->Bind(static_cast<int>(i) + 1, values[i]));
  for (;;) {
    const Result<bool> step = statement->Step();
    if (!step.ok()) return step.status();
    if (!*step) return {};
    visit(*statement);
  }
}

Status Exists(Database& db, std::string_view name) {
  bool found = false;
  SW_TRY(EachRowOf(db, "SELECT 1 FROM checkpoint WHERE name = ?", {std::string(name)},
                   [&](const Statement&) { found = true; }));
  return found ? Status() : Status(Code::kNotFound, fmt::format("There is no checkpoint {}", name));
}

Result<std::vector<Row>> RowsOf(Database& db, std::string_view name, const Table& table) {
  std::string fields;
  for (const Column& column : table.columns) {
    fields += fmt::format("{}json_extract(content, '$.{}')", fields.empty() ? "" : ", ", column.name);
  }
  std::vector<Row> rows;
  SW_TRY(EachRowOf(db,
                   fmt::format("SELECT {} FROM checkpoint_row WHERE checkpoint = ? AND object = ? ORDER BY id", fields),
                   {std::string(name), std::string(table.name)},
                   [&](const Statement& row) { rows.push_back(Store::Impl::ReadRow(table, row)); }));
  return rows;
}

Key KeyOf(const Table& table, const Row& row) {
  return {row.values.begin(), row.values.begin() + static_cast<std::ptrdiff_t>(table.keys)};
}

Status Write(Edit& edit, const Table& table, const Row& row) {
  const Key key = KeyOf(table, row);
  std::vector<Assignment> values;
  for (std::size_t i = table.keys; i < table.columns.size(); ++i) {
    if (row.values[i] != Value()) values.push_back({table.columns[i].name, row.values[i]});
  }
  SW_TRY(edit.Ensure(table.name, key, values).status());
  for (std::size_t i = table.keys; i < table.columns.size(); ++i) {
    SW_TRY(edit.Set(table.name, key, table.columns[i].name, row.values[i]).status());
  }
  return {};
}

Status RestoreTable(Edit& edit, const Table& table, const std::vector<Row>& wanted) {
  const Result<std::vector<Row>> present = edit.store().Rows(table.name);
  if (!present.ok()) return present.status();
  std::map<Key, const Row*> now;
  for (const Row& row : *present) now.emplace(KeyOf(table, row), &row);
  if (InOrderOfArrival(table)) {  // they must come in again from the first difference on
    const auto same = [](const Row& a, const Row& b) { return a.values == b.values; };
    const auto differs = std::mismatch(present->begin(), present->end(), wanted.begin(), wanted.end(), same).first;
    for (auto it = differs; it != present->end(); ++it) {
      SW_TRY(edit.Remove(table.name, KeyOf(table, *it)).status());
      now.erase(KeyOf(table, *it));
    }
  }
  for (const Row& row : wanted) {
    const auto it = now.find(KeyOf(table, row));
    if (it == now.end() || it->second->values != row.values) SW_TRY(Write(edit, table, row));
  }
  return {};
}

Status RemoveOthers(Edit& edit, const Table& table, const std::vector<Row>& wanted) {
  std::set<Key> keep;
  for (const Row& row : wanted) keep.insert(KeyOf(table, row));
  const Result<std::vector<Row>> present = edit.store().Rows(table.name);
  if (!present.ok()) return present.status();
  for (const Row& row : *present) {
    if (!keep.contains(KeyOf(table, row))) SW_TRY(edit.Remove(table.name, KeyOf(table, row)).status());
  }
  return {};
}

// `rows_of` gives the rows a table is to have.
template <typename RowsOfTable>
Status RestoreAll(Edit& edit, RowsOfTable rows_of) {
  std::vector<std::vector<Row>> wanted;
  for (const Table& table : Tables()) {
    Result<std::vector<Row>> rows = rows_of(table);
    if (!rows.ok()) return rows.status();
    wanted.push_back(std::move(*rows));
  }
  // Children stand behind their parents in Tables(): away from the back, in again from the front.
  for (std::size_t i = wanted.size(); i-- > 0;) SW_TRY(RemoveOthers(edit, Tables()[i], wanted[i]));
  for (std::size_t i = 0; i < wanted.size(); ++i) SW_TRY(RestoreTable(edit, Tables()[i], wanted[i]));
  return {};
}

Status Restore(Edit& edit, Database& from, std::string_view name) {
  SW_TRY(Exists(from, name));
  return RestoreAll(edit, [&](const Table& table) { return RowsOf(from, name, table); });
}

}  // namespace

Status SaveCheckpoint(Store& store, std::string_view name, const Origin& origin) {
  Store::Impl& impl = store.impl();
  if (impl.editing) return {Code::kBusy, "another change of the configuration is not finished"};
  SW_TRY(impl.begin.Run());
  const auto fill = [&]() -> Status {
    SW_TRY(RunWith(impl.db, "DELETE FROM checkpoint_row WHERE checkpoint = ?", {std::string(name)}));
    SW_TRY(
        RunWith(impl.db,
                "INSERT OR REPLACE INTO checkpoint (name, at, who, origin, commit_number) VALUES (?, "
                "strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?, ?, (SELECT coalesce(max(number), 0) FROM journal_commit))",
                {std::string(name), origin.who, origin.from}));
    for (const Table& table : Tables()) {
      std::string fields;
      for (const Column& column : table.columns) {
        fields += fmt::format("{}'{}', {}", fields.empty() ? "" : ", ", column.name, column.name);
      }
      SW_TRY(RunWith(impl.db,
                     fmt::format("INSERT INTO checkpoint_row (checkpoint, object, content) "
                                 "SELECT ?, ?, json_object({}) FROM {} ORDER BY {}",
                                 fields, table.name, table.order_by),
                     {std::string(name), std::string(table.name)}));
    }
    return impl.commit.Run();
  };
  Status done = fill();
  if (!done.ok()) (void)impl.rollback.Run();
  return done;
}

Status RemoveCheckpoint(Store& store, std::string_view name) {
  Database& db = store.impl().db;
  SW_TRY(Exists(db, name));
  return RunWith(db, "DELETE FROM checkpoint WHERE name = ?", {std::string(name)});
}

Result<std::vector<CheckpointInfo>> Checkpoints(const Store& store) {
  std::vector<CheckpointInfo> out;
  SW_TRY(EachRowOf(store.impl().db, "SELECT name, at, who, origin, commit_number FROM checkpoint ORDER BY rowid", {},
                   [&](const Statement& row) {
                     out.push_back({row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Int(4)});
                   }));
  return out;
}

Status RestoreCheckpoint(Edit& edit, std::string_view name) {
  return Restore(edit, edit.store().impl().db, name);
}

Status RestoreFrom(Edit& edit, const Store& store) {
  return RestoreAll(edit, [&](const Table& table) { return store.Rows(table.name); });
}

Result<Store> OpenCheckpoint(const Store& store, std::string_view name) {
  Result<Store> copy = Store::OpenScratch();
  if (!copy.ok()) return copy;
  Result<Edit> edit = copy->Begin({});
  if (!edit.ok()) return edit.status();
  SW_TRY(Restore(*edit, store.impl().db, name));
  SW_TRY(edit->Commit());
  return copy;
}

Status SetPendingRollback(Store& store, const std::optional<PendingRollback>& pending) {
  Database& db = store.impl().db;
  if (!pending) return RunWith(db, "DELETE FROM pending_rollback", {});
  return RunWith(db, "INSERT OR REPLACE INTO pending_rollback (id, checkpoint, at) VALUES (1, ?, ?)",
                 {pending->checkpoint, pending->at});
}

Result<std::optional<PendingRollback>> GetPendingRollback(const Store& store) {
  std::optional<PendingRollback> out;
  SW_TRY(EachRowOf(store.impl().db, "SELECT checkpoint, at FROM pending_rollback", {}, [&](const Statement& row) {
    out = {row.Text(0), row.Int(1)};
  }));
  return out;
}

Result<LastChanges> GetLastChanges(const Store& store) {
  LastChanges out;
  SW_TRY(EachRowOf(store.impl().db,
                   "SELECT j.object, j.key, j.parameter, c.number, c.at, c.who, c.origin FROM (SELECT object, key, "
                   "parameter, max(commit_number) AS newest FROM journal_change GROUP BY object, key, parameter) j "
                   "JOIN journal_commit c ON c.number = j.newest",
                   {}, [&](const Statement& row) {
                     out[{row.Text(0), row.Text(1), row.Text(2)}] = {row.Int(3), row.Text(4), row.Text(5), row.Text(6)};
                   }));
  return out;
}

}  // namespace sw::configdb
