#include "device/linux/device_locks.h"

#include <filesystem>
#include <set>
#include <utility>

namespace sw::device {
namespace {

constexpr char kSuffix[] = ".lock";

// The same for every name that the file has by way of links.
std::string LockFileOf(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, ignored);
  return (real.empty() ? path : real.string()) + kSuffix;
}

}  // namespace

Result<std::vector<hal::Lock>> LockDatabase(const std::string& path, const std::string& note) {
  std::vector<hal::Lock> out;
  Result<hal::Lock> lock = hal::Lock::OfFile(LockFileOf(path), path, note);
  if (lock.ok()) out.push_back(std::move(*lock));
  if (lock.status().code() == Code::kInUse) return lock.status();
  return out;
}

Result<hal::Lock> LockLink(const std::string& link) {
  return hal::Lock::OfName("link/" + link, "the link " + link + " of this network namespace");
}

Status DeviceLocks::Take(const std::string& database, const std::string& socket,
                         const std::map<std::string, std::string>& ports) {
  const std::string note = "to attach: sw8800 --connect " + socket;
  files_.clear();  // of a try before
  Result<std::vector<hal::Lock>> files = LockDatabase(database, note);
  SW_TRY(files.status());
  files_ = std::move(*files);
  Result<hal::Lock> own = hal::Lock::OfFile(LockFileOf(socket), socket, note);
  SW_TRY(own.status());
  files_.push_back(std::move(*own));
  return TakePorts(ports);
}

Status DeviceLocks::TakePorts(const std::map<std::string, std::string>& ports) {
  std::map<std::string, hal::Lock> fresh;
  std::set<std::string> wanted;
  for (const auto& [name, link] : ports) {
    if (!wanted.insert(link).second) return {Code::kBadValue, link + " is bound to two ports"};
    if (links_.contains(link)) continue;
    Result<hal::Lock> lock = LockLink(link);
    SW_TRY(lock.status());
    fresh.emplace(link, std::move(*lock));
  }
  std::erase_if(links_, [&](const auto& held) { return !wanted.contains(held.first); });
  links_.merge(fresh);
  return {};
}

std::optional<pid_t> DeviceLocks::Holder(const std::string& socket) {
  return hal::Lock::Holder(LockFileOf(socket));
}

void DeviceLocks::Sign() {
  for (hal::Lock& lock : files_) lock.Sign();
  for (auto& [link, lock] : links_) lock.Sign();
}

}  // namespace sw::device
