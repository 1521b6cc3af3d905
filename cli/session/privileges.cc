#include "cli/session/privileges.h"

#include "cli/grammar/text.h"

namespace sw::cli {

std::optional<View> PrivilegeView(std::string_view name) {
  for (const ViewRow& row : kViewRows)
    if (!row.name.empty() && SameWord(row.name, name)) return row.view;
  return std::nullopt;
}

std::optional<Grammar::Levels> ConfiguredLevels(const Grammar& grammar, const configdb::Store& store) {
  const Result<std::vector<configdb::Row>> rows = store.Rows("command_privilege");
  if (!rows.ok() || rows->empty()) return std::nullopt;
  Grammar::Levels levels;
  for (const configdb::Row& row : *rows) {
    const std::optional<View> view = PrivilegeView(row.TextOr("view", ""));
    if (view) {
      grammar.SetLevel(levels, *view, row.TextOr("command", ""), static_cast<std::uint8_t>(row.IntOr("level", 0)));
    }
  }
  return levels;
}

}  // namespace sw::cli
