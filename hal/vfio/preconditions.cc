#include "hal/vfio/preconditions.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "hal/ports/privileges.h"

namespace sw::hal::vfio {
namespace {

// Whether one thing is missing, and how it is said.
struct Place {
  const pcie::PciDevice& device;
  const pcie::PciTree& tree;
  const Rights& rights;
};

std::optional<Missing> NoGroup(const Place& at) {
  if (!at.device.group.empty()) return std::nullopt;
  return Missing{
      at.device.address + " has no IOMMU group: the IOMMU is off",
      "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&intel_iommu=on iommu=pt /' /etc/default/grub && update-grub && reboot"};
}

std::optional<Missing> NoVfio(const Place& at) {
  if (at.tree.Exists("/dev/vfio/vfio")) return std::nullopt;
  return Missing{"there is no /dev/vfio/vfio: the VFIO drivers are not loaded", "modprobe vfio-pci"};
}

std::string BindCommand(const pcie::PciDevice& device) {
  const std::string folder = "/sys/bus/pci/devices/" + device.address;
  return fmt::format("echo vfio-pci > {}/driver_override; {}echo {} > /sys/bus/pci/drivers_probe", folder,
                     device.driver.empty() ? "" : fmt::format("echo {} > {}/driver/unbind; ", device.address, folder),
                     device.address);
}

std::optional<Missing> NotBound(const Place& at) {
  if (at.device.driver == "vfio-pci") return std::nullopt;
  return Missing{at.device.driver.empty()
                     ? at.device.address + " has no driver, and needs vfio-pci"
                     : fmt::format("{} has the driver {}, and needs vfio-pci", at.device.address, at.device.driver),
                 BindCommand(at.device)};
}

std::optional<Missing> NeighbourBound(const Place& at) {
  for (const pcie::PciDevice& other : at.tree.InGroup(at.device.group)) {
    const bool bridge = other.class_code >> 8 == 0x0604;  // the kernel leaves bridges in a group alone
    if (other.address == at.device.address || bridge || other.driver.empty() || other.driver == "vfio-pci") continue;
    return Missing{fmt::format("{} is in the same IOMMU group and has the driver {}", other.address, other.driver),
                   BindCommand(other)};
  }
  return std::nullopt;
}

std::optional<Missing> MayNotOpen(const Place& at) {
  const std::string path = "/dev/vfio/" + at.device.group;
  if (!at.tree.Exists(path) || at.rights.may_open(at.tree.Path(path))) return std::nullopt;
  return Missing{"this process may not open " + path, "chown " + std::to_string(::getuid()) + " " + path};
}

std::optional<Missing> LocksTooLittle(const Place& at) {
  if (at.rights.locks_any || at.rights.memory_to_lock >= kSharedMemory) return std::nullopt;
  return Missing{fmt::format("this process may lock {} KiB of memory (RLIMIT_MEMLOCK), and a card needs {} KiB",
                             at.rights.memory_to_lock / 1024, kSharedMemory / 1024),
                 fmt::format("ulimit -l {}   # of a service: systemctl edit sw8800d, LimitMEMLOCK={}M",
                             kSharedMemory / 1024, kSharedMemory >> 20)};
}

// Bit 3 of the extended capabilities of each remapping unit: Intel VT-d specification 3.0, section 10.4.3.
std::optional<Missing> UnsafeInterrupts(const Place& at) {
  const std::string parameter = "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
  if (at.tree.Read(parameter) != "N") return std::nullopt;
  for (const std::string& unit : at.tree.List("/sys/class/iommu")) {
    const std::string ecap = at.tree.Read("/sys/class/iommu/" + unit + "/intel-iommu/ecap");
    if (ecap.empty() || (std::strtoull(ecap.c_str(), nullptr, 16) >> 3 & 1) != 0) continue;
    return Missing{unit + " does not remap interrupts, and VFIO does not take that for safe", "echo 1 > " + parameter};
  }
  return std::nullopt;
}

constexpr std::optional<Missing> (*kChecks[])(const Place&) = {
    NoGroup, NoVfio, NotBound, NeighbourBound, MayNotOpen, LocksTooLittle, UnsafeInterrupts};

}  // namespace

std::string Text(const Missing& missing) {
  return fmt::format("{}; mend it with: {}", missing.sentence, missing.command);
}

Rights Rights::OfThisProcess() {
  Rights out;
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0) out.memory_to_lock = limit.rlim_cur;
  out.locks_any = MayLockAnyMemory();
  out.may_open = [](const std::string& path) {
    return ::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) == 0;
  };
  return out;
}

std::vector<Missing> MissingFor(const std::string& address, const pcie::PciTree& tree, const pcie::KnownCards& cards,
                                const Rights& rights) {
  const std::optional<pcie::PciDevice> device = tree.Find(address);
  if (!device) return {Missing{address + ": there is no such PCI device", "lspci -D"}};
  if (cards.Find(*device) == nullptr)
    return {Missing{fmt::format("{} is {}, which is not a known card", address, device->id()),
                    fmt::format("echo '{} map sw8800' >> {}   # if its registers are those of sw8800-card(7)",
                                device->id(), pcie::kCardsFile)}};
  std::vector<Missing> out;
  for (const auto check : kChecks)
    if (std::optional<Missing> missing = check({*device, tree, rights})) out.push_back(std::move(*missing));
  return out;
}

std::vector<Surveyed> Survey(const pcie::PciTree& tree, const pcie::KnownCards& cards, const Rights& rights) {
  std::vector<Surveyed> out;
  for (const pcie::PciDevice& device : tree.devices()) {
    const pcie::KnownCard* card = cards.Find(device);
    out.push_back(
        {device, card == nullptr ? std::string() : card->name, MissingFor(device.address, tree, cards, rights)});
  }
  return out;
}

}  // namespace sw::hal::vfio
