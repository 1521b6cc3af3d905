// Access control lists and time ranges as configured. The lists themselves are kept where they are matched
// (device/acl/acl_table.h): there may be very many rules, so what changed carries them, and nothing holds them twice.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "device/acl/time_range.h"
#include "device/config/rows.h"
#include "ipsec/acl.h"

namespace sw::device {

// New values; nullopt: gone.
struct AclDelta {
  std::map<std::string, std::optional<TimeRange>> time_ranges;
  std::map<int, std::optional<ipsec::Acl::Order>> lists;
  std::map<std::pair<int, int>, std::optional<ipsec::AclRule>> rules;  // list and number
  bool empty() const { return time_ranges.empty() && lists.empty() && rules.empty(); }
};

// A row of acl_rule as the matcher has it. Rules of MAC lists match no IP packet and are not asked for.
ipsec::AclRule AclRuleOf(const configdb::Row& row);

void TakeTimeRange(const configdb::Key& name, Rows sections, AclDelta& delta);
void TakeAcl(const configdb::Key& key, Rows rows, AclDelta& delta);
void TakeAclRule(const configdb::Key& key, Rows rows, AclDelta& delta);

}  // namespace sw::device
