// One setting under /proc/sys, changed for as long as this object lives and put back after that: as it was found by the
// first start of the device (device/linux/found.h).
#pragma once

#include <string>

#include "device/linux/found.h"
#include "hal/base/result.h"

namespace sw::device {

class Sysctl {
 public:
  static Result<Sysctl> Set(std::string path, const std::string& value, Found& found);  // "net/ipv4/ip_forward"
  static Status Write(const std::string& path, const std::string& value);  // for good
  Sysctl(Sysctl&& other) noexcept;
  Sysctl& operator=(Sysctl&&) = delete;
  ~Sysctl();
  bool changed() const { return !before_.empty(); }  // it stood differently before

 private:
  Sysctl(std::string path, std::string before, Found& found)
      : path_(std::move(path)), before_(std::move(before)), found_(&found) {}
  std::string path_;
  std::string before_;  // empty: it stood like that already, nothing to put back
  Found* found_;
};

}  // namespace sw::device
