// What the files of flash: need of the system: open directories and what lies in them, by name, never through a
// symbolic link. `shown` is how a file is called when something is wrong with it. For device/file only.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "device/file/flash.h"
#include "hal/base/result.h"

namespace sw::device {

inline constexpr const char* kNewFile = ".new";  // what is being written

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Status Failed(std::string_view what);  // errno in words
Fd OpenDirectory(int at, const char* name);
Result<Fd> ParentOf(int root, const FlashPath& path);  // the directory `path` lies in
Result<Fd> DirectoryAt(int root, const FlashPath& path);
Result<FlashEntry> EntryAt(int directory, const std::string& name, std::string_view shown);
Result<std::vector<std::string>> NamesIn(int directory);  // sorted
Result<std::string> ReadAt(int directory, const std::string& name, std::string_view shown);
// Written under another name, made durable, then renamed: after a crash the old file or the new one is there.
Status WriteAt(int directory, const std::string& name, std::string_view text, std::string_view shown);

}  // namespace sw::device
