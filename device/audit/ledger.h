// Which algorithms each peer uses, and when it did so last: what somebody has to know before weak ones are taken out.
//
// A value. Whoever owns it shows it from time to time what there is; in between it sees nothing. Traffic counts as use,
// and so does the negotiation that made an SA. In memory only, from the start of the device on. At most kMost entries:
// those that were used longest ago give way.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "hal/suites.h"

namespace sw::device {

enum class UseKind : std::uint8_t { kIke, kIpsec, kRegistration, kSession, kData };

struct AlgorithmUse {
  UseKind kind = UseKind::kIke;
  std::string peer;  // its name, where it has one
  Ipv4 address;
  hal::Cipher cipher = hal::Cipher::kNull;
  hal::Integrity integrity = hal::Integrity::kNone;
  hal::DhGroup group = hal::DhGroup::kNone;
  friend auto operator<=>(const AlgorithmUse&, const AlgorithmUse&) = default;
};

class AlgorithmLedger {
 public:
  static constexpr std::size_t kMost = 32768;  // our choice
  // One SA, map or session that is there.
  struct Live {
    AlgorithmUse use;
    std::uint64_t id = 0;  // among those of its kind; the same as long as it is there
    std::uint64_t packets = 0;
    Time since;  // it was made
  };
  struct Entry {
    AlgorithmUse use;
    Time last;
    bool live = false;  // an SA, map or session with them is there
  };

  void Look(Time now, const std::vector<Live>& all);
  void Clear();
  std::vector<Entry> entries() const;  // by use

 private:
  struct When {
    Time last;
    bool live = false;
  };
  void Forget();  // what is too much

  std::map<AlgorithmUse, When> uses_;
  std::map<std::pair<UseKind, std::uint64_t>, std::uint64_t> packets_;  // of what was there at the last look, by id
};

}  // namespace sw::device
