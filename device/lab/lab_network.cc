#include "device/lab/lab_network.h"

namespace sw::device {
namespace {

// Locally administered and the same in every run: 02-00, the node's place in the file, the port.
std::array<std::uint8_t, 6> MakeMac(std::size_t node, const std::string& interface) {
  const auto name = ParseInterfaceName(interface);
  const std::size_t port = name ? static_cast<std::size_t>(name->number) : 0;
  const auto byte = [](std::size_t v) { return static_cast<std::uint8_t>(v & 0xff); };
  return {0x02, 0x00, byte(node >> 8), byte(node), byte(port >> 8), byte(port)};
}

}  // namespace

Result<std::unique_ptr<LabNetwork>> LabNetwork::Build(const Topology& topology, Scheduler& scheduler, Random& random) {
  std::unique_ptr<LabNetwork> lab(new LabNetwork);
  std::map<std::string, std::size_t> place;
  std::map<std::string, hal::VirtualLink*> bridges;
  const auto new_link = [&] {
    lab->links_.push_back(std::make_unique<hal::VirtualLink>(scheduler, random, lab->packets_));
    return lab->links_.back().get();
  };
  for (const Topology::Node& node : topology.nodes) {
    place.emplace(node.name, place.size() + 1);
    if (node.kind == Topology::Kind::kBridge) {
      bridges[node.name] = new_link();
    } else {
      lab->platforms_[node.name] = std::make_unique<LabPlatform>(scheduler, lab->packets_);
    }
  }
  for (const Topology::Link& link : topology.links) {
    const auto bridge_of = [&bridges](const Topology::End& end) {
      auto it = bridges.find(end.node);
      return it == bridges.end() ? nullptr : it->second;
    };
    hal::VirtualLink* segment = bridge_of(link.a) != nullptr ? bridge_of(link.a) : bridge_of(link.b);
    if (segment == nullptr) segment = new_link();
    // A frame crosses the cables of both ports: the one cable of a direct link counts on one side only.
    hal::Impairment cable = link.impairment;
    for (const Topology::End* end : {&link.a, &link.b}) {
      LabPlatform* platform = lab->Find(end->node);
      if (platform == nullptr) continue;
      SW_TRY(platform
                 ->AddPort(end->interface, *segment, cable, MakeMac(place.at(end->node), end->interface),
                           link.mtu != 0 ? link.mtu : LabPlatform::kMtu)
                 .Within(end->node));
      lab->joined_[{end->node, end->interface}] = segment;
      cable = {};
    }
  }
  return lab;
}

LabPlatform* LabNetwork::Find(const std::string& node) {
  auto it = platforms_.find(node);
  return it == platforms_.end() ? nullptr : it->second.get();
}

hal::VirtualLink* LabNetwork::LinkOf(const std::string& node, const std::string& interface) {
  auto it = joined_.find({node, interface});
  return it == joined_.end() ? nullptr : it->second;
}

}  // namespace sw::device
