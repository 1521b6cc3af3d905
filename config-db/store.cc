#include "config-db/store.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

#include "config-db/readable.h"
#include "config-db/schema.h"
#include "config-db/sqlite.h"
#include "config-db/store_impl.h"

namespace sw::configdb {
namespace {

// One row of `journal_commit` per Edit, one of `journal_change` per column changed.
constexpr const char* kFixedTables = R"sql(
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS startup (id INTEGER PRIMARY KEY CHECK (id = 1), text TEXT NOT NULL, at TEXT NOT NULL,
  who TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS journal_commit (number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, origin TEXT NOT NULL,
  line TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS journal_change (id INTEGER PRIMARY KEY, commit_number INTEGER NOT NULL REFERENCES journal_commit,
  action TEXT NOT NULL, object TEXT NOT NULL, key TEXT NOT NULL, parameter TEXT NOT NULL, before TEXT NOT NULL,
  after TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint (name TEXT PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, origin TEXT NOT NULL,
  commit_number INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint_row (id INTEGER PRIMARY KEY,
  checkpoint TEXT NOT NULL REFERENCES checkpoint ON DELETE CASCADE, object TEXT NOT NULL, content TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS checkpoint_rows ON checkpoint_row (checkpoint, object);
CREATE TABLE IF NOT EXISTS pending_rollback (id INTEGER PRIMARY KEY CHECK (id = 1), checkpoint TEXT NOT NULL,
  at INTEGER NOT NULL) STRICT;
)sql";

}  // namespace

std::string KeyCondition(const Table& table, std::size_t keys) {
  std::string sql;
  for (std::size_t i = 0; i < keys; ++i) {
    sql += fmt::format("{}{} = ?", i == 0 ? "" : " AND ", table.columns[i].name);
  }
  return sql;
}

std::string ColumnList(const Table& table) {
  std::string sql;
  for (const Column& column : table.columns) sql += fmt::format("{}{}", sql.empty() ? "" : ", ", column.name);
  return sql;
}

std::string TextOf(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return {};
}

std::string KeyText(const Key& key, std::string_view between) {
  std::string out;
  for (const Value& part : key) {
    if (!out.empty()) out += between;
    out += TextOf(part);
  }
  return out;
}

const Value& Row::operator[](std::string_view column) const {
  static constexpr Value kNull;
  const auto it = std::ranges::find(columns, column);
  return it == columns.end() ? kNull : values[static_cast<std::size_t>(it - columns.begin())];
}
std::optional<std::int64_t> Row::Int(std::string_view column) const {
  const auto* number = std::get_if<std::int64_t>(&(*this)[column]);
  return number == nullptr ? std::nullopt : std::optional(*number);
}
std::optional<std::string> Row::Text(std::string_view column) const {
  const auto* text = std::get_if<std::string>(&(*this)[column]);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

namespace {

std::string NewTableSql(const Table& table) {
  std::string sql = CreateSql(table) + ";\n";
  if (!table.index.empty()) sql += fmt::format("CREATE INDEX {0}_index ON {0} ({1});\n", table.name, table.index);
  if (!table.factory.empty()) sql += fmt::format("INSERT INTO {} {};\n", table.name, table.factory);
  return sql;
}

Status CreateTables(Database& db) {
  SW_TRY(db.Run("BEGIN IMMEDIATE"));
  std::string sql = kFixedTables;
  for (const Table& table : Tables()) sql += NewTableSql(table);
  sql += fmt::format("INSERT INTO meta VALUES ('schema', '{}');\nCOMMIT;", kSchemaVersion);
  return db.Run(sql);
}

// The table as it should be, with what the old one holds. A column that this program does not know came with a newer
// one: nothing is touched then.
Result<std::string> RebuildSql(Database& db, const Table& table) {
  const Result<std::string> names =
      db.Ask(fmt::format("SELECT group_concat(name, ' ') FROM pragma_table_info('{}')", table.name));
  if (!names.ok()) return names.status();
  std::string kept;
  std::istringstream words(*names);
  for (std::string name; words >> name;) {
    if (FindColumn(table, name) == nullptr) {
      return Status(Code::kStorage, fmt::format("its {}.{} is of a newer program", table.name, name));
    }
    kept += (kept.empty() ? "" : ", ") + name;
  }
  std::string create = CreateSql(table);
  create.replace(create.find(table.name), table.name.size(), "rebuilt");
  return fmt::format(
      "{};\nINSERT INTO rebuilt ({}) SELECT {} FROM {} ORDER BY rowid;\nDROP TABLE {};\n"
      "ALTER TABLE rebuilt RENAME TO {};\n",
      create, kept, kept, table.name, table.name, table.name);
}

// Gives a database of an earlier program the tables, columns and ranges that came since; its rows stay as they are.
// What changes the meaning of a column needs a new schema version instead.
Status BringUpToDate(Database& db) {
  std::string sql;
  for (const Table& table : Tables()) {
    Result<std::string> stored =
        db.Ask(fmt::format("SELECT replace(sql, '\"', '') FROM sqlite_schema WHERE name = '{}'", table.name));
    if (!stored.ok()) return stored.status();
    if (*stored == CreateSql(table)) continue;
    Result<std::string> step = stored->empty() ? Result<std::string>(NewTableSql(table)) : RebuildSql(db, table);
    if (!step.ok()) return step.status();
    sql += *step;
  }
  const Result<std::string> newest =
      db.Ask("SELECT count(*) FROM sqlite_schema WHERE name IN ('checkpoint_rows', 'pending_rollback')");
  if (!newest.ok()) return newest.status();
  if (*newest != "2") sql += kFixedTables;
  if (sql.empty()) return {};
  Status done = db.Run("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;\n" + sql + "COMMIT;");
  if (!done.ok()) (void)db.Run("ROLLBACK");
  SW_TRY(db.Run("PRAGMA foreign_keys = ON"));
  return done;
}

Status CheckSchema(Database& db) {
  const Result<std::string> tables = db.Ask("SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.status();
  if (*tables == "0") return CreateTables(db);
  const Result<std::string> meta = db.Ask("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'");
  if (!meta.ok()) return meta.status();
  if (*meta != "1") return {Code::kStorage, "it is a database of another program"};
  const Result<std::string> version = db.Ask("SELECT value FROM meta WHERE name = 'schema'");
  if (!version.ok()) return version.status();
  if (*version != std::to_string(kSchemaVersion)) {
    return {Code::kStorage, fmt::format("its schema is version '{}', this program knows {}", *version, kSchemaVersion)};
  }
  const Result<std::string> check = db.Ask("PRAGMA quick_check(1)");
  if (!check.ok()) return check.status();
  if (*check != "ok") return {Code::kStorage, "it is damaged: " + *check};
  return BringUpToDate(db);
}

// Passwords are inside, so nobody else may read the file; SQLite gives its -wal and -shm files the same mode.
Status CreatePrivate(const std::string& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return {Code::kStorage, ::strerror(errno)};
  ::close(fd);
  return {};
}

Result<Database> OpenDatabase(const std::string& path) {
  if (path != ":memory:") SW_TRY(CreatePrivate(path));
  Result<Database> db = Database::Open(path);
  if (!db.ok()) return db;
  if (db->read_only()) return Status(Code::kStorage, "it is read-only");
  // With WAL and NORMAL a commit is in the kernel's hands when it returns: it survives the end of the process, and a
  // loss of power may cost the newest commits but never half of one. A line of configuration changes a few bytes in
  // half a dozen pages, each of which goes to the WAL as a whole: small pages make that a third of the writing. The WAL
  // is copied back when it holds 16 MiB.
  if (path != ":memory:") SW_TRY(db->Run("PRAGMA page_size = 1024"));  // of a file that is new
  const Result<std::string> wal = db->Ask("PRAGMA journal_mode = WAL");
  if (!wal.ok()) return wal.status();
  SW_TRY(
      db->Run("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000; PRAGMA foreign_keys = ON; "
              "PRAGMA trusted_schema = OFF"));
  SW_TRY(CheckSchema(*db));
  return db;
}

}  // namespace

Result<Store> Store::Open(const std::string& path) {
  Result<Database> db = OpenDatabase(path);
  if (!db.ok()) return Status(Code::kStorage, fmt::format("cannot use {}: {}", path, db.why()));
  return From(std::make_unique<Impl>(std::move(*db)));
}

Result<Store> Store::From(std::unique_ptr<Impl> impl) {
  SW_TRY(impl->Prepare(impl->begin, "BEGIN IMMEDIATE"));
  SW_TRY(impl->Prepare(impl->commit, "COMMIT"));
  SW_TRY(impl->Prepare(impl->rollback, "ROLLBACK"));
  SW_TRY(impl->Prepare(impl->add_commit,
                       "INSERT INTO journal_commit (at, who, origin, line) VALUES "
                       "(strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?, ?, ?)"));
  SW_TRY(impl->Prepare(impl->add_change,
                       "INSERT INTO journal_change (commit_number, action, object, key, parameter, before, after) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)"));
  return Store(std::move(impl));
}

Result<Store> Store::CopyInMemory(const std::string& path) {
  ReadableDatabase readable(path);
  Result<Database>& file = readable.database;
  if (!file.ok()) return file.status();
  Result<Database> db = Database::Open(":memory:");
  if (!db.ok()) return db.status();
  SW_TRY(db->CopyFrom(*file));
  SW_TRY(db->Run("PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF"));
  SW_TRY(CheckSchema(*db));
  return From(std::make_unique<Impl>(std::move(*db)));
}

Result<OpenedStore> OpenOrMemory(const std::string& path) {
  Result<Store> store = Store::Open(path);
  if (store.ok()) return OpenedStore{std::move(*store), {}};
  const std::string trouble = store.why() + "; the configuration is kept in memory only until the device stops";
  Result<Store> copy = Store::CopyInMemory(path);
  if (copy.ok()) return OpenedStore{std::move(*copy), trouble};
  Result<Store> empty = Store::Open(":memory:");
  if (!empty.ok()) return empty.status();
  // The rows are lost to this program, but the startup configuration is text in a table of its own.
  Result<Database> file = Database::OpenToRead(path);
  const Result<std::string> startup = file.ok() ? file->Ask("SELECT text FROM startup") : file.status();
  if (startup.ok() && !startup->empty()) SW_TRY(empty->SaveStartup(*startup, {"system", path, "startup"}));
  return OpenedStore{std::move(*empty), trouble};
}

// Nothing of a scratch is ever committed: all of it is one transaction, and an Edit takes back its own steps. What goes
// in has passed CheckValue, which says the same as the columns' CHECKs.
Result<Store> Store::OpenScratch() {
  Result<Store> store = Open(":memory:");
  if (!store.ok()) return store;
  store->impl_->scratch = true;
  store->impl_->LetWait();
  SW_TRY(store->impl_->db.Run("PRAGMA ignore_check_constraints = ON; BEGIN"));
  return store;
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<std::vector<Row>> Store::Rows(std::string_view name) const {
  return RowsUnder(name, {});
}

Result<std::vector<Row>> Store::RowsUnder(std::string_view name, const Key& first) const {
  const Result<const Table*> table = impl_->TableOf(name);
  if (!table.ok()) return table.status();
  return impl_->Under(**table, first);
}

Result<std::optional<Row>> Store::Find(std::string_view name, const Key& key) const {
  const Result<const Table*> table = impl_->TableOf(name);
  if (!table.ok()) return table.status();
  return impl_->Find(**table, key);
}

Result<std::optional<Row>> Store::Last(std::string_view name, const Key& first) const {
  const Result<const Table*> table = impl_->TableOf(name);
  if (!table.ok()) return table.status();
  Statement& last = impl_->StatementsOf(**table).last;
  if (!last) {
    SW_TRY(impl_->Prepare(last,
                          fmt::format("SELECT {} FROM {} WHERE {} ORDER BY {} DESC LIMIT 1", ColumnList(**table), name,
                                      KeyCondition(**table, first.size()), (*table)->columns[first.size()].name)));
  }
  return impl_->One(**table, last, first);
}

Result<std::optional<Row>> Store::FindSame(std::string_view name, const Key& first,
                                           const std::vector<Assignment>& values) const {
  const Result<const Table*> table = impl_->TableOf(name);
  if (!table.ok()) return table.status();
  Statement& same = impl_->StatementsOf(**table).same;
  if (!same) {
    std::string where = KeyCondition(**table, first.size());
    for (std::size_t i = (*table)->keys; i < (*table)->columns.size(); ++i)
      where += fmt::format(" AND {} IS ?", (*table)->columns[i].name);
    SW_TRY(impl_->Prepare(same, fmt::format("SELECT {} FROM {} WHERE {} LIMIT 1", ColumnList(**table), name, where)));
  }
  Key bound = first;
  for (const Column& column : (*table)->columns.subspan((*table)->keys)) {
    const auto it = std::ranges::find(values, column.name, &Assignment::column);
    bound.push_back(it == values.end() ? Value() : it->value);
  }
  return impl_->One(**table, same, bound);
}

Status Store::SaveStartup(std::string_view text, const Origin& origin) {
  Result<Statement> save = impl_->db.Prepare(
      "INSERT INTO startup (id, text, at, who) VALUES (1, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?) "
      "ON CONFLICT (id) DO UPDATE SET text = excluded.text, at = excluded.at, who = excluded.who");
  if (!save.ok()) return save.status();
  SW_TRY(save->Bind(1, text));
  SW_TRY(save->Bind(2, std::string_view(origin.who)));
  return save->Run();
}

Result<std::optional<std::string>> Store::Startup() const {
  Result<Statement> load = impl_->db.Prepare("SELECT text FROM startup");
  if (!load.ok()) return load.status();
  const Result<bool> step = load->Step();
  if (!step.ok()) return step.status();
  return *step ? std::optional(load->Text(0)) : std::nullopt;
}

Status Store::RemoveStartup() {
  Result<Statement> remove = impl_->db.Prepare("DELETE FROM startup");
  return remove.ok() ? remove->Run() : remove.status();
}

Result<std::vector<JournalEntry>> Store::Journal(std::size_t newest) const {
  Result<Statement> list = impl_->db.Prepare(
      "SELECT c.number, c.at, c.who, c.origin, c.line, j.action, j.object, j.key, j.parameter, j.before, j.after "
      "FROM journal_change j JOIN journal_commit c ON c.number = j.commit_number ORDER BY j.id DESC LIMIT ?");
  if (!list.ok()) return list.status();
  SW_TRY(list->Bind(1, static_cast<std::int64_t>(newest)));
  std::vector<JournalEntry> entries;
  for (;;) {
    const Result<bool> step = list->Step();
    if (!step.ok()) return step.status();
    if (!*step) break;
    JournalEntry entry;
    entry.commit = list->Int(0);
    entry.when = list->Text(1);
    entry.origin = {list->Text(2), list->Text(3), list->Text(4)};
    entry.action = list->Text(5);
    entry.table = list->Text(6);
    entry.key = list->Text(7);
    entry.column = list->Text(8);
    entry.before = list->Text(9);
    entry.after = list->Text(10);
    entries.push_back(std::move(entry));
  }
  std::ranges::reverse(entries);
  return entries;
}

}  // namespace sw::configdb
