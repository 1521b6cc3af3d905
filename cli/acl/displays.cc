#include "cli/acl/displays.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sw::cli {

std::string_view AclKindName(int number) {
  constexpr std::string_view kNames[] = {"Interface-based ACL", "Basic ACL", "Advanced ACL", "MAC ACL"};
  return kNames[number / 1000 - 1];
}

std::string AclText(const AclView& view) {
  std::string out =
      fmt::format("{} {}, {} {}{}\nAcl's step is 1\n", AclKindName(view.number), view.number, view.rules.size(),
                  view.rules.size() == 1 ? "rule" : "rules", view.auto_order ? ", match-order is auto" : "");
  for (const AclRuleView& rule : view.rules) {
    out += fmt::format(" {}", rule.text);
    if (rule.matches) out += fmt::format(" ({} times matched)", *rule.matches);
    if (rule.inactive) out += " (Inactive)";
    out += '\n';
  }
  return out;
}

std::string TimeRangesText(std::int64_t local_time, const std::vector<TimeRangeView>& views) {
  const std::tm now = fmt::gmtime(static_cast<std::time_t>(local_time));
  std::string out = fmt::format("Current time is {:%H:%M:%S} {}/{}/{} {:%A}\n", now, now.tm_mon + 1, now.tm_mday,
                                now.tm_year + 1900, now);
  for (const TimeRangeView& view : views) {
    out += fmt::format("\nTime-range : {} ( {} )\n", view.name, view.active ? "Active" : "Inactive");
    for (const std::string& section : view.sections) out += fmt::format(" {}\n", section);
  }
  return out;
}

}  // namespace sw::cli
