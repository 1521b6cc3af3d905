// SQLite wrapped thinly: handles cannot leak, SQL stays visible. One thread. Every failure is kStorage (kBusy when
// another process holds the write lock) with SQLite's own words.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config-db/store.h"
#include "hal/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sw::configdb {

class Statement {
 public:
  Statement() = default;
  explicit operator bool() const { return handle_ != nullptr; }

  // Parameters count from 1. Text is bound without a copy: it must live until Step() has returned.
  Status Bind(int index, const Value& value);
  Status Bind(int index, std::string_view text);
  Status Bind(int index, std::int64_t number);
  Result<bool> Step();  // true: a row is ready
  Status Run();         // to its end, then ready for the next use
  void Reset();         // ends the use; the statement stays prepared

  Value Column(int index) const;
  std::string Text(int index) const;
  std::int64_t Int(int index) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

class Database {
 public:
  static Result<Database> Open(const std::string& path);
  static Result<Database> OpenToRead(const std::string& path);  // never writes to it, never makes it
  // As it stands, without a look at its -wal, and without a file beside it: for a file system that is read-only.
  static Result<Database> OpenImmutable(const std::string& path);
  Status CopyFrom(Database& other);                             // takes over all that the other one holds

  Result<Statement> Prepare(std::string_view sql);
  Status Run(const std::string& sql);
  Result<std::string> Ask(std::string_view sql);  // the first column of the first row, as text; empty: no row
  std::int64_t last_row() const;                  // the rowid of the last insertion
  int changes() const;                            // rows the last statement changed
  bool read_only() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  static Result<Database> OpenWith(const std::string& path, int flags);
  explicit Database(sqlite3* handle) : handle_(handle) {}
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace sw::configdb
