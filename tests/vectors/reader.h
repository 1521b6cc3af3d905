// Reads tests/vectors/*.vec: records of "name value" lines, parted by empty lines; '#' starts a comment line.
#pragma once

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "hal/base/bytes.h"
#include "test_paths.h"

namespace sw::vectors {

inline Bytes FromHex(std::string_view text) {
  if (text.size() % 2 != 0) throw std::invalid_argument("odd number of hex digits");
  Bytes out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

class Record {
 public:
  void Set(const std::string& name, const std::string& value) { values_[name] = value; }
  bool empty() const { return values_.empty(); }
  const std::string& Text(const std::string& name) const { return values_.at(name); }
  Bytes Hex(const std::string& name) const { return FromHex(Text(name)); }

 private:
  std::map<std::string, std::string> values_;
};

// Throws when the file is missing or a value is: a test without its vectors must not pass.
inline std::vector<Record> Read(const std::string& name) {
  const std::string path = std::string(SW_SOURCE_DIR) + "/tests/vectors/" + name;
  std::ifstream in(path);
  if (!in) throw std::runtime_error("no such file: " + path);
  std::vector<Record> out;
  Record record;
  const auto end_record = [&out, &record] {
    if (!record.empty()) out.push_back(record);
    record = {};
  };
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) end_record();
    if (line.empty() || line[0] == '#') continue;
    const std::size_t space = line.find(' ');
    record.Set(line.substr(0, space), space == std::string::npos ? "" : line.substr(space + 1));
  }
  end_record();
  return out;
}

}  // namespace sw::vectors
