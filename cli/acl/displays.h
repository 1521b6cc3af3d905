// `display acl` and `display time-range`. Headings and the count behind a rule: captures of later devices, adapted; the
// status lines of time ranges: Switch 4200G guide page 203.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/display/field.h"

namespace sw::cli {

struct AclRuleView {
  std::string text;                      // as configured
  std::string remark;                    // as configured; empty: none
  std::optional<std::uint64_t> matches;  // not set: a list that sees no packets
  bool inactive = false;                 // its time range does not hold now
};
struct AclView {
  int number = 0;
  bool auto_order = false;
  int step = 1;                    // between the numbers that rules are given
  std::vector<AclRuleView> rules;  // in the order they take effect
};
struct AclsView {
  bool all = false;        // every list was asked for
  std::size_t filled = 0;  // lists of the device with rules
  std::vector<AclView> acls;
};
extern const DisplayOf<AclsView> kAclsDisplay;

struct TimeRangeView {
  std::string name;
  bool active = false;
  std::vector<std::string> sections;  // as configured, without the name
};
struct TimeRangesView {
  std::int64_t local_time = 0;
  std::vector<TimeRangeView> ranges;
};
extern const DisplayOf<TimeRangesView> kTimeRangesDisplay;

}  // namespace sw::cli
