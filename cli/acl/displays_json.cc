#include "cli/acl/displays.h"
#include "cli/display/json.h"
#include "cli/display/json_fields.h"

namespace sw::cli {
namespace {

constexpr Field<AclRuleView> kRule[] = {
    {"text", "string", "As configured", [](const AclRuleView& v) -> Json { return v.text; }},
    {"counted", "boolean", "The list sees packets", [](const AclRuleView& v) -> Json { return v.matches.has_value(); }},
    {"matches", "integer", "Packets that matched", [](const AclRuleView& v) -> Json { return v.matches.value_or(0); }},
    {"active", "boolean", "Its time range holds, if it has one",
     [](const AclRuleView& v) -> Json { return !v.inactive; }},
};
constexpr Field<AclView> kAcl[] = {
    {"number", "integer", "ACL", [](const AclView& v) -> Json { return v.number; }},
    {"kind", "string", "Basic ACL and so on", [](const AclView& v) -> Json { return AclKindName(v.number); }},
    {"match_order", "string", "config or auto",
     [](const AclView& v) -> Json { return v.auto_order ? "auto" : "config"; }},
    {"rules", "model", "In the order they take effect",
     [](const AclView& v) -> Json { return Array(All(kRule), v.rules); }, [] { return ArraySchema(All(kRule)); }},
};
constexpr Field<TimeRangeView> kTimeRange[] = {
    {"name", "string", "Time range", [](const TimeRangeView& v) -> Json { return v.name; }},
    {"active", "boolean", "It holds now", [](const TimeRangeView& v) -> Json { return v.active; }},
    {"sections", "strings", "As configured, without the name",
     [](const TimeRangeView& v) -> Json { return v.sections; }},
};

}  // namespace

std::string AclsJson(const std::vector<AclView>& views) {
  return ListText("acls", All(kAcl), views);
}
std::string TimeRangesJson(const std::vector<TimeRangeView>& views) {
  return ListText("time_ranges", All(kTimeRange), views);
}

std::span<const JsonModel> AclJsonModels() {
  static constexpr JsonModel kModels[] = {
      {"display acl", [] { return ListSchema("acls", All(kAcl)); }},
      {"display time-range", [] { return ListSchema("time_ranges", All(kTimeRange)); }},
  };
  return kModels;
}

}  // namespace sw::cli
