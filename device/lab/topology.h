// A lab as a file says it: nodes and the links between them, in containerlab's topology syntax (containerlab.dev,
// "Topology definition"), described in sw8800-lab(5).
//
// Only what a lab of sw8800 devices has a use for is read. Keys that mean nothing here, or that nobody knows, are named
// in `notes`, each once; what does not fit together is an error. Nodes of other kinds are plain hosts: a device that
// has the addresses and routes which their exec lines set. Every message starts with file and line. Nothing is opened
// but the lab file itself; start-up configuration paths are resolved against its folder and may lead anywhere, as
// containerlab allows: run only lab files that you trust with your files.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/result.h"
#include "hal/ports/virtual_link.h"

namespace sw::device {

struct Topology {
  static constexpr std::size_t kMaxFile = 1 << 20;  // bytes
  static constexpr std::size_t kMaxNodes = 1024;
  static constexpr std::size_t kMaxLinks = 4096;
  static constexpr std::size_t kMaxExec = 1024;  // lines of one node, merged ones included
  static constexpr std::size_t kMaxText = 512;   // bytes of one name, path or line
  static constexpr int kMaxPort = 255;           // eth255

  enum class Kind : std::uint8_t { kSw8800, kBridge, kHost };
  struct Node {
    std::string name;
    Kind kind = Kind::kSw8800;
    std::string startup_config;  // resolved path; empty: none
    std::string startup_text;    // commands after those of the file: written in the lab file, or made from shell lines
    std::vector<std::string> exec;  // command lines to type once the device has booted
    std::size_t line = 0;           // where the file has it
  };
  struct End {
    std::string node;
    std::string interface;  // GigabitEthernet0/N of a sw8800 (ethN) or a host; as written for a bridge
  };
  struct Link {
    End a, b;                    // an end without a node leads out of the lab
    int mtu = 0;                 // of the ports at both ends; 0: as they are
    hal::Impairment impairment;  // of the cable, once per crossing
    std::size_t line = 0;
  };

  std::string name;
  std::vector<Node> nodes;  // in the order of the file
  std::vector<Link> links;
  std::vector<std::string> notes;  // "lab.yaml:7: image means nothing here"
};

// `file` is how messages call it, and where relative paths start from.
Result<Topology> ParseTopology(std::string_view text, const std::string& file);

}  // namespace sw::device
