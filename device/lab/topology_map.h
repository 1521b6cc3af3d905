// The maps of a lab file, key by key: what is read, what means nothing here, what nobody knows. Notes say the latter
// two, each key once.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sw::device::lab_file {

struct Row {
  std::string_view key;
  std::function<void(const YAML::Node&)> read;
};

class MapReader {
 public:
  // `file` is how notes call the lab file. Both outlive the reader.
  MapReader(const std::string& file, std::vector<std::string>& notes) : file_(file), notes_(notes) {}

  // Calls the row of each key, in the order of the file. `what` names the map in messages; empty: the file.
  void Walk(const YAML::Node& map, const std::string& what, std::span<const std::string_view> ignored,
            const std::vector<Row>& rows);
  // The same where every key must have a row: of what is ours, not containerlab's.
  void WalkStrictly(const YAML::Node& map, const std::string& what, const std::vector<Row>& rows);
  // Said once for each `about`.
  void Note(std::size_t line, const std::string& about, const std::string& text);

 private:
  using Unknown = std::function<void(const YAML::Node& key, const std::string& name)>;
  static void Each(const YAML::Node& map, const std::string& what, const std::vector<Row>& rows,
                   const Unknown& unknown);

  const std::string& file_;
  std::vector<std::string>& notes_;
  std::set<std::string> said_;
};

}  // namespace sw::device::lab_file
