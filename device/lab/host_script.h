// What a lab can do of the shell lines by which containerlab sets a Linux host up: addresses, links up and down,
// routes.
//
// The lines become commands of our terminal; whatever else they hold is counted and left out. Forms: ip-address(8),
// ip-link(8), ip-route(8), with their abbreviations, also inside `sh -c '...'` and joined by && or ;.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sw::device {

struct HostScript {
  std::string commands;      // from system view on; empty: none
  std::size_t left_out = 0;  // commands of the shell
  std::string first_left_out;
};

// `port_of` turns a link's name into our interface; empty: the host has no such link.
using PortOf = std::function<std::string(std::string_view link)>;
HostScript ReadHostScript(const std::vector<std::string>& lines, const PortOf& port_of);

}  // namespace sw::device
