#include "hal/pcie/pci_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

namespace sw::hal::pcie {
namespace {

namespace fs = std::filesystem;

const std::string kDevices = "/sys/bus/pci/devices";

// "0x5357" as the files have it; 0: no such number.
template <typename T>
T Hexadecimal(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size() ? value : T{0};
}

std::string TargetName(const std::string& link) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  return error ? std::string() : target.filename().string();
}

bool IsHexadecimal(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string PciDevice::id() const {
  return fmt::format("{:04x}:{:04x}", vendor, device);
}

std::optional<std::string> ParsePciAddress(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  if (out.size() == 7) out.insert(0, "0000:");
  const bool shaped = out.size() == 12 && out[4] == ':' && out[7] == ':' && out[10] == '.' && out[11] >= '0' &&
                      out[11] <= '7' && IsHexadecimal(std::string_view(out).substr(0, 4)) &&
                      IsHexadecimal(std::string_view(out).substr(5, 2)) &&
                      IsHexadecimal(std::string_view(out).substr(8, 2));
  if (!shaped || out[8] > '1') return std::nullopt;  // 32 devices a bus
  return out;
}

bool PciTree::Exists(const std::string& absolute) const {
  std::error_code error;
  return fs::exists(Path(absolute), error);
}

std::string PciTree::Read(const std::string& absolute) const {
  std::ifstream in(Path(absolute));
  std::string line;
  std::getline(in, line);
  return line;
}

std::vector<std::string> PciTree::List(const std::string& absolute) const {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(Path(absolute), error), end; !error && it != end; it.increment(error))
    out.push_back(it->path().filename().string());
  std::ranges::sort(out);
  return out;
}

std::optional<PciDevice> PciTree::Find(const std::string& address) const {
  const std::string folder = kDevices + "/" + address;
  if (!ParsePciAddress(address) || !Exists(folder)) return std::nullopt;
  PciDevice out;
  out.address = address;
  out.vendor = Hexadecimal<std::uint16_t>(Read(folder + "/vendor"));
  out.device = Hexadecimal<std::uint16_t>(Read(folder + "/device"));
  out.subsystem_vendor = Hexadecimal<std::uint16_t>(Read(folder + "/subsystem_vendor"));
  out.subsystem_device = Hexadecimal<std::uint16_t>(Read(folder + "/subsystem_device"));
  out.revision = Hexadecimal<std::uint8_t>(Read(folder + "/revision"));
  out.class_code = Hexadecimal<std::uint32_t>(Read(folder + "/class"));
  out.driver = TargetName(Path(folder + "/driver"));
  out.group = TargetName(Path(folder + "/iommu_group"));
  return out;
}

std::vector<PciDevice> PciTree::devices() const {
  std::vector<PciDevice> out;
  for (const std::string& address : List(kDevices))
    if (std::optional<PciDevice> device = Find(address)) out.push_back(std::move(*device));
  return out;
}

std::vector<PciDevice> PciTree::InGroup(const std::string& group) const {
  std::vector<PciDevice> out;
  for (const std::string& address : List("/sys/kernel/iommu_groups/" + group + "/devices"))
    if (std::optional<PciDevice> device = Find(address)) out.push_back(std::move(*device));
  return out;
}

}  // namespace sw::hal::pcie
