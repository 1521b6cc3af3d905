// The cards that the driver knows: which PCI device has which register map, and how it is peculiar. The first row that
// matches counts. A file can add rows, a line each, `#` begins a remark:
//
//   5357:8800 [subsystem 1234:5678] [revision 01] map sw8800 [quirk one-queue] [name Words to the end of the line]
//
// Numbers are hexadecimal as lspci writes them. Words and form are our choice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/result.h"
#include "hal/pcie/card_map.h"
#include "hal/pcie/pci_tree.h"

namespace sw::hal::pcie {

inline constexpr std::string_view kCardsFile = "/etc/sw8800/cards";

struct CardIds {
  std::uint16_t vendor = 0, device = 0;
  std::optional<std::uint32_t> subsystem;  // vendor << 16 | device
  std::optional<std::uint8_t> revision;
  bool Match(const PciDevice& device) const;
};

struct KnownCard {
  CardIds ids;
  MakeMap map = nullptr;
  std::string_view map_name;
  std::size_t bar_bytes = 0;       // its BAR 0 has at least
  bool one_queue = false;          // quirk one-queue: the others do not work
  bool no_function_reset = false;  // quirk no-function-reset: it does not come back from one
  std::string name;
};

class KnownCards {
 public:
  KnownCards();  // those that are built in
  // Adds the rows of such a file, before the others. kBadValue with the line and what is wrong with it; then none.
  Status Add(std::string_view text);
  const KnownCard* Find(const PciDevice& device) const;  // null: not a known card
  const std::vector<KnownCard>& rows() const { return rows_; }

 private:
  std::vector<KnownCard> rows_;
};

// Those that are built in and those of `tree`'s kCardsFile, if it is there.
Result<KnownCards> ReadKnownCards(const PciTree& tree);

}  // namespace sw::hal::pcie
