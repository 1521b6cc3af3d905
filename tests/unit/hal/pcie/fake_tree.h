// A machine's sysfs and /dev as a folder: devices are put in, and what is wrong with them.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "hal/pcie/pci_tree.h"

namespace sw::hal::pcie {

class FakeTree {
 public:
  FakeTree() {
    std::string folder = testing::TempDir() + "sw8800-tree-XXXXXX";
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    root_ = folder;
    Write("/dev/vfio/vfio", "");
  }
  ~FakeTree() { std::filesystem::remove_all(root_); }
  FakeTree(const FakeTree&) = delete;
  FakeTree& operator=(const FakeTree&) = delete;

  PciTree tree() const { return PciTree(root_); }
  void Write(const std::string& file, const std::string& text) {
    const std::filesystem::path path = root_ + file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  void Remove(const std::string& file) { std::filesystem::remove_all(root_ + file); }
  void Link(const std::string& link, const std::string& target) {
    const std::filesystem::path path = root_ + link;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::remove(path);
    std::filesystem::create_symlink(target, path);
  }
  // Empty driver or group: none.
  void Add(const std::string& address, const std::string& vendor, const std::string& device,
           const std::string& driver = "vfio-pci", const std::string& group = "7",
           const std::string& class_code = "0x100000") {
    const std::string folder = "/sys/bus/pci/devices/" + address;
    Write(folder + "/vendor", "0x" + vendor + "\n");
    Write(folder + "/device", "0x" + device + "\n");
    Write(folder + "/subsystem_vendor", "0x1111\n");
    Write(folder + "/subsystem_device", "0x2222\n");
    Write(folder + "/revision", "0x01\n");
    Write(folder + "/class", class_code + "\n");
    if (!driver.empty()) Link(folder + "/driver", "../../../bus/pci/drivers/" + driver);
    if (group.empty()) return;
    Link(folder + "/iommu_group", "../../../../kernel/iommu_groups/" + group);
    Write("/sys/kernel/iommu_groups/" + group + "/devices/" + address, "");
    Write("/dev/vfio/" + group, "");
  }

 private:
  std::string root_;
};

}  // namespace sw::hal::pcie
