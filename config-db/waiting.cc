// The rows of a scratch on their way into SQLite.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "config-db/store_impl.h"

namespace sw::configdb {
void Store::Impl::LetWait() {
  waiting.resize(Tables().size());
  for (std::size_t i = 0; i < waiting.size(); ++i)
    if (Tables()[i].factory.empty() && !InOrderOfArrival(Tables()[i])) waiting[i] = std::make_unique<WaitingRows>();
}

Status Store::Impl::Settle(const Table& table) {
  if (!scratch) return {};
  if (!table.parent.empty()) SW_TRY(Settle(*FindTable(table.parent)));
  const std::unique_ptr<WaitingRows> taken = std::move(waiting[static_cast<std::size_t>(&table - Tables().data())]);
  if (taken == nullptr) return {};
  for (const auto& [key, behind_key] : taken->rows()) SW_TRY(InsertRow(table, key, behind_key).status());
  return {};
}

Result<bool> Store::Impl::Insert(const Table& table, const Key& key, std::vector<Value> behind_key) {
  if (WaitingRows* rows = WaitingOf(table)) return InsertWaiting(table, *rows, key, std::move(behind_key));
  SW_TRY(Settle(table));
  Result<bool> inserted = InsertRow(table, key, behind_key);
  if (inserted.ok() && *inserted) Remember(table, key, behind_key);
  return inserted;
}

Result<bool> Store::Impl::InsertWaiting(const Table& table, WaitingRows& rows, const Key& key,
                                        std::vector<Value> behind_key) {
  if (!table.parent.empty()) {
    const Table& parent = *FindTable(table.parent);
    const Result<std::optional<Row>> there =
        Find(parent, Key(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(parent.keys)));
    if (!there.ok()) return there.status();
    if (!*there) return Status(Code::kStorage, "FOREIGN KEY constraint failed");  // as SQLite says it
  }
  return rows.Add(key, std::move(behind_key));
}

Result<bool> Store::Impl::InsertRow(const Table& table, const Key& key, const std::vector<Value>& behind_key) {
  Statement& insert = StatementsOf(table).insert;
  if (!insert) {
    std::string places;
    for (std::size_t i = 0; i < table.columns.size(); ++i) places += i == 0 ? "?" : ", ?";
    SW_TRY(Prepare(insert, fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING", table.name,
                                       ColumnList(table), places)));
  }
  SW_TRY(BindKey(insert, 1, key));
  for (std::size_t i = 0; i < behind_key.size(); ++i)
    if (behind_key[i] != Value()) SW_TRY(insert.Bind(static_cast<int>(table.keys + i) + 1, behind_key[i]));
  SW_TRY(insert.Run());
  return db.changes() != 0;
}

}  // namespace sw::configdb
