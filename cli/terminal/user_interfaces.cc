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

}  // namespace

std::vector<LineId> AllLines(const configdb::Store& store) {
  std::vector<LineId> out = {{LineType::kConsole, 0}, {LineType::kAux, 0}};
  for (int number = 0; number < VtyCount(store); ++number) out.push_back({LineType::kVty, number});
  return out;
}

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

}  // namespace sw::cli
