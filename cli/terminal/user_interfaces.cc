#include "cli/terminal/user_interfaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "config-db/schema.h"

namespace sw::cli {
namespace {

std::string_view PromptType(LineType type) {
  return type == LineType::kConsole ? "console" : TypeWord(type);
}

std::vector<LineId> AllLines(const configdb::Store& store) {
  std::vector<LineId> out = {{LineType::kConsole, 0}, {LineType::kAux, 0}};
  for (int number = 0; number < VtyCount(store); ++number) out.push_back({LineType::kVty, number});
  return out;
}

const LineUse* UseOf(const UserInterfaces& lines, LineId line) {
  for (const auto& [id, use] : lines.uses())
    if (use.line == line) return &use;
  return nullptr;
}

std::string DelayText(Time now, const LineUse& use) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - use.last_input).count();
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

std::string LineRange::ToString() const {
  const std::string head = fmt::format("{}{}", PromptType(type), first);
  return first == last ? head : fmt::format("{}-{}", head, last);
}

std::optional<LineRange> LineRange::Parse(std::string_view text) {
  for (const LineType type : {LineType::kConsole, LineType::kAux, LineType::kVty}) {
    const std::string_view word = PromptType(type);
    if (!text.starts_with(word)) continue;
    text.remove_prefix(word.size());
    LineRange out{type, 0, 0};
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, out.first);
    if (error != std::errc()) return std::nullopt;
    out.last = out.first;
    if (at != end) std::from_chars(at + 1, end, out.last);
    return out;
  }
  return std::nullopt;
}

Result<std::string> LineSections(const configdb::Store& store, const std::optional<LineRange>& only,
                                 const std::function<Result<std::string>(const configdb::Row&)>& settings) {
  const Result<std::vector<configdb::Row>> rows = store.Rows("user_interface");
  if (!rows.ok()) return rows.status();
  struct Group {
    LineRange range;
    std::string text;
  };
  std::vector<Group> groups;
  for (const LineId line : AllLines(store)) {
    if (only && (line.type != only->type || line.number < only->first || line.number > only->last)) continue;
    const auto row = std::ranges::find_if(*rows, [&](const configdb::Row& r) {
      return r.Text("type") == TypeWord(line.type) && r.IntOr("number", 0) == line.number;
    });
    std::string text;
    if (row != rows->end()) {
      Result<std::string> lines = settings(*row);
      if (!lines.ok()) return lines.status();
      text = std::move(*lines);
    }
    if (!groups.empty() && groups.back().range.type == line.type && groups.back().text == text) {
      groups.back().range.last = line.number;
    } else {
      groups.push_back({{line.type, line.number, line.number}, std::move(text)});
    }
  }
  std::string out = "#\n";
  for (const Group& group : groups) {
    out += fmt::format("user-interface {} {}", TypeWord(group.range.type), group.range.first);
    if (group.range.first != group.range.last) out += fmt::format(" {}", group.range.last);
    out += "\n" + group.text;
  }
  return out;
}

std::string LinesSummaryText(const configdb::Store& store, const UserInterfaces& lines, std::optional<LineId> only) {
  std::string out;
  std::optional<LineType> type;
  int used = 0, unused = 0;
  for (const LineId line : AllLines(store)) {
    if (only && line != *only) continue;
    if (type != line.type) {
      const std::string shown = line.Shown();
      out += fmt::format("{}  User interface type : [{}]\n  {:>10}:", out.empty() ? "" : "\n",
                         shown.substr(0, shown.find(' ')), line.absolute());
      type = line.type;
    }
    const bool in_use = UseOf(lines, line) != nullptr;
    out += in_use ? 'U' : 'X';
    ++(in_use ? used : unused);
  }
  return out +
         fmt::format("\n\n  {} user interface(s) in use    (U)\n  {} user interface(s) not used  (X)\n", used, unused);
}

std::string LinesText(const configdb::Store& store, const UserInterfaces& lines, std::optional<LineId> only) {
  std::string out = "  Idx  Type     Tx/Rx      Modem Privi Auth  Int\n";
  for (const LineId line : AllLines(store)) {
    if (only && line != *only) continue;
    const LineSettings settings = SettingsOf(store, line);
    const char login = settings.login == LineLogin::kNone ? 'N' : settings.login == LineLogin::kPassword ? 'P' : 'A';
    out +=
        fmt::format("{} {:<4} {:<8} {:<10} -     {:<5} {:<5} -\n", UseOf(lines, line) != nullptr ? '+' : ' ',
                    line.absolute(), line.Shown(), line.type == LineType::kVty ? "-" : "9600", settings.level, login);
  }
  return out +
         "\n  +    : Current user-interface is active.\n"
         "  F    : Current user-interface is active and work in async mode.\n"
         "  Idx  : Absolute index of user-interface.\n"
         "  Type : Type and relative index of user-interface.\n"
         "  Privi: The privilege of user-interface.\n"
         "  Auth : The authentication mode of user-interface.\n"
         "  Int  : The physical location of UIs.\n"
         "  A    : Authentication use AAA.\n"
         "  N    : Current UI need not authentication.\n"
         "  P    : Authentication use current UI's password.\n";
}

std::string UsersText(const configdb::Store& store, const UserInterfaces& lines, UserInterfaces::UseId own, Time now,
                      bool all) {
  std::vector<std::pair<UserInterfaces::UseId, const LineUse*>> uses;
  for (const auto& [id, use] : lines.uses()) uses.emplace_back(id, &use);
  std::ranges::stable_sort(uses, {}, [](const auto& each) { return each.second->line; });
  std::string out =
      "The user application information of the user interface(s):\n"
      "  Idx UI      Delay    Type Userlevel\n";
  std::string details;
  auto row = [&](char mark, LineId line, std::string_view delay, std::string_view type, std::string_view level) {
    out += fmt::format("{} {:<3} {:<7} {:<8} {:<4} {}\n", mark, line.absolute(), line.Shown(), delay, type, level);
  };
  auto each_use = [&](LineId line) {
    bool any = false;
    for (const auto& [id, use] : uses) {
      if (use->line != line) continue;
      any = true;
      row(id == own ? '+' : ' ', line, DelayText(now, *use), use->protocol, std::to_string(use->level));
      if (use->user.empty() && use->address.empty()) continue;
      details += fmt::format("{:<8}:\n", line.Shown());
      if (!use->user.empty()) details += fmt::format("        User name: {}\n", use->user);
      if (!use->address.empty()) details += fmt::format("        Location: {}\n", use->address);
    }
    return any;
  };
  for (const LineId line : AllLines(store)) {
    if (!each_use(line) && all) row(' ', line, "", "", "");
  }
  if (!details.empty()) out += "\nFollowing are more details.\n" + details;
  return out + " +    : Current operation user.\n F    : Current operation user work in async mode.\n";
}

}  // namespace sw::cli
