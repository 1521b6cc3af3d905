// Time ranges. Syntax: Router 3000 command reference page 1110; length of names: Switch 5500-EI reference page 750.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/acl/displays.h"
#include "cli/configuration/text.h"
#include "cli/grammar/line.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/acl/acl_table.h"
#include "device/acl/time_range.h"
#include "device/device.h"

namespace sw::cli {
namespace {

using configdb::Row;

// Days in their canonical order, each once.
std::string DaysText(const Match& match) {
  std::string out;
  for (const device::DayWord& day : device::DayWords()) {
    if (match.Has(day.word)) out += fmt::format("{}{}", out.empty() ? "" : " ", day.word);
  }
  return out;
}

configdb::Key KeyOf(const Match& match) {
  return {match.Text("name"),      DaysText(match).empty() ? "" : match.Text("start_time"),
          match.Text("end_time"),  DaysText(match),
          match.Text("from_time"), match.Text("from_date"),
          match.Text("to_time"),   match.Text("to_date")};
}

bool HasSection(const Match& match) {
  return !DaysText(match).empty() || match.Find("from_date") != nullptr || match.Find("to_date") != nullptr;
}

Status AddSection(Operator& session, const Match& match) {
  if (!HasSection(match)) return {Code::kBadValue, "Say when: a period of the week, a beginning or an end"};
  if (!DaysText(match).empty() && match.Text("start_time") >= match.Text("end_time")) {
    return {Code::kBadValue, "The period ends before it begins"};
  }
  const auto from = device::MomentOf(match.Text("from_time"), match.Text("from_date"));
  const auto to = device::MomentOf(match.Text("to_time"), match.Text("to_date"));
  if (from && to && *from >= *to) return {Code::kBadValue, "The time range ends before it begins"};
  return session.Configure([&](configdb::Edit& edit) { return edit.Ensure("time_range", KeyOf(match)).status(); });
}

Status RemoveSections(Operator& session, const Match& match) {
  return session.Configure([&](configdb::Edit& edit) -> Status {
    bool removed = false;
    if (HasSection(match)) {
      const Result<bool> one = edit.Remove("time_range", KeyOf(match));
      if (!one.ok()) return one.status();
      removed = *one;
    } else {
      const Result<std::vector<Row>> rows = edit.store().RowsUnder("time_range", {match.Text("name")});
      if (!rows.ok()) return rows.status();
      for (const Row& row : *rows) SW_TRY(edit.Remove("time_range", row.values).status());
      removed = !rows->empty();
    }
    return removed ? Status() : NoSuch("The time range");
  });
}

Status DisplayTimeRange(Operator& session, const Match& match) {
  const Result<std::vector<Row>> rows = session.store().Rows("time_range");
  if (!rows.ok()) return rows.status();
  const Form* form = nullptr;
  for (const Grammar::Entry& entry : session.grammar().entries()) {
    if (!entry.undo && entry.command->table == "time_range") form = &entry.form;
  }
  const std::string wanted = match.Text("name");
  TimeRangesView shown{session.device().local_time(), {}};
  std::vector<TimeRangeView>& views = shown.ranges;
  for (const Row& row : *rows) {
    const std::string name = row.TextOr("name", "");
    if (!wanted.empty() && name != wanted) continue;
    if (views.empty() || views.back().name != name) {
      views.push_back({name, session.device().acls().Active(name), {}});
    }
    const std::string line = PrintCommand(*form, row).value_or("");
    views.back().sections.push_back(line.substr(std::string_view("time-range ").size() + name.size() + 1));
  }
  if (views.empty() && !wanted.empty()) return NoSuch("The time range");
  session.Show(kTimeRangesDisplay, shown);
  return {};
}

// `stores` is what the words for days store: their column, or nothing in the undo form.
#define SW_SECTIONS(stores)                                                                                   \
  "[ <start_time> to <end_time> { Mon" stores " | Tue" stores " | Wed" stores " | Thu" stores " | Fri" stores \
  " | Sat" stores " | Sun" stores " | working-day" stores " | off-day" stores " | daily" stores               \
  " }* ] [ from <from_time> <from_date:us-date> ] [ to <to_time> <to_date:us-date> ]"

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "time-range <name> " SW_SECTIONS("=days"),
     .help = "When rules of ACLs are in force|Name of the time range|Beginning of a period of the day|End of the "
             "period|Time, 24:00 at most|Mondays|Tuesdays|Wednesdays|Thursdays|Fridays|Saturdays|Sundays|Monday to "
             "Friday|Saturday and Sunday|Every day|From a moment on|Time|Date|Up to a moment|Time|Date",
     .run = AddSection,
     .undo = "time-range <name> " SW_SECTIONS(""),
     .undo_run = RemoveSections,
     .stores = Stores::kList,
     .table = "time_range"},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display time-range { all | <name:time_range.name> }",
     .help = "|Time ranges and whether they hold now|Every time range|Name of the time range",
     .run = DisplayTimeRange,
     .shows = &kTimeRangesDisplay},
};

}  // namespace

std::span<const Command> TimeRangeCommands() {
  return kCommands;
}

}  // namespace sw::cli
