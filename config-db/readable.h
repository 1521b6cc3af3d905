// A database file that is only to be read, wherever it lies: on a read-only file system, too.
#pragma once

#include <string>

#include "config-db/sqlite.h"

namespace sw::configdb {

// A folder that goes with the object, in the first place of the machine that takes one.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }  // empty: there is none

 private:
  std::string path_;
};

// SQLite wants a file beside a database in WAL mode, even to read it. Where none can be made the file is read as it
// stands or, when the process that wrote it was killed and left a -wal, as a copy of both in another place.
class ReadableDatabase {
 public:
  explicit ReadableDatabase(const std::string& path);

 private:
  TemporaryFolder elsewhere_;

 public:
  Result<Database> database;  // goes before the folder it may lie in
};

}  // namespace sw::configdb
