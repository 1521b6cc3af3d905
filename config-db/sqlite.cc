#include "config-db/sqlite.h"

#include <sqlite3.h>

#include <optional>

#include "hal/base/address.h"

namespace sw::configdb {
namespace {

Status Failure(sqlite3* db, int rc) {
  if ((rc & 0xff) == SQLITE_BUSY) return {Code::kBusy, "the database is locked by another program"};
  return {Code::kStorage, db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(rc)};
}

int CompareAddresses(void*, int a_size, const void* a, int b_size, const void* b) {
  const std::string_view left(static_cast<const char*>(a), static_cast<std::size_t>(a_size));
  const std::string_view right(static_cast<const char*>(b), static_cast<std::size_t>(b_size));
  const std::optional<Ipv4> x = Ipv4::Parse(left), y = Ipv4::Parse(right);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  if (x || y) return x ? 1 : -1;  // what is no address sorts first
  return left.compare(right);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}
void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Status Statement::Bind(int index, std::string_view text) {
  const int rc = sqlite3_bind_text64(handle_.get(), index, text.data() == nullptr ? "" : text.data(), text.size(),
                                     SQLITE_STATIC, SQLITE_UTF8);
  return rc == SQLITE_OK ? Status() : Failure(sqlite3_db_handle(handle_.get()), rc);
}

Status Statement::Bind(int index, std::int64_t number) {
  const int rc = sqlite3_bind_int64(handle_.get(), index, number);
  return rc == SQLITE_OK ? Status() : Failure(sqlite3_db_handle(handle_.get()), rc);
}

Status Statement::Bind(int index, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return Bind(index, *number);
  if (const auto* text = std::get_if<std::string>(&value)) return Bind(index, std::string_view(*text));
  const int rc = sqlite3_bind_null(handle_.get(), index);
  return rc == SQLITE_OK ? Status() : Failure(sqlite3_db_handle(handle_.get()), rc);
}

Result<bool> Statement::Step() {
  const int rc = sqlite3_step(handle_.get());
  if (rc == SQLITE_ROW || rc == SQLITE_DONE) return rc == SQLITE_ROW;
  Status failure = Failure(sqlite3_db_handle(handle_.get()), rc);
  Reset();
  return failure;
}

Status Statement::Run() {
  const Result<bool> step = Step();
  Reset();
  return step.status();
}

void Statement::Reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

Value Statement::Column(int index) const {
  switch (sqlite3_column_type(handle_.get(), index)) {
    case SQLITE_NULL:
      return std::monostate();
    case SQLITE_INTEGER:
      return Int(index);
    default:
      return Text(index);
  }
}

std::string Statement::Text(int index) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), index));
  if (text == nullptr) return {};
  return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), index)));
}

std::int64_t Statement::Int(int index) const {
  return sqlite3_column_int64(handle_.get(), index);
}

Result<Database> Database::Open(const std::string& path) {
  return OpenWith(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}
Result<Database> Database::OpenToRead(const std::string& path) {
  return OpenWith(path, SQLITE_OPEN_READONLY);
}

Result<Database> Database::OpenImmutable(const std::string& path) {
  std::string name = "file:";  // a URI, in which these three would mean something
  for (const char c : path) name += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
  return OpenWith(name + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Status Database::CopyFrom(Database& other) {
  sqlite3_backup* copy = sqlite3_backup_init(handle_.get(), "main", other.handle_.get(), "main");
  if (copy == nullptr) return Failure(handle_.get(), SQLITE_ERROR);
  sqlite3_backup_step(copy, -1);
  const int rc = sqlite3_backup_finish(copy);
  return rc == SQLITE_OK ? Status() : Failure(handle_.get(), rc);
}

Result<Database> Database::OpenWith(const std::string& path, int flags) {
  // Nobody asks SQLite how much memory it has; without the count an allocation needs no lock.
  [[maybe_unused]] static const int counting = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* handle = nullptr;
  const int rc = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);  // SQLite gives a handle even when it fails, and wants it closed
  if (rc != SQLITE_OK) return Failure(handle, rc);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 250);
  if (sqlite3_create_collation(handle, "ADDRESS", SQLITE_UTF8, nullptr, CompareAddresses) != SQLITE_OK) {
    return Failure(handle, SQLITE_ERROR);
  }
  return database;
}

Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int rc = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                    &handle, nullptr);
  if (rc != SQLITE_OK) return Failure(handle_.get(), rc);
  return Statement(handle);
}

Status Database::Run(const std::string& sql) {
  const int rc = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return rc == SQLITE_OK ? Status() : Failure(handle_.get(), rc);
}

Result<std::string> Database::Ask(std::string_view sql) {
  Result<Statement> statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const Result<bool> step = statement->Step();
  if (!step.ok()) return step.status();
  return *step ? statement->Text(0) : std::string();
}

std::int64_t Database::last_row() const {
  return sqlite3_last_insert_rowid(handle_.get());
}
int Database::changes() const {
  return sqlite3_changes(handle_.get());
}
bool Database::read_only() const {
  return sqlite3_db_readonly(handle_.get(), "main") == 1;
}

}  // namespace sw::configdb
