#include "cli/audit/peer_uses.h"

#include <algorithm>
#include <array>

#include "cli/audit/algorithm_uses.h"
#include "cli/clock/displays.h"
#include "device/audit/watch.h"
#include "device/device.h"

namespace sw::cli {
namespace {

std::string_view WhatText(device::UseKind kind) {
  static constexpr std::array<std::string_view, 5> kTexts = {"IKE", "IPsec", "DVPN registration", "DVPN session",
                                                             "DVPN data"};
  return kTexts[static_cast<std::size_t>(kind)];
}

}  // namespace

std::vector<PeerUse> WeakUses(device::Device& device, Profile profile) {
  std::vector<PeerUse> out;
  const Time now = device.scheduler().now();
  for (const device::AlgorithmLedger::Entry& entry : device.algorithms().Now()) {
    PeerUse use{.peer = entry.use.peer, .address = entry.use.address.ToString(), .what = WhatText(entry.use.kind)};
    for (const Algorithm algorithm : WeaknessesOf(entry.use.cipher, entry.use.integrity, entry.use.group)) {
      const Rule& rule = RuleOf(algorithm);
      if (rule.severity[static_cast<std::size_t>(profile)] < Severity::kWarning) continue;
      use.weak.push_back(rule.what);
      use.rules.push_back(rule.id);
    }
    if (use.weak.empty()) continue;
    use.live = entry.live;
    use.used = entry.last != Time{};
    use.idle = std::chrono::duration_cast<std::chrono::seconds>(now - entry.last).count();
    if (use.used) use.last = DateTimeText(device.local_time() - use.idle);
    out.push_back(std::move(use));
  }
  return out;
}

}  // namespace sw::cli
