#include "device/acl/acl_table.h"

namespace sw::device {

void AclTable::SetList(int number, ipsec::Acl::Order order) {
  std::unique_ptr<ipsec::Acl>& list = lists_[number];
  if (list != nullptr && list->order() == order) return;
  // The order changes only while there are no rules.
  list = std::make_unique<ipsec::Acl>(number, order, [this](std::string_view name) { return Active(name); });
}

void AclTable::Follow(const AclDelta& delta) {
  for (const auto& [name, range] : delta.time_ranges) {
    if (range) {
      time_ranges_.insert_or_assign(name, *range);
    } else {
      time_ranges_.erase(name);
    }
  }
  if (!delta.time_ranges.empty()) RefreshTimeRanges();
  for (const auto& [number, order] : delta.lists) {
    if (order) {
      SetList(number, *order);
    } else {
      lists_.erase(number);
    }
  }
  for (const auto& [key, rule] : delta.rules) {
    ipsec::Acl* list = Find(key.first);
    if (list == nullptr) continue;
    if (rule) {
      list->Set(*rule);
    } else {
      (void)list->Remove(key.second);
    }
  }
}

ipsec::Acl* AclTable::Find(int number) {
  const auto it = lists_.find(number);
  return it == lists_.end() ? nullptr : it->second.get();
}

bool AclTable::Active(std::string_view time_range) const {
  const auto it = time_ranges_.find(time_range);
  return it != time_ranges_.end() && it->second.Active(local_time_());
}

void AclTable::RefreshTimeRanges() {
  for (auto& [number, list] : lists_) list->RefreshTimeRanges();
}

}  // namespace sw::device
