// What stands in a lab file, value by value. Whatever does not fit throws Refused, which topology.cc turns into a
// Status.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "hal/base/clock.h"

namespace sw::device::lab_file {

struct Refused {
  std::size_t line;
  std::string why;
};

// A text and its line: nodes of yaml-cpp are references, which a container must not assign.
struct Located {
  std::string text;
  std::size_t line = 0;
};

std::size_t LineOf(const YAML::Node& at);  // from 1
[[noreturn]] void Refuse(const YAML::Node& at, std::string why);
[[noreturn]] void Refuse(std::size_t line, std::string why);

// `what` names the value in messages.
std::string Text(const YAML::Node& node, const std::string& what);  // one line, not empty
std::string Text(const Located& at, const std::string& what);       // the same
Located Raw(const YAML::Node& node, const std::string& what);       // whatever it holds
std::string Name(const YAML::Node& node, const std::string& what);  // letters, digits, - _ .
Duration Delay(const YAML::Node& node, const std::string& what);    // 5ms
double Share(const YAML::Node& node, const std::string& what);      // 10%
int Number(const YAML::Node& node, const std::string& what);        // 0 to 99999

// In quotation marks, cut to 64 bytes, without control characters.
std::string Quoted(std::string_view text);

// "eth3" of a sw8800 is GigabitEthernet0/3; eth0 is containerlab's management network and carries no data.
std::string PortOfEth(const YAML::Node& at, std::string_view eth);

}  // namespace sw::device::lab_file
