// What a node of a lab file, its group, its kind or the defaults may say of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "device/lab/topology_map.h"
#include "device/lab/topology_text.h"

namespace sw::device::lab_file {

struct NodeSettings {
  std::string kind, group, image;
  Located startup_config;     // a file, or commands when it has several lines; empty: none
  std::string bound_startup;  // the file mounted where our container image looks for it
  std::vector<Located> exec;
};

NodeSettings ReadNodeSettings(MapReader& reader, const YAML::Node& node, const std::string& what);

// How a lab of ours takes a containerlab kind.
enum class NodeKind : std::uint8_t {
  kSw8800,
  kContainer,
  kBridge,
  kHost
};  // kContainer: our image, on containerlab's Linux
NodeKind KindOf(std::string_view kind, std::string_view image);

}  // namespace sw::device::lab_file
