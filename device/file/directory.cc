#include "device/file/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace sw::device {

Status Failed(std::string_view what) {
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:  // a symbolic link, which nobody here has made
      return {Code::kNotFound, fmt::format("{} does not exist", what)};
    case EEXIST:
      return {Code::kExists, fmt::format("{} exists", what)};
    case ENOTEMPTY:
      return {Code::kInUse, fmt::format("{} is not empty", what)};
    case ENOSPC:
    case EDQUOT:
      return {Code::kStorage, "There is no room left on flash:"};
    default:
      return {Code::kStorage, fmt::format("{}: {}", what, ::strerror(errno))};
  }
}

Fd OpenDirectory(int at, const char* name) {
  return Fd(::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Result<Fd> ParentOf(int root, const FlashPath& path) {
  Fd at = OpenDirectory(root, ".");
  for (std::size_t i = 0; at && i + 1 < path.size(); ++i) at = OpenDirectory(at.get(), path[i].c_str());
  if (!at) return Failed(ToString(path));
  return at;
}

Result<Fd> DirectoryAt(int root, const FlashPath& path) {
  Result<Fd> parent = ParentOf(root, path);
  if (!parent.ok() || path.empty()) return parent;
  Fd at = OpenDirectory(parent->get(), path.back().c_str());
  if (!at) return Failed(ToString(path));
  return at;
}

Result<FlashEntry> EntryAt(int directory, const std::string& name, std::string_view shown) {
  struct stat info {};
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return Failed(shown);
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
    return Status(Code::kNotFound, fmt::format("{} does not exist", shown));
  return FlashEntry{name, S_ISDIR(info.st_mode), false, static_cast<std::uint64_t>(info.st_size), info.st_mtime};
}

Result<std::vector<std::string>> NamesIn(int directory) {
  DIR* stream = ::fdopendir(::fcntl(directory, F_DUPFD_CLOEXEC, 0));
  if (stream == nullptr) return Failed("flash:");
  ::rewinddir(stream);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream)) names.emplace_back(entry->d_name);
  ::closedir(stream);
  std::ranges::sort(names);
  return names;
}

Result<std::string> ReadAt(int directory, const std::string& name, std::string_view shown) {
  const Fd file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return Failed(shown);
  if (!S_ISREG(info.st_mode)) return Status(Code::kNotFound, fmt::format("{} is not a file", shown));
  if (static_cast<std::size_t>(info.st_size) > Flash::kMaxFile)
    return Status(Code::kUnsupported, fmt::format("{} is larger than {} bytes", shown, Flash::kMaxFile));
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed(shown);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

Status WriteAt(int directory, const std::string& name, std::string_view text, std::string_view shown) {
  if (text.size() > Flash::kMaxFile) return {Code::kUnsupported, "The file would be too large"};
  Fd file(::openat(directory, kNewFile, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return Failed(shown);
  auto give_up = [&] {
    Status failed = Failed(shown);
    ::unlinkat(directory, kNewFile, 0);
    return failed;
  };
  while (!text.empty()) {
    const ssize_t put = ::write(file.get(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return give_up();
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(file.get()) != 0) return give_up();
  if (::renameat(directory, kNewFile, directory, name.c_str()) != 0) return give_up();
  if (::fsync(directory) != 0) return Failed(shown);
  return {};
}

}  // namespace sw::device
