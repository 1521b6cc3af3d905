#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config-db/store.h"
#include "config-db/store_impl.h"

namespace sw::configdb {
namespace {

std::size_t PlaceOf(const Table& table, const Column& column) {
  return static_cast<std::size_t>(&column - table.columns.data());
}

// What an Edit has done, as far as it takes to undo it.
struct Step {
  enum : std::uint8_t { kMade, kSet, kRemoved } what;
  const Table* table;
  std::vector<Value> values;  // the key; kRemoved: the row and its rowid
  const Column* column;       // kSet
  Value before;
};

}  // namespace

struct Edit::Impl {
  Impl(Store& owner, Origin from) : store(owner), db(*owner.impl_), origin(std::move(from)) {}

  Status Note(std::string_view action, const Table& table, const Key& key, const Column* column, const Value& before,
              const Value& after) {
    const bool noted = changed.size() > taken && changed.back().table == table.name && changed.back().key == key;
    if (!noted) changed.push_back({table.name, key});
    ++changes;
    return db.scratch ? Status() : Log(action, table, key, column, before, after);
  }

  Status Log(std::string_view action, const Table& table, const Key& key, const Column* column, const Value& before,
             const Value& after) {
    if (!logged) {
      SW_TRY(db.add_commit.Bind(1, std::string_view(origin.who)));
      SW_TRY(db.add_commit.Bind(2, std::string_view(origin.from)));
      SW_TRY(db.add_commit.Bind(3, std::string_view(origin.line)));
      SW_TRY(db.add_commit.Run());
      commit_number = db.db.last_row();
      logged = true;
    }
    const bool secret = column != nullptr && column->secret;
    auto shown = [secret](const Value& value) {
      return secret && !std::holds_alternative<std::monostate>(value) ? std::string(kMask) : TextOf(value);
    };
    const std::string key_text = ShownKey(table, key), was = shown(before), is = shown(after);
    SW_TRY(db.add_change.Bind(1, commit_number));
    SW_TRY(db.add_change.Bind(2, action));
    SW_TRY(db.add_change.Bind(3, table.name));
    SW_TRY(db.add_change.Bind(4, std::string_view(key_text)));
    SW_TRY(db.add_change.Bind(5, column == nullptr ? std::string_view() : column->name));
    SW_TRY(db.add_change.Bind(6, std::string_view(was)));
    SW_TRY(db.add_change.Bind(7, std::string_view(is)));
    SW_TRY(db.add_change.Run());
    return {};
  }

  // Rows that belong to this one go first, each with its own journal entries.
  Status RemoveChildren(const Table& table, const Key& key) {
    for (const Table& child : Tables()) {
      if (child.parent != table.name) continue;
      Result<std::vector<Row>> rows = db.Under(child, key);
      if (!rows.ok()) return rows.status();
      for (Row& row : *rows) {
        row.values.resize(child.keys);
        const Result<bool> removed = Remove(child, row.values);
        if (!removed.ok()) return removed.status();
      }
    }
    return {};
  }

  Result<bool> Remove(const Table& table, const Key& key) {
    SW_TRY(db.Settle(table));
    const Result<std::optional<Row>> row = db.Find(table, key);
    if (!row.ok()) return row.status();
    if (!*row) return false;
    SW_TRY(RemoveChildren(table, key));
    for (std::size_t i = table.keys; i < table.columns.size(); ++i) {
      const Value& value = (*row)->values[i];
      if (std::holds_alternative<std::monostate>(value)) continue;
      SW_TRY(Note("delete", table, key, &table.columns[i], value, {}));
    }
    SW_TRY(Note("delete", table, key, nullptr, {}, {}));
    if (db.scratch) SW_TRY(RememberRow(table, key, std::move((*row)->values)));
    SW_TRY(DeleteRow(table, key));
    return true;
  }

  Status DeleteRow(const Table& table, const Key& key) {
    if (WaitingRows* rows = db.WaitingOf(table)) {
      rows->Remove(key);
      return {};
    }
    db.Forget();
    Statement& remove = db.StatementsOf(table).remove;
    if (!remove) SW_TRY(db.Prepare(remove, fmt::format("DELETE FROM {} WHERE {}", table.name, KeyCondition(table))));
    SW_TRY(BindKey(remove, 1, key));
    return remove.Run();
  }

  // What a column holds now; kNotFound: there is no such row.
  Result<Value> ReadColumn(const Table& table, const Key& key, const Column& column) {
    if (WaitingRows* rows = db.WaitingOf(table)) {
      const auto at = PlaceOf(table, column) - table.keys;
      if (const WaitingRows::Values* row = rows->Find(key); row != nullptr)
        return at < row->size() ? (*row)[at] : Value();
    } else {
      Statement& read = db.ColumnStatement(&TableStatements::read, table, column);
      if (!read) {
        SW_TRY(
            db.Prepare(read, fmt::format("SELECT {} FROM {} WHERE {}", column.name, table.name, KeyCondition(table))));
      }
      SW_TRY(BindKey(read, 1, key));
      const Result<bool> exists = read.Step();
      if (!exists.ok()) return exists.status();
      const Value value = *exists ? read.Column(0) : Value();
      read.Reset();
      if (*exists) return value;
    }
    return Status(Code::kNotFound, fmt::format("no {} {}", table.name, KeyText(key)));
  }

  Status WriteColumn(const Table& table, const Key& key, const Column& column, const Value& value) {
    if (WaitingRows* rows = db.WaitingOf(table)) {
      WaitingRows::Values& behind_key = *rows->Find(key);
      const auto at = PlaceOf(table, column) - table.keys;
      behind_key.resize(std::max(behind_key.size(), at + 1));
      behind_key[at] = value;
      return {};
    }
    db.Forget();
    Statement& write = db.ColumnStatement(&TableStatements::write, table, column);
    if (!write) {
      SW_TRY(db.Prepare(write,
                        fmt::format("UPDATE {} SET {} = ? WHERE {}", table.name, column.name, KeyCondition(table))));
    }
    SW_TRY(write.Bind(1, value));
    SW_TRY(BindKey(write, 2, key));
    return write.Run();
  }

  Status RememberRow(const Table& table, const Key& key, std::vector<Value> values) {
    Statement& row_id = db.StatementsOf(table).row_id;
    if (!row_id) {
      SW_TRY(db.Prepare(row_id, fmt::format("SELECT rowid FROM {} WHERE {}", table.name, KeyCondition(table))));
    }
    SW_TRY(BindKey(row_id, 1, key));
    SW_TRY(row_id.Step().status());
    values.push_back(row_id.Column(0));
    row_id.Reset();
    steps.push_back({Step::kRemoved, &table, std::move(values), nullptr, {}});
    return {};
  }

  // With the rowid it had: some tables are printed in that order.
  Status RestoreRow(const Table& table, const std::vector<Value>& values) {
    db.Forget();
    Statement& restore = db.StatementsOf(table).restore;
    if (!restore) {
      std::string places;
      for (std::size_t i = 0; i < table.columns.size(); ++i) places += "?, ";
      SW_TRY(db.Prepare(restore,
                        fmt::format("INSERT INTO {} ({}, rowid) VALUES ({}?)", table.name, ColumnList(table), places)));
    }
    SW_TRY(BindKey(restore, 1, values));
    return restore.Run();
  }

  Status TakeBack() {
    for (; !steps.empty(); steps.pop_back()) {
      const Step& step = steps.back();
      SW_TRY(step.what == Step::kMade      ? DeleteRow(*step.table, step.values)
             : step.what == Step::kRemoved ? RestoreRow(*step.table, step.values)
                                           : WriteColumn(*step.table, step.values, *step.column, step.before));
    }
    return {};
  }

  Store& store;  // as the caller knows it; must not move while an Edit is open
  Store::Impl& db;
  Origin origin;
  ChangedRows changed;
  std::size_t changes = 0, taken = 0;
  std::vector<Step> steps;  // of a scratch's Edit
  std::int64_t commit_number = 0;
  bool logged = false, open = true;
};

Result<Edit> Store::Begin(Origin origin) {
  if (impl_->editing) return Status(Code::kBusy, "another change of the configuration is not finished");
  if (!impl_->scratch) SW_TRY(impl_->begin.Run());
  impl_->editing = true;
  return Edit(std::make_unique<Edit::Impl>(*this, std::move(origin)));
}

Edit::Edit(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Edit::Edit(Edit&&) noexcept = default;
Edit::~Edit() {
  if (impl_ != nullptr) Rollback();
}
void Edit::Rollback() {
  if (!impl_->open) return;
  // Fails only when SQLite has rolled back by itself.
  (void)(impl_->db.scratch ? impl_->TakeBack() : impl_->db.rollback.Run());
  impl_->open = impl_->db.editing = false;
  impl_->db.Forget();
}

std::size_t Edit::changes() const {
  return impl_->changes;
}
const ChangedRows& Edit::changed_rows() const {
  return impl_->changed;
}
ChangedRows Edit::TakeNewRows() {
  const auto first = impl_->changed.begin() + static_cast<std::ptrdiff_t>(impl_->taken);
  impl_->taken = impl_->changed.size();
  return {first, impl_->changed.end()};
}
Store& Edit::store() {
  return impl_->store;
}

Result<bool> Edit::Ensure(std::string_view name, const Key& key) {
  return Ensure(name, key, {});
}

Result<bool> Edit::Ensure(std::string_view name, const Key& key, const std::vector<Assignment>& first_values) {
  const Result<const Table*> found = impl_->db.TableOf(name);
  if (!found.ok()) return found.status();
  const Table& table = **found;
  SW_TRY(impl_->db.CheckKey(table, key));
  const auto given = [&](const Column& column) {
    return std::ranges::find(first_values, column.name, &Assignment::column) != first_values.end();
  };
  for (const Column& column : table.columns.subspan(table.keys))
    if (column.required && !given(column)) SW_TRY(CheckValue(table, column, {}));
  std::vector<const Column*> columns;
  columns.reserve(first_values.size());
  std::size_t end = table.keys;
  for (const Assignment& assignment : first_values) {
    const Column* column = FindColumn(table, assignment.column);
    if (column == nullptr) return Status(Code::kNotFound, fmt::format("no column {}.{}", name, assignment.column));
    SW_TRY(CheckValue(table, *column, assignment.value));
    columns.push_back(column);
    end = std::max(end, PlaceOf(table, *column) + 1);
  }
  std::vector<Value> behind_key(end - table.keys);
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (const std::size_t place = PlaceOf(table, *columns[i]); place >= table.keys)
      behind_key[place - table.keys] = first_values[i].value;
  Result<bool> made = impl_->db.Insert(table, key, std::move(behind_key));
  if (!made.ok() || !*made) return made;
  if (impl_->db.scratch) impl_->steps.push_back({Step::kMade, &table, key, nullptr, {}});
  SW_TRY(impl_->Note("insert", table, key, nullptr, {}, {}));
  for (std::size_t i = 0; i < columns.size(); ++i)
    SW_TRY(impl_->Note("insert", table, key, columns[i], {}, first_values[i].value));
  return true;
}

Result<bool> Edit::Set(std::string_view name, const Key& key, std::string_view column_name, const Value& value) {
  const Result<const Table*> found = impl_->db.TableOf(name);
  if (!found.ok()) return found.status();
  const Table& table = **found;
  const Column* column = FindColumn(table, column_name);
  if (column == nullptr) return Status(Code::kNotFound, fmt::format("no column {}.{}", name, column_name));
  SW_TRY(impl_->db.CheckKey(table, key));
  SW_TRY(CheckValue(table, *column, value));

  if (PlaceOf(table, *column) < table.keys)
    return Status(Code::kBadValue, fmt::format("{}.{} is a key", name, column_name));
  const Result<Value> before = impl_->ReadColumn(table, key, *column);
  if (!before.ok()) return before.status();
  if (*before == value) return false;
  if (impl_->db.scratch) impl_->steps.push_back({Step::kSet, &table, key, column, *before});
  SW_TRY(impl_->WriteColumn(table, key, *column, value));
  SW_TRY(impl_->Note("update", table, key, column, *before, value));
  return true;
}

Result<bool> Edit::Remove(std::string_view name, const Key& key) {
  const Result<const Table*> table = impl_->db.TableOf(name);
  if (!table.ok()) return table.status();
  return impl_->Remove(**table, key);
}

Status Edit::Commit() {
  if (!impl_->open) return {Code::kStorage, "this edit is closed"};
  if (!impl_->db.scratch) SW_TRY(impl_->db.commit.Run());  // on failure the destructor rolls back
  impl_->open = false;
  impl_->db.editing = false;
  impl_->db.Forget();
  return {};
}

}  // namespace sw::configdb
