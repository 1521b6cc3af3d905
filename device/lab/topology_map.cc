#include "device/lab/topology_map.h"

#include <algorithm>

#include "device/lab/topology_text.h"

namespace sw::device::lab_file {

void MapReader::Each(const YAML::Node& map, const std::string& what, const std::vector<Row>& rows,
                     const Unknown& unknown) {
  if (!map.IsMap()) Refuse(map, (what.empty() ? "the file" : what) + " must be a map");
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const std::string key = Text(entry.first, "a key");
    if (!seen.insert(key).second) Refuse(entry.first, Quoted(key) + " is there twice");
    const auto row = std::find_if(rows.begin(), rows.end(), [&key](const Row& r) { return r.key == key; });
    if (row == rows.end()) {
      unknown(entry.first, key);
    } else {
      row->read(entry.second);
    }
  }
}

void MapReader::Walk(const YAML::Node& map, const std::string& what, std::span<const std::string_view> ignored,
                     const std::vector<Row>& rows) {
  Each(map, what, rows, [&](const YAML::Node& at, const std::string& key) {
    const bool known = std::find(ignored.begin(), ignored.end(), key) != ignored.end();
    Note(LineOf(at), key,
         known ? key + " means nothing in a lab of sw8800 and is left out"
               : Quoted(key) + " is not known and is left out");
  });
}

void MapReader::WalkStrictly(const YAML::Node& map, const std::string& what, const std::vector<Row>& rows) {
  Each(map, what, rows,
       [&what](const YAML::Node& at, const std::string& key) { Refuse(at, Quoted(key) + " is not known in " + what); });
}

void MapReader::Note(std::size_t line, const std::string& about, const std::string& text) {
  if (said_.insert(about).second) notes_.push_back(file_ + ":" + std::to_string(line) + ": " + text);
}

}  // namespace sw::device::lab_file
