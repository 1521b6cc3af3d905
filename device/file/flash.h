// The files of `flash:`: one directory of the machine, of which nothing can be reached from outside and out of which
// nothing can be reached.
//
// Names come from operators and scripts, so every one is hostile: a path is taken apart as text, and then walked
// directory by directory without following a symbolic link. Names that begin with a dot are the flash's own (recycle
// bin, files being written, boot choice) and cannot be named. One thread; small files (kMaxFile); a write is whole or
// not there. Commands: recollection and siblings, see cli/file/commands.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/result.h"

namespace sw::device {

// Where a file lies, from the root: {"dir", "a.cfg"}; the root is empty. Only Flash::Resolve makes one of typed text.
using FlashPath = std::vector<std::string>;
std::string ToString(const FlashPath& path);  // flash:/dir/a.cfg

struct FlashEntry {
  std::string name;
  bool directory = false;
  bool deleted = false;  // in the recycle bin
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // seconds since 1970
};

struct FlashSpace {
  std::uint64_t total = 0, free = 0;  // bytes
};

// Which files the device starts from, main first. Kept in the flash itself.
struct BootFiles {
  std::string main = "startup.cfg", backup;  // text behind flash:/; empty: none
  friend bool operator==(const BootFiles&, const BootFiles&) = default;
};

class Flash {
 public:
  static constexpr std::size_t kMaxFile = 64U << 20;  // our choice
  static constexpr std::size_t kMaxName = 64, kMaxDepth = 8;

  // The directory is made when it is absent, readable for its owner only: passwords are inside.
  static Result<Flash> Open(const std::string& directory);
  static Result<Flash> OpenTemporary();  // for a device that forgets: removed with the Flash
  Flash(Flash&& other) noexcept;
  Flash& operator=(Flash&&) = delete;
  ~Flash();

  // `typed` with or without flash:, from the root when it begins with /, else from `current`. kBadValue: no such name
  // can exist here.
  static Result<FlashPath> Resolve(const FlashPath& current, std::string_view typed);

  Result<FlashEntry> Find(const FlashPath& path) const;  // kNotFound
  // What is in a directory, by name; with the deleted ones that were in it.
  Result<std::vector<FlashEntry>> List(const FlashPath& directory, bool with_deleted) const;
  Result<std::string> Read(const FlashPath& path) const;
  Status Write(const FlashPath& path, std::string_view text);  // replaces
  Status Copy(const FlashPath& from, const FlashPath& to);     // replaces a file
  Status Move(const FlashPath& from, const FlashPath& to);     // kExists: the target is there
  Status MakeDirectory(const FlashPath& path);
  Status RemoveDirectory(const FlashPath& path);  // kInUse: not empty
  Status Delete(const FlashPath& path);           // into the recycle bin; replaces what was deleted under this name
  Status Erase(const FlashPath& path);            // for good
  Status Undelete(const FlashPath& path);
  Result<std::vector<FlashPath>> Bin() const;  // where the deleted files were
  Status EraseDeleted(const FlashPath& path);  // one of Bin()
  Status Format();                             // everything goes, the bin and the boot choice with it
  Result<FlashSpace> Space() const;
  // Frees what writes that were cut short have left; returns how many files that were.
  Result<std::size_t> Repair();

  BootFiles boot() const;
  Status SetBoot(const BootFiles& boot);

 private:
  Flash(int root, std::string temporary) : root_(root), temporary_(std::move(temporary)) {}
  int root_;               // of the directory
  std::string temporary_;  // its path, when it goes with the Flash
};

}  // namespace sw::device
