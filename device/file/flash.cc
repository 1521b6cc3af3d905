#include "device/file/flash.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "device/file/directory.h"

namespace sw::device {
namespace {

constexpr const char* kBin = ".recycle";
constexpr const char* kBoot = ".boot";
constexpr char kBinSeparator = '|';  // stands for / in the names of the bin, where no name can hold it
constexpr std::string_view kDevice = "flash:";

std::string BinName(const FlashPath& path) {
  std::string out;
  for (const std::string& part : path) out += (out.empty() ? "" : std::string(1, kBinSeparator)) + part;
  return out;
}

FlashPath PathOfBinName(std::string_view name) {
  FlashPath out;
  for (;;) {
    const std::size_t end = std::min(name.find(kBinSeparator), name.size());
    out.emplace_back(name.substr(0, end));
    if (end == name.size()) return out;
    name.remove_prefix(end + 1);
  }
}

bool GoodName(std::string_view name) {
  if (name.empty() || name.size() > Flash::kMaxName || name.front() == '.') return false;
  return std::ranges::all_of(name, [](unsigned char c) {
    return c > 0x20 && c < 0x7f && std::string_view("/\\:*?\"<>|").find(static_cast<char>(c)) == std::string_view::npos;
  });
}

Status MustBeFile(const Result<FlashEntry>& entry, const FlashPath& path) {
  if (!entry.ok()) return entry.status();
  if (entry->directory) return {Code::kBadValue, fmt::format("{} is a directory", ToString(path))};
  return {};
}

}  // namespace

std::string ToString(const FlashPath& path) {
  std::string out(kDevice);
  for (const std::string& part : path) out += "/" + part;
  return path.empty() ? out + "/" : out;
}

Result<Flash> Flash::Open(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(directory).parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return Status(Code::kStorage, fmt::format("cannot make {}: {}", directory, ::strerror(errno)));
  Fd root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return Status(Code::kStorage, fmt::format("cannot open {}: {}", directory, ::strerror(errno)));
  return Flash(root.release(), {});
}

Result<Flash> Flash::OpenTemporary() {
  std::string directory = (std::filesystem::temp_directory_path() / "sw8800-flash-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr)
    return Status(Code::kStorage, fmt::format("cannot make {}: {}", directory, ::strerror(errno)));
  Result<Flash> flash = Open(directory);
  if (flash.ok()) flash->temporary_ = directory;
  return flash;
}

Flash::Flash(Flash&& other) noexcept
    : root_(std::exchange(other.root_, -1)), temporary_(std::exchange(other.temporary_, {})) {}

Flash::~Flash() {
  if (root_ >= 0) ::close(root_);
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

Result<FlashPath> Flash::Resolve(const FlashPath& current, std::string_view typed) {
  std::string_view rest = typed;
  FlashPath path = current;
  const bool device = rest.starts_with(kDevice);
  if (device) rest.remove_prefix(kDevice.size());
  if (device || rest.starts_with('/')) path.clear();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (path.empty()) return Status(Code::kBadValue, "There is nothing above flash:/");
      path.pop_back();
      continue;
    }
    if (!GoodName(part)) return Status(Code::kBadValue, fmt::format("Not a file name: {}", typed.substr(0, kMaxName)));
    path.emplace_back(part);
    if (path.size() > kMaxDepth) return Status(Code::kBadValue, "The path is too deep");
  }
  return path;
}

Result<FlashEntry> Flash::Find(const FlashPath& path) const {
  if (path.empty()) return FlashEntry{"", true, false, 0, 0};
  Result<Fd> parent = ParentOf(root_, path);
  if (!parent.ok()) return parent.status();
  return EntryAt(parent->get(), path.back(), ToString(path));
}

Result<std::vector<FlashEntry>> Flash::List(const FlashPath& directory, bool with_deleted) const {
  Result<Fd> at = DirectoryAt(root_, directory);
  if (!at.ok()) return at.status();
  const Result<std::vector<std::string>> names = NamesIn(at->get());
  if (!names.ok()) return names.status();
  std::vector<FlashEntry> out;
  for (const std::string& name : *names) {
    if (!GoodName(name)) continue;
    Result<FlashEntry> entry = EntryAt(at->get(), name, name);
    if (entry.ok()) out.push_back(std::move(*entry));
  }
  const Result<std::vector<FlashPath>> bin = Bin();
  if (!with_deleted || !bin.ok()) return out;
  const Fd bin_at = OpenDirectory(root_, kBin);
  for (const FlashPath& path : *bin) {
    if (FlashPath(path.begin(), path.end() - 1) != directory) continue;
    Result<FlashEntry> entry = EntryAt(bin_at.get(), BinName(path), path.back());
    if (!entry.ok()) continue;
    entry->name = path.back();
    entry->deleted = true;
    out.push_back(std::move(*entry));
  }
  return out;
}

Result<std::string> Flash::Read(const FlashPath& path) const {
  SW_TRY(MustBeFile(Find(path), path));
  Result<Fd> parent = ParentOf(root_, path);
  if (!parent.ok()) return parent.status();
  return ReadAt(parent->get(), path.back(), ToString(path));
}

Status Flash::Write(const FlashPath& path, std::string_view text) {
  if (path.empty()) return {Code::kBadValue, "flash:/ is a directory"};
  if (const Result<FlashEntry> entry = Find(path); entry.ok()) SW_TRY(MustBeFile(entry, path));
  Result<Fd> parent = ParentOf(root_, path);
  if (!parent.ok()) return parent.status();
  return WriteAt(parent->get(), path.back(), text, ToString(path));
}

Status Flash::Copy(const FlashPath& from, const FlashPath& to) {
  const Result<std::string> text = Read(from);
  if (!text.ok()) return text.status();
  if (from == to) return {Code::kBadValue, "A file cannot be copied onto itself"};
  return Write(to, *text);
}

Status Flash::Move(const FlashPath& from, const FlashPath& to) {
  if (from.empty() || to.empty()) return {Code::kBadValue, "flash:/ cannot be moved"};
  if (std::mismatch(from.begin(), from.end(), to.begin(), to.end()).first == from.end())
    return {Code::kBadValue, "A directory cannot be moved into itself"};
  Result<Fd> source = ParentOf(root_, from), target = ParentOf(root_, to);
  if (!source.ok()) return source.status();
  if (!target.ok()) return target.status();
  if (const Result<FlashEntry> entry = Find(from); !entry.ok()) return entry.status();
  if (::renameat2(source->get(), from.back().c_str(), target->get(), to.back().c_str(), RENAME_NOREPLACE) != 0)
    return Failed(ToString(to));
  return {};
}

Status Flash::MakeDirectory(const FlashPath& path) {
  if (path.empty()) return {Code::kExists, "flash:/ exists"};
  Result<Fd> parent = ParentOf(root_, path);
  if (!parent.ok()) return parent.status();
  return ::mkdirat(parent->get(), path.back().c_str(), 0700) == 0 ? Status() : Failed(ToString(path));
}

Status Flash::RemoveDirectory(const FlashPath& path) {
  if (path.empty()) return {Code::kInUse, "flash:/ cannot be removed"};
  const Result<FlashEntry> entry = Find(path);
  if (!entry.ok()) return entry.status();
  if (!entry->directory) return {Code::kBadValue, fmt::format("{} is not a directory", ToString(path))};
  Result<Fd> parent = ParentOf(root_, path);
  if (!parent.ok()) return parent.status();
  return ::unlinkat(parent->get(), path.back().c_str(), AT_REMOVEDIR) == 0 ? Status() : Failed(ToString(path));
}

Status Flash::Delete(const FlashPath& path) {
  SW_TRY(MustBeFile(Find(path), path));
  if (BinName(path).size() > 255) return {Code::kUnsupported, "The path is too long for the recycle bin"};
  if (::mkdirat(root_, kBin, 0700) != 0 && errno != EEXIST) return Failed("the recycle bin");
  const Fd bin = OpenDirectory(root_, kBin);
  Result<Fd> parent = ParentOf(root_, path);
  if (!parent.ok()) return parent.status();
  if (::renameat(parent->get(), path.back().c_str(), bin.get(), BinName(path).c_str()) != 0)
    return Failed(ToString(path));
  return {};
}

Status Flash::Erase(const FlashPath& path) {
  SW_TRY(MustBeFile(Find(path), path));
  Result<Fd> parent = ParentOf(root_, path);
  if (!parent.ok()) return parent.status();
  return ::unlinkat(parent->get(), path.back().c_str(), 0) == 0 ? Status() : Failed(ToString(path));
}

Status Flash::Undelete(const FlashPath& path) {
  const Fd bin = OpenDirectory(root_, kBin);
  Result<Fd> parent = ParentOf(root_, path);
  if (!parent.ok()) return parent.status();
  if (!bin || path.empty() || !EntryAt(bin.get(), BinName(path), "").ok())
    return {Code::kNotFound, fmt::format("{} is not in the recycle bin", ToString(path))};
  if (::renameat2(bin.get(), BinName(path).c_str(), parent->get(), path.back().c_str(), RENAME_NOREPLACE) != 0)
    return Failed(ToString(path));
  return {};
}

Result<std::vector<FlashPath>> Flash::Bin() const {
  std::vector<FlashPath> out;
  const Fd bin = OpenDirectory(root_, kBin);
  if (!bin) return out;
  const Result<std::vector<std::string>> names = NamesIn(bin.get());
  if (!names.ok()) return names.status();
  for (const std::string& name : *names)
    if (name.front() != '.') out.push_back(PathOfBinName(name));
  return out;
}

Status Flash::EraseDeleted(const FlashPath& path) {
  const Fd bin = OpenDirectory(root_, kBin);
  if (!bin || ::unlinkat(bin.get(), BinName(path).c_str(), 0) != 0)
    return {Code::kNotFound, fmt::format("{} is not in the recycle bin", ToString(path))};
  return {};
}

namespace {

// Empties a directory. Recursion ends where directories do: nobody can make them deeper than kMaxDepth from here.
Status Empty(int directory) {
  const Result<std::vector<std::string>> names = NamesIn(directory);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (name == "." || name == "..") continue;
    if (const Fd inside = OpenDirectory(directory, name.c_str())) {
      SW_TRY(Empty(inside.get()));
      if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0) return Failed(name);
    } else if (::unlinkat(directory, name.c_str(), 0) != 0) {
      return Failed(name);
    }
  }
  return {};
}

}  // namespace

Status Flash::Format() {
  return Empty(root_);
}

namespace {

// In a directory and those below it. Nothing is being written: a write is over before its call returns.
Status RemoveUnfinished(int directory, std::size_t& removed) {
  const Result<std::vector<std::string>> names = NamesIn(directory);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (name == kNewFile) {
      if (::unlinkat(directory, kNewFile, 0) != 0) return Failed("an unfinished file");
      ++removed;
    } else if (GoodName(name)) {
      if (const Fd inside = OpenDirectory(directory, name.c_str())) SW_TRY(RemoveUnfinished(inside.get(), removed));
    }
  }
  return {};
}

}  // namespace

Result<std::size_t> Flash::Repair() {
  std::size_t removed = 0;
  SW_TRY(RemoveUnfinished(root_, removed));
  return removed;
}

Result<FlashSpace> Flash::Space() const {
  struct statvfs info {};
  if (::fstatvfs(root_, &info) != 0) return Failed("flash:");
  return FlashSpace{std::uint64_t{info.f_blocks} * info.f_frsize, std::uint64_t{info.f_bavail} * info.f_frsize};
}

// Two lines: the main file's name and the backup's, either of which may be empty.
BootFiles Flash::boot() const {
  const Result<std::string> text = ReadAt(root_, kBoot, "");
  if (!text.ok()) return {};
  const std::size_t end = std::min(text->find('\n'), text->size());
  std::string backup = end == text->size() ? "" : text->substr(end + 1);
  if (backup.ends_with('\n')) backup.pop_back();
  return {text->substr(0, end), std::move(backup)};
}

Status Flash::SetBoot(const BootFiles& boot) {
  return WriteAt(root_, kBoot, fmt::format("{}\n{}\n", boot.main, boot.backup), "the boot choice");
}

}  // namespace sw::device
