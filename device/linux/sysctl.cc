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

Result<Sysctl> Sysctl::Set(std::string path, const std::string& value) {
  std::string before;
  std::ifstream in("/proc/sys/" + path);
  if (!(in >> before)) return Status(Code::kUnsupported, path + ": cannot be read");
  if (before == value) return Sysctl(std::move(path), {});
  SW_TRY(Write(path, value));
  return Sysctl(std::move(path), std::move(before));
}

Sysctl::Sysctl(Sysctl&& other) noexcept : path_(std::move(other.path_)), before_(std::exchange(other.before_, {})) {}

Sysctl::~Sysctl() {
  if (!before_.empty()) (void)Write(path_, before_);  // gone with its interface, or not ours any more: nothing to do
}

}  // namespace sw::device
