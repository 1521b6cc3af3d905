// The parts of this device, and what the crypto engine measured of itself.
#include <fmt/format.h>

#include <algorithm>

#include "cli/card/displays.h"
#include "hal/suites.h"

namespace sw::cli {
namespace {

constexpr auto kPart = Fields<DevicePart>({
    {"slot", "Slot", [](auto& v) { return v.slot; }, {"Slot", 6}},
    {"type", "Type", [](auto& v) { return v.type; }, {"Type", 16}},
    {"state", "State", [](auto& v) { return v.state; }, {"State", 10}},
    {"engine", "What does the cryptography", [](auto& v) { return v.engine; }, {"Engine"}},
});
constexpr auto kParts = Fields<DeviceView>({
    {"parts", "By slot", [](auto& v) { return List<kPart>(v); }},
});

std::string WholeText(const Value& value) {
  return fmt::format("{:.0f}", std::get<double>(value.held));
}
std::string PacketsText(const Value& value) {
  const std::string text = PlainText(value);
  return text == "0" ? "never" : text == "1" ? "1 packet" : text + " packets";
}
std::string TransformName(const hal::Capability& v) {
  const std::string_view cipher = hal::Info(v.cipher).name;
  if (hal::Info(v.cipher).aead) return std::string(cipher);
  return fmt::format("{}/{}", cipher, hal::Info(v.integrity).name);
}
// Of the engine's transforms, which the card has, or has not.
std::string OnCard(const CryptoView& v, bool on_card) {
  std::string out;
  for (const hal::Capability& t : v.engine.transforms) {
    const auto same = [&t](const hal::Capability& o) { return o.cipher == t.cipher && o.integrity == t.integrity; };
    if (v.card == nullptr || std::ranges::any_of(v.card->transforms, same) != on_card) continue;
    out += (out.empty() ? "" : ", ") + TransformName(t);
  }
  return out;
}
constexpr auto kFigure = Fields<hal::EngineFigure>({
    {"transform", "Cipher/integrity", [](auto& v) { return TransformName(v.transform); }, {"transform", 27}},
    {"does",
     "seal or open",
     [](auto& v) { return v.direction == hal::Direction::kSeal ? "seal" : "open"; },
     {"does", 6}},
    {"one_mb_s", "MB/s of OpenSSL, packet by packet", [](auto& v) { return v.one; }, {"OpenSSL", -9, WholeText}},
    {"burst_mb_s", "MB/s in bursts", [](auto& v) { return v.many; }, {"in bursts", -11, WholeText}},
    {"bursts_from",
     "Packets from which bursts are used; 0: never",
     [](auto& v) { return v.many_from; },
     {"  bursts used from", 0, [](const Value& v) { return "  " + PacketsText(v); }}},
});
constexpr auto kCrypto = Fields<CryptoView>({
    {"engine", "What does the cryptography", [](auto& v) { return v.engine.engine; }},
    {"max_sas", "At most", [](auto& v) { return v.engine.max_sas; }},
    {"max_burst", "Packets in flight at most", [](auto& v) { return v.engine.max_burst; }},
    {"transforms", "How many it knows", [](auto& v) { return v.engine.transforms.size(); }},
    {"on_card", "Transforms of the card, where it lacks some",
     [](auto& v) { return OnCard(v, false).empty() ? std::string() : OnCard(v, true); }},
    {"in_software", "Transforms that the card lacks: their SAs are software's",
     [](auto& v) { return OnCard(v, false); }},
    {"figures", "Measured at start, of 1024 byte packets", [](auto& v) { return List<kFigure>(v.engine.figures); }},
});

constexpr auto kMissing = Fields<hal::vfio::Missing>({
    {"sentence", "What a card needs and has not", [](auto& v) { return v.sentence; }},
    {"command", "That mends it", [](auto& v) { return v.command; }},
});
constexpr auto kPciDevice = Fields<hal::vfio::Surveyed>({
    {"address", "PCI address", [](auto& v) { return v.device.address; }},
    {"id", "Vendor and device", [](auto& v) { return v.device.id(); }},
    {"driver", "Bound to it, or empty", [](auto& v) { return v.device.driver; }},
    {"group", "Of the IOMMU, or empty", [](auto& v) { return v.device.group; }},
    {"card", "Its name, or empty: not a known card", [](auto& v) { return v.card; }},
    {"usable", "The driver can take it", [](auto& v) { return v.missing.empty(); }},
    {"missing", "In the order in which it is mended", [](auto& v) { return List<kMissing>(v.missing); }},
});
constexpr auto kPci = Fields<PciView>({
    {"devices", "By address", [](auto& v) { return List<kPciDevice>(v); }},
});

}  // namespace

constexpr DisplayOf<DeviceView> kDeviceDisplay(kParts, " {#parts}{*parts} {|}{/}");
constexpr DisplayOf<CryptoView> kCryptoDisplay(
    kCrypto,
    " engine: {engine}\n SAs: {max_sas} at most, packets in flight: {max_burst} at most, transforms: {transforms}\n"
    "{?in_software} on the card: {on_card}\n in software, for the card lacks them: {in_software}\n{/}"
    "{?figures} measured at start, MB/s of 1024 byte packets:\n {#figures}{*figures} {|}{/}"
    " Transforms that are not listed go to OpenSSL packet by packet.\n{/}");

constexpr DisplayOf<PciView> kPciDisplay(
    kPci,
    "{*devices} {address} {id}, driver {?driver}{driver}{:}none{/}, IOMMU group {?group}{group}{:}none{/}: "
    "{?usable}{card}, can be used\n{:}{?card}{card}, cannot be used\n{:}not a known card\n{/}{/}"
    "{?card}{*missing}   {sentence}\n     {command}\n{/}{/}{/}"
    " Total {devices} PCI device(s)\n");

}  // namespace sw::cli
