#include "device/audit/ledger.h"

#include <algorithm>

namespace sw::device {

void AlgorithmLedger::Look(Time now, const std::vector<Live>& all) {
  for (auto& [use, when] : uses_) when.live = false;
  std::map<std::pair<UseKind, std::uint64_t>, std::uint64_t> packets;
  for (const Live& each : all) {
    const auto before = packets_.find({each.use.kind, each.id});
    const std::uint64_t counted = before == packets_.end() ? 0 : before->second;
    packets[{each.use.kind, each.id}] = each.packets;
    When& when = uses_[each.use];
    when.live = true;
    when.last = std::max(when.last, each.packets > counted ? now : each.since);
  }
  packets_ = std::move(packets);
  Forget();
}

void AlgorithmLedger::Forget() {
  if (uses_.size() <= kMost) return;
  std::vector<std::map<AlgorithmUse, When>::iterator> all;
  for (auto each = uses_.begin(); each != uses_.end(); ++each) all.push_back(each);
  const auto kept = all.begin() + static_cast<std::ptrdiff_t>(all.size() - kMost);
  std::nth_element(all.begin(), kept, all.end(), [](const auto& a, const auto& b) {
    return std::pair(a->second.live, a->second.last) < std::pair(b->second.live, b->second.last);
  });
  std::for_each(all.begin(), kept, [this](const auto& each) { uses_.erase(each); });
}

void AlgorithmLedger::Clear() {
  uses_.clear();
  packets_.clear();
}

std::vector<AlgorithmLedger::Entry> AlgorithmLedger::entries() const {
  std::vector<Entry> out;
  for (const auto& [use, when] : uses_) out.push_back({use, when.last, when.live});
  return out;
}

}  // namespace sw::device
