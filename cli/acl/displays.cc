#include "cli/acl/displays.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sw::cli {
namespace {

std::string RuleCount(const Value& value) {
  const std::string count = PlainText(value);
  return count + (count == "1" ? " rule" : " rules");
}
std::string_view AclKindName(int number) {
  constexpr std::string_view kNames[] = {"Interface-based ACL", "Basic ACL", "Advanced ACL", "MAC ACL"};
  return kNames[number / 1000 - 1];
}
std::string MomentText(std::int64_t local_time) {
  const std::tm now = fmt::gmtime(static_cast<std::time_t>(local_time));
  return fmt::format("{:%H:%M:%S} {}/{}/{} {:%A}", now, now.tm_mon + 1, now.tm_mday, now.tm_year + 1900, now);
}

constexpr auto kRule = Fields<AclRuleView>({
    {"text", "As configured", [](auto& v) { return v.text; }},
    {"remark", "On it, as configured; empty: none", [](auto& v) { return v.remark; }},
    {"counted", "The list sees packets", [](auto& v) { return v.matches.has_value(); }},
    {"matches", "Packets that matched", [](auto& v) { return v.matches.value_or(0); }},
    {"active", "Its time range holds, if it has one", [](auto& v) { return !v.inactive; }},
});
constexpr auto kAcl = Fields<AclView>({
    {"number", "ACL", [](auto& v) { return v.number; }},
    {"kind", "Basic ACL and so on", [](auto& v) { return AclKindName(v.number); }},
    {"match_order", "config or auto", [](auto& v) { return v.auto_order ? "auto" : "config"; }},
    {"sorted", "match_order is auto", [](auto& v) { return v.auto_order; }},
    {"step", "Distance of the numbers that rules are given", [](auto& v) { return v.step; }},
    {"rules", "In the order they take effect", [](auto& v) { return List<kRule>(v.rules); }, {{}, 0, RuleCount}},
});
constexpr auto kAcls = Fields<AclsView>({
    {"all", "Every list was asked for", [](auto& v) { return v.all; }},
    {"filled", "Lists of the device that have rules", [](auto& v) { return v.filled; }},
    {"acls", "By number", [](auto& v) { return List<kAcl>(v.acls); }},
});

#define SW_ACL                                                  \
  "{kind} {number}, {rules}{?sorted}, match-order is auto{/}\n" \
  "Acl's step is {step}\n"                                      \
  "{*rules} {text}{?counted} ({matches} times matched){/}{!active} (Inactive){/}\n{?remark} {remark}\n{/}{/}"

constexpr auto kTimeRange = Fields<TimeRangeView>({
    {"name", "Time range", [](auto& v) { return v.name; }},
    {"active", "It holds now", [](auto& v) { return v.active; }},
    {"sections", "As configured, without the name", [](auto& v) { return v.sections; }},
});
constexpr auto kTimeRanges = Fields<TimeRangesView>({
    {"now", "Local time, as the text says it", [](auto& v) { return MomentText(v.local_time); }},
    {"time_ranges", "By name", [](auto& v) { return List<kTimeRange>(v.ranges); }},
});

}  // namespace

constexpr DisplayOf<AclsView> kAclsDisplay(
    kAcls, "{?all} Total quantity of nonempty ACL number is {filled}\n\n{/}{*acls}" SW_ACL "{?all}\n{/}{/}");
constexpr DisplayOf<TimeRangesView> kTimeRangesDisplay(
    kTimeRanges,
    "Current time is {now}\n{*time_ranges}\nTime-range : {name} ( {?active}Active{:}Inactive{/} )\n"
    "{*sections} {.}\n{/}{/}");

}  // namespace sw::cli
