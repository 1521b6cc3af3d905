#include "cli/session/binding.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/session/operator.h"
#include "config-db/schema.h"

namespace sw::cli {

configdb::Value StoredValue(const configdb::Column& column, const Argument& argument) {
  if (argument.terminal->stores_null) return {};
  if (column.type == configdb::Type::kText) return argument.value;
  std::int64_t number = 0;
  std::from_chars(argument.value.data(), argument.value.data() + argument.value.size(), number);
  if (argument.terminal->spec.preset == number && !column.required) return {};
  return number;
}

namespace {

configdb::Key KeyOf(const configdb::Table& table, const Match& match) {
  configdb::Key key;
  for (std::size_t i = 0; i < table.keys; ++i) {
    const Argument* argument = match.Find(table.columns[i].name);
    key.push_back(argument == nullptr ? configdb::Value() : StoredValue(table.columns[i], *argument));
  }
  return key;
}

Status RunObject(Operator& session, const Match& match, const configdb::Table& table) {
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

Status UndoObject(Operator& session, const Match& match, const configdb::Table& table) {
  const configdb::Key key = KeyOf(table, match);
  SW_TRY(session.Configure([&](configdb::Edit& edit) {
    return RemoveRow(edit, table.name, key, fmt::format("{} does not exist", configdb::KeyText(key)));
  }));
  if (session.view() == match.command->enters && session.object() == key) session.Enter(View::kSystem);
  return {};
}

}  // namespace

Status RemoveRow(configdb::Edit& edit, std::string_view table, const configdb::Key& key, std::string missing) {
  const Result<bool> removed = edit.Remove(table, key);
  if (removed.ok() && !*removed) return {Code::kNotFound, std::move(missing)};
  return removed.status();
}

std::vector<configdb::Assignment> ColumnsOf(const Match& match) {
  const configdb::Table& table = *configdb::FindTable(match.command->table);
  std::vector<configdb::Assignment> columns;
  std::vector<std::size_t> places(table.columns.size());  // of each column in `columns`, from 1; 0: not there
  const auto place_of = [&](const configdb::Column& column) -> std::size_t& {
    return places[static_cast<std::size_t>(&column - table.columns.data())];
  };
  for (const Symbol& terminal : match.form->terminals) {
    const configdb::Column* column = terminal.name.empty() ? nullptr : configdb::FindColumn(table, terminal.name);
    if (column == nullptr || place_of(*column) != 0) continue;
    columns.push_back({column->name, {}});
    place_of(*column) = columns.size();
  }
  if (match.undo) return columns;
  // The words of a { }* that share a column stand in it in the form's order, whatever was typed.
  std::vector<const Argument*> arguments;
  for (const Argument& argument : match.arguments) arguments.push_back(&argument);
  std::ranges::stable_sort(arguments, {}, &Argument::terminal);
  for (const Argument* argument : arguments) {
    const configdb::Column* column = configdb::FindColumn(table, argument->terminal->name);
    if (column == nullptr || place_of(*column) == 0) continue;
    configdb::Value& stored = columns[place_of(*column) - 1].value;
    configdb::Value value = StoredValue(*column, *argument);
    const auto* before = std::get_if<std::string>(&stored);
    if (before != nullptr) value = *before + " " + std::get<std::string>(value);
    stored = std::move(value);
  }
  return columns;
}

Status StoreColumns(Operator& session, const Match& match, const std::vector<configdb::Assignment>& columns) {
  const configdb::Key key = session.object().empty() ? configdb::Key{std::int64_t{1}} : session.object();
  return session.Configure([&](configdb::Edit& edit) -> Status {
    for (const configdb::Assignment& assignment : columns) {
      const Result<bool> set = edit.Set(match.command->table, key, assignment.column, assignment.value);
      if (!set.ok()) return set.status();
    }
    return {};
  });
}

Status RunBinding(Operator& session, const Match& match) {
  const configdb::Table& table = *configdb::FindTable(match.command->table);
  if (match.command->stores == Stores::kObject) {
    return match.undo ? UndoObject(session, match, table) : RunObject(session, match, table);
  }
  return StoreColumns(session, match, ColumnsOf(match));
}

}  // namespace sw::cli
