#include "cli/session/binding.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/session/session.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

configdb::Value ValueOf(const configdb::Column& column, const Argument& argument) {
  if (argument.terminal->stores_null) return {};
  if (column.type == configdb::Type::kText) return argument.value;
  std::int64_t number = 0;
  std::from_chars(argument.value.data(), argument.value.data() + argument.value.size(), number);
  if (argument.terminal->spec.preset == number && !column.required) return {};
  return number;
}

configdb::Key KeyOf(const configdb::Table& table, const Match& match) {
  configdb::Key key;
  for (std::size_t i = 0; i < table.keys; ++i) {
    const Argument* argument = match.Find(table.columns[i].name);
    key.push_back(argument == nullptr ? configdb::Value() : ValueOf(table.columns[i], *argument));
  }
  return key;
}

Status RunObject(Session& session, const Match& match, const configdb::Table& table) {
  const configdb::Key key = KeyOf(table, match);
  std::vector<configdb::Assignment> values = ColumnsOf(match);  // what the line says beside the key
  std::erase_if(values, [&](const configdb::Assignment& value) {
    return static_cast<std::size_t>(configdb::FindColumn(table, value.column) - table.columns.data()) < table.keys ||
           value.value == configdb::Value();
  });
  bool created = false;
  SW_TRY(session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<bool> ensured = edit.Ensure(table.name, key, values);
    created = ensured.ok() && *ensured;
    return ensured.status();
  }));
  if (created && !match.command->created.empty()) session.Print(fmt::format("{}\n", match.command->created));
  session.Enter(match.command->enters, key);
  return {};
}

Status UndoObject(Session& session, const Match& match, const configdb::Table& table) {
  const configdb::Key key = KeyOf(table, match);
  SW_TRY(session.Configure([&](configdb::Edit& edit) -> Status {
    const Result<bool> removed = edit.Remove(table.name, key);
    if (removed.ok() && !*removed) {
      return {Code::kNotFound, fmt::format("{} does not exist", configdb::KeyText(key))};
    }
    return removed.status();
  }));
  if (session.view() == match.command->enters && session.object() == key) session.Enter(View::kSystem);
  return {};
}

}  // namespace

std::vector<configdb::Assignment> ColumnsOf(const Match& match) {
  const configdb::Table& table = *configdb::FindTable(match.command->table);
  std::vector<configdb::Assignment> columns;
  for (const Symbol& terminal : match.form->terminals) {
    const configdb::Column* column = configdb::FindColumn(table, terminal.name);
    if (column == nullptr) continue;
    auto assignment = std::ranges::find(columns, column->name, &configdb::Assignment::column);
    if (assignment == columns.end()) assignment = columns.insert(columns.end(), {column->name, {}});
    if (match.undo) continue;
    for (const Argument& argument : match.arguments) {
      if (argument.terminal != &terminal) continue;
      configdb::Value value = ValueOf(*column, argument);
      auto* before = std::get_if<std::string>(&assignment->value);
      if (before != nullptr) value = *before + " " + std::get<std::string>(value);  // words of a { }*
      assignment->value = std::move(value);
    }
  }
  return columns;
}

Status StoreColumns(Session& session, const Match& match, const std::vector<configdb::Assignment>& columns) {
  const configdb::Key key = session.object().empty() ? configdb::Key{std::int64_t{1}} : session.object();
  return session.Configure([&](configdb::Edit& edit) -> Status {
    for (const configdb::Assignment& assignment : columns) {
      const Result<bool> set = edit.Set(match.command->table, key, assignment.column, assignment.value);
      if (!set.ok()) return set.status();
    }
    return {};
  });
}

Status RunBinding(Session& session, const Match& match) {
  const configdb::Table& table = *configdb::FindTable(match.command->table);
  if (match.command->stores == Stores::kObject) {
    return match.undo ? UndoObject(session, match, table) : RunObject(session, match, table);
  }
  return StoreColumns(session, match, ColumnsOf(match));
}

}  // namespace sw::cli
