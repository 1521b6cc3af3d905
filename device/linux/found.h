// What the device found on the machine before it changed it, and what it added, so that all of it is put back: at the
// end, or, where the process was killed, by the next start.
//
// Kept in a file, a line for each change, written before the change is made. It is good for one boot of the machine and
// one network namespace, and dropped in others, where nothing of it is there any more. What a predecessor noted is
// claimed by whoever does the same again; what nobody claims is for the owner to put back. One thread. Our choice.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "hal/base/address.h"
#include "hal/base/result.h"
#include "hal/ports/descriptor.h"

namespace sw::device {

class Found {
 public:
  static std::string Sysctl(const std::string& path) { return "sysctl " + path; }
  static std::string Mtu(const std::string& link) { return "mtu " + link; }
  static std::string Up(const std::string& link) { return "up " + link; }
  static std::string Address(const std::string& link, const Prefix& address) {
    return "address " + link + " " + address.ToString();
  }
  static std::string Vlan(const std::string& link) { return "vlan " + link; }
  static std::string Route(const Prefix& destination, int preference) {
    return "route " + destination.ToString() + " " + std::to_string(preference);
  }
  static constexpr char kRules[] = "rules";

  using Notes = std::map<std::string, std::string>;  // what, and what it was; empty: it was not there

  // Reads what a predecessor left and keeps the file from then on. kStorage: it cannot be kept, and is known only until
  // the process ends. An empty path: the same, without an error.
  Status Open(const std::string& path);
  // What a predecessor noted: the caller's affair from now on.
  std::optional<std::string> Claim(const std::string& what);
  void Note(const std::string& what, const std::string& was);  // the first note of a thing stands
  void Drop(const std::string& what);                          // put back
  const Notes& unclaimed() const { return left_; }
  void Keep();  // writes the file anew, whatever another process has made of it

 private:
  void Write(char sign, const std::string& what, const std::string& was);
  Status Rewrite();
  std::string path_;
  hal::Descriptor file_;
  Notes left_, noted_;
};

}  // namespace sw::device
