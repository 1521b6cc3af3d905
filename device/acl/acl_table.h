// All access control lists of a device, ready to match, and the time ranges their rules name.
//
// Follows the configuration row by row: one changed rule costs one rule. Whoever matches asks by number each time, or
// when told that something changed: a list may be gone with the next commit. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "device/acl/time_range.h"
#include "device/acl/values.h"
#include "ipsec/acl.h"

namespace sw::device {

inline constexpr int kFirstMacAcl = 4000;

class AclTable {
 public:
  // `local_time` tells the device's time; asked when a rule is set and at every RefreshTimeRanges.
  explicit AclTable(std::function<LocalTime()> local_time) : local_time_(std::move(local_time)) {}
  AclTable(const AclTable&) = delete;  // the lists ask it
  AclTable& operator=(const AclTable&) = delete;

  void Follow(const AclDelta& delta);

  ipsec::Acl* Find(int number);  // null: no such list
  const std::map<int, std::unique_ptr<ipsec::Acl>>& lists() const { return lists_; }
  const std::map<std::string, TimeRange, std::less<>>& time_ranges() const { return time_ranges_; }
  bool Active(std::string_view time_range) const;
  void RefreshTimeRanges();  // the minute changed, or the clock was set

 private:
  void SetList(int number, ipsec::Acl::Order order);

  std::function<LocalTime()> local_time_;
  std::map<std::string, TimeRange, std::less<>> time_ranges_;
  std::map<int, std::unique_ptr<ipsec::Acl>> lists_;
};

}  // namespace sw::device
