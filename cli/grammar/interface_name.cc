#include "cli/grammar/interface_name.h"

#include <charconv>

#include "cli/grammar/text.h"

namespace sw::cli {
namespace {

constexpr std::int64_t kMaxSubinterface = 4094;

constexpr InterfaceType kTypes[] = {
    {"GigabitEthernet", View::kGigabitEthernet, 255, true, true, "GigabitEthernet interface", "<0>/<0-255>[.<1-4094>]"},
    {"LoopBack", View::kLoopBack, 1023, false, false, "LoopBack interface", "<0-1023>"},
    {"NULL", View::kNull, 0, false, false, "NULL interface", "<0>"},
    {"Tunnel", View::kTunnel, 1023, false, false, "Tunnel interface", "<0-1023>"},
    {"Virtual-Template", View::kVirtualTemplate, 1023, false, false, "Virtual-Template interface", "<0-1023>"},
};

// Takes decimal digits from the front; nullopt when there are none or they exceed `highest`.
std::optional<std::int64_t> TakeNumber(std::string_view& text, std::int64_t highest) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > highest) return std::nullopt;
  if (text.front() == '-') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::span<const InterfaceType> InterfaceTypes() {
  return kTypes;
}

std::string InterfaceName::ToString() const {
  std::string out(type->name);
  if (type->slot) out += "0/";
  out += std::to_string(number);
  if (sub) out += "." + std::to_string(*sub);
  return out;
}

std::optional<InterfaceName> InterfaceName::ParseNumber(const InterfaceType& type, std::string_view text) {
  if (type.slot) {
    if (!text.starts_with("0/")) return std::nullopt;
    text.remove_prefix(2);
  }
  if (text.empty()) return std::nullopt;
  const std::optional<std::int64_t> number = TakeNumber(text, type.highest);
  if (!number) return std::nullopt;
  InterfaceName name{&type, *number, std::nullopt};
  if (text.empty()) return name;
  if (!type.subinterfaces || text.front() != '.') return std::nullopt;
  text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  name.sub = TakeNumber(text, kMaxSubinterface);
  if (!name.sub || *name.sub == 0 || !text.empty()) return std::nullopt;
  return name;
}

std::optional<InterfaceName> InterfaceName::Parse(std::string_view word) {
  const std::size_t digit = word.find_first_of("0123456789");
  if (digit == 0 || digit == std::string_view::npos) return std::nullopt;
  const InterfaceType* found = nullptr;
  for (const InterfaceType& type : kTypes) {
    if (!HasPrefix(type.name, word.substr(0, digit))) continue;
    if (found != nullptr) return std::nullopt;
    found = &type;
  }
  return found == nullptr ? std::nullopt : ParseNumber(*found, word.substr(digit));
}

}  // namespace sw::cli
