#include "hal/pcie/known_cards.h"

#include <fmt/format.h>

#include <charconv>

#include "hal/base/file.h"
#include "hal/pcie/register_map.h"
#include "hal/pcie/sw8800_map.h"
#include "hal/virtio/crypto_map.h"

namespace sw::hal::pcie {
namespace {

struct MapRow {
  std::string_view name;
  MakeMap make;
  std::size_t bar_bytes;  // of BAR 0, which a card with this map has at least; 0: its registers are elsewhere
};
constexpr MapRow kMaps[] = {{"sw8800", Sw8800Map, kBarBytes}, {"virtio-crypto", virtio::CryptoMap, 0}};

void SetMap(KnownCard& card, const MapRow& row) {
  card.map = row.make;
  card.map_name = row.name;
  card.bar_bytes = row.bar_bytes;
}

struct QuirkRow {
  std::string_view name;
  bool KnownCard::*flag;
};
constexpr QuirkRow kQuirks[] = {{"one-queue", &KnownCard::one_queue},
                                {"no-function-reset", &KnownCard::no_function_reset}};

std::string_view TakeWord(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  text.remove_prefix(begin == std::string_view::npos ? text.size() : begin);
  const std::string_view word = text.substr(0, text.find_first_of(" \t\r"));
  text.remove_prefix(word.size());
  return word;
}

template <typename T>
std::optional<T> Hexadecimal(std::string_view text, std::size_t digits) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != digits || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "5357:8800" as vendor << 16 | device.
std::optional<std::uint32_t> Pair(std::string_view text) {
  if (text.size() != 9 || text[4] != ':') return std::nullopt;
  const auto first = Hexadecimal<std::uint16_t>(text.substr(0, 4), 4);
  const auto second = Hexadecimal<std::uint16_t>(text.substr(5), 4);
  if (!first || !second) return std::nullopt;
  return std::uint32_t{*first} << 16 | *second;
}

// One word of a row with what is behind it; false: wrong.
bool TakeSetting(std::string_view word, std::string_view& rest, KnownCard& card) {
  const std::string_view value = word == "name" ? rest : TakeWord(rest);
  if (word == "subsystem") return (card.ids.subsystem = Pair(value)).has_value();
  if (word == "revision") return (card.ids.revision = Hexadecimal<std::uint8_t>(value, 2)).has_value();
  if (word == "map") {
    for (const MapRow& row : kMaps)
      if (row.name == value) SetMap(card, row);
    return card.map_name == value;
  }
  if (word == "quirk") {
    for (const QuirkRow& row : kQuirks)
      if (row.name == value) return card.*row.flag = true;
    return false;
  }
  if (word != "name") return false;
  rest = {};
  const std::size_t begin = value.find_first_not_of(" \t\r"), end = value.find_last_not_of(" \t\r");
  if (begin == std::string_view::npos) return false;
  card.name = value.substr(begin, end - begin + 1);
  return true;
}

Result<KnownCard> ParseRow(std::string_view line) {
  KnownCard card;
  const std::string_view id = TakeWord(line);
  const std::optional<std::uint32_t> pair = Pair(id);
  if (!pair) return Status(Code::kBadValue, fmt::format("'{}' is no VENDOR:DEVICE", id));
  card.ids.vendor = static_cast<std::uint16_t>(*pair >> 16);
  card.ids.device = static_cast<std::uint16_t>(*pair);
  for (std::string_view word = TakeWord(line); !word.empty(); word = TakeWord(line))
    if (!TakeSetting(word, line, card))
      return Status(Code::kBadValue, fmt::format("'{}' or what is behind it is wrong", word));
  if (card.map == nullptr) return Status(Code::kBadValue, "'map' is missing");
  if (card.name.empty()) card.name = fmt::format("card with the map {}", card.map_name);
  return card;
}

}  // namespace

bool CardIds::Match(const PciDevice& found) const {
  return vendor == found.vendor && device == found.device && (!revision || *revision == found.revision) &&
         (!subsystem || *subsystem == (std::uint32_t{found.subsystem_vendor} << 16 | found.subsystem_device));
}

KnownCards::KnownCards() {
  const auto add = [this](std::uint16_t vendor, std::uint16_t device, const MapRow& map, std::string name) {
    KnownCard& card = rows_.emplace_back();
    card.ids = {vendor, device, {}, {}};
    SetMap(card, map);
    card.name = std::move(name);
  };
  add(kVendorId, kDeviceId, kMaps[0], "Switch 8800 crypto card");
  add(virtio::kVendorId, virtio::kCryptoId, kMaps[1], "virtio crypto device");
}

Status KnownCards::Add(std::string_view text) {
  std::vector<KnownCard> added;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Result<KnownCard> card = ParseRow(line);
    if (!card.ok()) return {Code::kBadValue, fmt::format("line {}: {}", number, card.why())};
    added.push_back(std::move(*card));
  }
  rows_.insert(rows_.begin(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
  return {};
}

const KnownCard* KnownCards::Find(const PciDevice& device) const {
  for (const KnownCard& row : rows_)
    if (row.ids.Match(device)) return &row;
  return nullptr;
}

Result<KnownCards> ReadKnownCards(const PciTree& tree) {
  KnownCards out;
  const Result<std::string> text = ReadRegularFile(tree.Path(std::string(kCardsFile)));
  if (text.status().code() == Code::kNotFound) return out;
  if (!text.ok()) return text.status();
  if (Status added = out.Add(*text); !added.ok()) return std::move(added).Within(std::string(kCardsFile));
  return out;
}

}  // namespace sw::hal::pcie
