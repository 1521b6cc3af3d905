// `display acl` and `display time-range` as text. Headings and the count behind a rule: captures of later devices,
// adapted; the status lines of time ranges: Switch 4200G guide page 203.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sw::cli {

struct AclRuleView {
  std::string text;                      // as configured
  std::optional<std::uint64_t> matches;  // not set: a list that sees no packets
  bool inactive = false;                 // its time range does not hold now
};
struct AclView {
  int number = 0;
  bool auto_order = false;
  std::vector<AclRuleView> rules;  // in the order they take effect
};

std::string_view AclKindName(int number);  // Basic ACL ...
std::string AclText(const AclView& view);
std::string AclsJson(const std::vector<AclView>& views);

struct TimeRangeView {
  std::string name;
  bool active = false;
  std::vector<std::string> sections;  // as configured, without the name
};
std::string TimeRangesText(std::int64_t local_time, const std::vector<TimeRangeView>& views);
std::string TimeRangesJson(const std::vector<TimeRangeView>& views);

}  // namespace sw::cli
