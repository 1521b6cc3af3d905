// A file system for SQLite that fails, tears or dies at the Nth step that changes a file. It stands in front of the
// real one; steps are counted over all files of the process. One thread.
#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <cstring>
#include <new>

namespace sw::configdb {

enum class Fault {
  kNone,
  kError,  // the step fails with SQLITE_IOERR_WRITE, and so do all after it
  kFull,   // the step fails with SQLITE_FULL, and so do all after it
  kDie,    // the process ends before the step
  kTear,   // half of what is written arrives, then the process ends
};

class FaultVfs {
 public:
  // Registers itself as the default file system, once.
  static FaultVfs& Get() {
    static FaultVfs instance;
    return instance;
  }

  void Arm(Fault fault, int at) {
    fault_ = fault;
    at_ = at;
    steps_ = 0;
  }
  int steps() const { return steps_; }

 private:
  struct File {
    sqlite3_file base;
    sqlite3_file* real;
  };
  static sqlite3_file* Real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }
  static const sqlite3_io_methods& Methods(sqlite3_file* file) { return *Real(file)->pMethods; }

  FaultVfs() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "fault";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
      auto* wrapped = new (file) File{};
      wrapped->real = reinterpret_cast<sqlite3_file*>(wrapped + 1);
      std::memset(static_cast<void*>(wrapped->real), 0, static_cast<std::size_t>(Get().real_->szOsFile));
      const int rc = Get().real_->xOpen(Get().real_, name, wrapped->real, flags, out_flags);
      wrapped->base.pMethods = wrapped->real->pMethods != nullptr ? &Get().methods_ : nullptr;
      return rc;
    };
    vfs_.xDelete = [](sqlite3_vfs*, const char* name, int sync) {
      const int rc = Get().Step();
      return rc != SQLITE_OK ? rc : Get().real_->xDelete(Get().real_, name, sync);
    };
    methods_.iVersion = 2;
    methods_.xClose = [](sqlite3_file* f) { return Methods(f).xClose(Real(f)); };
    methods_.xRead = [](sqlite3_file* f, void* p, int n, sqlite3_int64 at) {
      return Methods(f).xRead(Real(f), p, n, at);
    };
    methods_.xWrite = [](sqlite3_file* f, const void* p, int n, sqlite3_int64 at) {
      const int rc = Get().Step([&] { (void)Methods(f).xWrite(Real(f), p, n / 2, at); });
      return rc != SQLITE_OK ? rc : Methods(f).xWrite(Real(f), p, n, at);
    };
    methods_.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      const int rc = Get().Step();
      return rc != SQLITE_OK ? rc : Methods(f).xTruncate(Real(f), size);
    };
    methods_.xSync = [](sqlite3_file* f, int flags) {
      const int rc = Get().Step();
      return rc != SQLITE_OK ? rc : Methods(f).xSync(Real(f), flags);
    };
    methods_.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return Methods(f).xFileSize(Real(f), size); };
    methods_.xLock = [](sqlite3_file* f, int level) { return Methods(f).xLock(Real(f), level); };
    methods_.xUnlock = [](sqlite3_file* f, int level) { return Methods(f).xUnlock(Real(f), level); };
    methods_.xCheckReservedLock = [](sqlite3_file* f, int* out) { return Methods(f).xCheckReservedLock(Real(f), out); };
    methods_.xFileControl = [](sqlite3_file* f, int op, void* arg) {
      return Methods(f).xFileControl(Real(f), op, arg);
    };
    methods_.xSectorSize = [](sqlite3_file* f) { return Methods(f).xSectorSize(Real(f)); };
    methods_.xDeviceCharacteristics = [](sqlite3_file* f) { return Methods(f).xDeviceCharacteristics(Real(f)); };
    methods_.xShmMap = [](sqlite3_file* f, int region, int size, int extend, void volatile** out) {
      return Methods(f).xShmMap(Real(f), region, size, extend, out);
    };
    methods_.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
      return Methods(f).xShmLock(Real(f), offset, n, flags);
    };
    methods_.xShmBarrier = [](sqlite3_file* f) { Methods(f).xShmBarrier(Real(f)); };
    methods_.xShmUnmap = [](sqlite3_file* f, int remove) { return Methods(f).xShmUnmap(Real(f), remove); };
    sqlite3_vfs_register(&vfs_, 1);
  }

  int Step() {
    return Step([] {});
  }
  template <typename Half>
  int Step(Half half) {
    if (fault_ == Fault::kNone || steps_++ < at_) return SQLITE_OK;
    switch (fault_) {
      case Fault::kError:
        return SQLITE_IOERR_WRITE;
      case Fault::kFull:
        return SQLITE_FULL;
      case Fault::kTear:
        half();
        [[fallthrough]];
      case Fault::kDie:
        ::_exit(kDied);
      case Fault::kNone:
        break;
    }
    return SQLITE_OK;
  }

 public:
  static constexpr int kDied = 9;

 private:
  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  sqlite3_io_methods methods_{};
  Fault fault_ = Fault::kNone;
  int at_ = 0, steps_ = 0;
};

}  // namespace sw::configdb
