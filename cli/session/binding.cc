#include "cli/session/binding.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/session/secrets.h"
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
  SW_TRY(session.Configure(
      [&](configdb::Edit& edit) { return RemoveRow(edit, table.name, key, NoSuch(configdb::KeyText(key))); }));
  if (session.view() == match.command->enters && session.object() == key) session.Enter(View::kSystem);
  return {};
}

// The rows of a list that belong to the view's object, or all of a list that belongs to the device.
configdb::Key OwnerOf(const Operator& session, const configdb::Table& table) {
  return table.parent.empty() ? configdb::Key() : session.object();
}

// What a line says of a row of a list: its key, and the rest.
struct ListLine {
  configdb::Key key;
  std::vector<configdb::Assignment> values;
};
ListLine ListLineOf(const Operator& session, const Match& match, const configdb::Table& table) {
  ListLine line{OwnerOf(session, table), ColumnsOf(match)};
  ConcealSecrets(line.values, table, nullptr);
  for (std::size_t i = line.key.size(); i < table.keys; ++i) {
    const Argument* part = match.Find(table.columns[i].name);  // a part of a key is never NULL
    line.key.push_back(part != nullptr ? StoredValue(table.columns[i], *part) : configdb::Value(std::string()));
  }
  std::erase_if(line.values, [&](const configdb::Assignment& value) {
    return static_cast<std::size_t>(configdb::FindColumn(table, value.column) - table.columns.data()) < table.keys;
  });
  return line;
}

Status RunList(Operator& session, const Match& match, const configdb::Table& table) {
  const ListLine line = ListLineOf(session, match, table);
  const bool preset = std::ranges::all_of(
      line.values, [](const configdb::Assignment& value) { return value.value == configdb::Value(); });
  if (preset && match.command->undo_run == UndoListSetting) {  // as undone: no row is kept for it
    const Status undone = UndoListSetting(session, match);
    return undone.code() == Code::kNotFound ? Status() : undone;
  }
  return session.Configure([&](configdb::Edit& edit) -> Status {
    SW_TRY(edit.Ensure(table.name, line.key, line.values).status());
    for (const configdb::Assignment& value : line.values)
      SW_TRY(edit.Set(table.name, line.key, value.column, value.value).status());
    return {};
  });
}

// All rows that are as the line says.
Status UndoList(Operator& session, const Match& match, const configdb::Table& table) {
  const auto named = [&](const configdb::Row& row) {
    return std::ranges::all_of(match.arguments, [&](const Argument& argument) {
      const configdb::Column* column = configdb::FindColumn(table, argument.terminal->name);
      return column == nullptr || row[column->name] == StoredValue(*column, argument);
    });
  };
  return session.Configure([&](configdb::Edit& edit) -> Status {
    const configdb::Key owner = OwnerOf(session, table);
    const Result<std::vector<configdb::Row>> rows =
        owner.empty() ? edit.store().Rows(table.name) : edit.store().RowsUnder(table.name, owner);
    if (!rows.ok()) return rows.status();
    bool found = false;
    for (const configdb::Row& row : *rows) {
      if (!named(row)) continue;
      found = true;
      const configdb::Key key(row.values.begin(), row.values.begin() + static_cast<std::ptrdiff_t>(table.keys));
      SW_TRY(edit.Remove(table.name, key).status());
    }
    return found ? Status() : NoSuch("The entry");
  });
}

}  // namespace

Status UndoListSetting(Operator& session, const Match& match) {
  const configdb::Table& table = *configdb::FindTable(match.command->table);
  ListLine line = ListLineOf(session, match, table);
  return session.Configure([&](configdb::Edit& edit) -> Status {
    Result<std::optional<configdb::Row>> row = edit.store().Find(table.name, line.key);
    if (!row.ok()) return row.status();
    if (!*row) return NoSuch("The entry");
    for (const configdb::Assignment& value : line.values)
      SW_TRY(edit.Set(table.name, line.key, value.column, {}).status());
    row = edit.store().Find(table.name, line.key);
    if (!row.ok()) return row.status();
    const std::span<const configdb::Value> values((*row)->values);
    const bool empty = std::ranges::all_of(values.subspan(table.keys),
                                           [](const configdb::Value& value) { return value == configdb::Value(); });
    return empty ? edit.Remove(table.name, line.key).status() : Status();
  });
}

Status RemoveRow(configdb::Edit& edit, std::string_view table, const configdb::Key& key, Status missing) {
  const Result<bool> removed = edit.Remove(table, key);
  if (removed.ok() && !*removed) return missing;
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
  if (match.command->stores == Stores::kList) {
    return match.undo ? UndoList(session, match, table) : RunList(session, match, table);
  }
  return StoreColumns(session, match, ColumnsOf(match));
}

}  // namespace sw::cli
