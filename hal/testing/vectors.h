// Published vectors as text: records of "name value" lines, parted by empty lines; '#' starts a comment line.
//
// Those that the contract of crypto engines needs are part of this library, so that it can be linked anywhere.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/bytes.h"

namespace sw::vectors {

class Record {
 public:
  void Set(const std::string& name, const std::string& value) { values_[name] = value; }
  bool empty() const { return values_.empty(); }
  // Throw when there is no such value: a test without its vectors must not pass.
  const std::string& Text(const std::string& name) const { return values_.at(name); }
  Bytes Hex(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

Bytes FromHex(std::string_view text);  // throws where it is none
std::vector<Record> Parse(std::string_view text);
// "aes128_cbc.vec"; throws when this library has no such file.
std::vector<Record> Published(std::string_view name);

}  // namespace sw::vectors
