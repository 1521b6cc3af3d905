#include "device/lab/lab.h"

#include "hal/soft/software_device.h"

namespace sw::device {

Result<std::unique_ptr<Lab>> Lab::Create(const Topology& topology, Scheduler& scheduler, Random& random,
                                         std::function<std::int64_t()> wall_clock) {
  std::unique_ptr<Lab> lab(new Lab);
  Result<std::unique_ptr<LabNetwork>> network = LabNetwork::Build(topology, scheduler, random);
  if (!network.ok()) return network.status();
  lab->network_ = std::move(*network);
  for (const Topology::Node& described : topology.nodes) {
    if (described.kind == Topology::Kind::kBridge) continue;
    Node node{described.name, described.startup_config, described.startup_text, described.exec, nullptr, nullptr};
    Result<std::unique_ptr<hal::SoftwareDevice>> crypto = hal::SoftwareDevice::Create();
    if (!crypto.ok()) return crypto.status();
    node.crypto = std::move(*crypto);
    Result<configdb::Store> store = configdb::Store::Open(":memory:");
    if (!store.ok()) return store.status();
    Result<std::unique_ptr<Device>> device =
        Device::Create(*lab->network_->Find(node.name), std::move(*store), {*node.crypto, random, wall_clock});
    if (!device.ok()) return device.status();
    node.device = std::move(*device);
    lab->nodes_.push_back(std::move(node));
  }
  return lab;
}

Device* Lab::Find(const std::string& name) {
  for (Node& node : nodes_)
    if (node.name == name) return node.device.get();
  return nullptr;
}

}  // namespace sw::device
