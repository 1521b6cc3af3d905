// One setting under /proc/sys, changed for as long as this object lives and put back after that.
#pragma once

#include <string>

#include "hal/base/result.h"

namespace sw::device {

class Sysctl {
 public:
  static Result<Sysctl> Set(std::string path, const std::string& value);   // "net/ipv4/ip_forward"
  static Status Write(const std::string& path, const std::string& value);  // for good
  Sysctl(Sysctl&& other) noexcept;
  Sysctl& operator=(Sysctl&&) = delete;
  ~Sysctl();
  bool changed() const { return !before_.empty(); }  // it stood differently before

 private:
  Sysctl(std::string path, std::string before) : path_(std::move(path)), before_(std::move(before)) {}
  std::string path_;
  std::string before_;  // empty: it stood like that already, nothing to put back
};

}  // namespace sw::device
