#include "cli/session/written_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "cli/configuration/text.h"
#include "cli/grammar/line.h"

namespace sw::cli {
namespace {

// With less text than this in its values no row fills a line: the most words that a form has around one. The others are
// written to see.
constexpr std::size_t kShort = 60;

bool IsShort(const configdb::Row& row) {
  std::size_t size = 0;
  for (const configdb::Value& value : row.values) {
    const auto* text = std::get_if<std::string>(&value);
    size += text != nullptr ? text->size() : 0;
  }
  return size < kShort;
}

Status MustFit(const Grammar& grammar, std::string_view table, const configdb::Row& row) {
  for (const Grammar::Entry& entry : grammar.entries()) {
    const Command& command = *entry.command;
    if (entry.undo || command.stores == Stores::kNothing || command.table != table) continue;
    const std::optional<std::string> written = PrintCommand(entry.form, row);
    if (!written || std::min(written->find('\n'), written->size()) <= kMaxLine) continue;
    return {Code::kBadValue, fmt::format("Written out, the line would have more than {} characters", kMaxLine)};
  }
  return {};
}

}  // namespace

Status ChangeInLines(const Grammar& grammar, configdb::Edit& edit,
                     const std::function<Status(configdb::Edit&)>& change) {
  const std::size_t before = edit.changed_rows().size();
  SW_TRY(change(edit));
  for (std::size_t i = before; i < edit.changed_rows().size(); ++i) {
    const configdb::ChangedRow& changed = edit.changed_rows()[i];
    const Result<std::optional<configdb::Row>> row = edit.store().Find(changed.table, changed.key);
    if (!row.ok()) return row.status();
    if (*row && !IsShort(**row)) SW_TRY(MustFit(grammar, changed.table, **row));
  }
  return {};
}

}  // namespace sw::cli
