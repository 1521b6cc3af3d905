#include "config-db/readable.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

namespace sw::configdb {
namespace {

bool Answers(Result<Database>& database) {
  return database.ok() && database->Ask("SELECT count(*) FROM sqlite_schema").ok();
}

Result<Database> OpenSomehow(const std::string& path, const std::string& elsewhere) {
  Result<Database> file = Database::OpenToRead(path);
  if (Answers(file)) return file;
  namespace fs = std::filesystem;
  std::error_code error;
  const std::string wal = path + "-wal", copy = elsewhere + "/copy.db";
  if (const auto size = fs::file_size(wal, error); error || size == 0) {
    Result<Database> still = Database::OpenImmutable(path);
    if (Answers(still)) return still;
    return file;
  }
  if (elsewhere.empty() || !fs::copy_file(path, copy, error) || !fs::copy_file(wal, copy + "-wal", error)) return file;
  fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write, error);
  Result<Database> copied = Database::Open(copy);
  if (Answers(copied)) return copied;
  return file;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  for (const char* place : {"/run", "/dev/shm", "/tmp"}) {
    std::string name = std::string(place) + "/sw8800-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) continue;
    path_ = name;
    return;
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

ReadableDatabase::ReadableDatabase(const std::string& path) : database(OpenSomehow(path, elsewhere_.path())) {}

}  // namespace sw::configdb
