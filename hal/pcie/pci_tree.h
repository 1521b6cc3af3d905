// The PCI devices of this machine as sysfs shows them. Source: Documentation/ABI/testing/sysfs-bus-pci of the kernel.
//
// Reads files, changes none, keeps nothing: each call looks anew. A file that is missing or says nonsense is a value of
// 0, and a device whose folder cannot be read is not there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sw::hal::pcie {

struct PciDevice {
  std::string address;  // 0000:01:00.0
  std::uint16_t vendor = 0, device = 0;
  std::uint16_t subsystem_vendor = 0, subsystem_device = 0;
  std::uint8_t revision = 0;
  std::uint32_t class_code = 0;
  std::string driver;      // bound to it; empty: none
  std::string group;       // of the IOMMU; empty: none
  std::string id() const;  // "5357:8800"
  friend bool operator==(const PciDevice&, const PciDevice&) = default;
};

// As sysfs writes it, "0000:01:00.0"; "01:00.0" is one of domain 0000. nullopt: no PCI address.
std::optional<std::string> ParsePciAddress(std::string_view text);

class PciTree {
 public:
  explicit PciTree(std::string root = {}) : root_(std::move(root)) {}  // what stands before /sys and /dev
  std::vector<PciDevice> devices() const;                              // by address
  std::optional<PciDevice> Find(const std::string& address) const;
  std::vector<PciDevice> InGroup(const std::string& group) const;
  std::string Path(const std::string& absolute) const { return root_ + absolute; }
  bool Exists(const std::string& absolute) const;
  std::string Read(const std::string& absolute) const;               // the first line; empty: there is none
  std::vector<std::string> List(const std::string& absolute) const;  // names in a folder, sorted

 private:
  std::string root_;
};

}  // namespace sw::hal::pcie
