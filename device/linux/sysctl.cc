#include "device/linux/sysctl.h"

#include <fstream>
#include <utility>

namespace sw::device {

Status Sysctl::Write(const std::string& path, const std::string& value) {
  std::ofstream out("/proc/sys/" + path);
  out << value << '\n';
  out.flush();
  return out.good() ? Status() : Status(Code::kDenied, path + ": cannot be set to " + value);
}

Result<Sysctl> Sysctl::Set(std::string path, const std::string& value, Found& found) {
  std::string before;
  std::ifstream in("/proc/sys/" + path);
  if (!(in >> before)) return Status(Code::kUnsupported, path + ": cannot be read");
  const std::string now = before;
  if (const auto known = found.Claim(Found::Sysctl(path))) before = *known;
  if (before == value && now == value) return Sysctl(std::move(path), {}, found);
  found.Note(Found::Sysctl(path), before);
  SW_TRY(Write(path, value));
  return Sysctl(std::move(path), std::move(before), found);
}

Sysctl::Sysctl(Sysctl&& other) noexcept
    : path_(std::move(other.path_)), before_(std::exchange(other.before_, {})), found_(other.found_) {}

Sysctl::~Sysctl() {
  if (before_.empty()) return;
  (void)Write(path_, before_);  // gone with its interface, or not ours any more: nothing to do
  found_->Drop(Found::Sysctl(path_));
}

}  // namespace sw::device
