#include "cli/audit/sources.h"

#include <algorithm>

#include "cli/configuration/text.h"
#include "cli/grammar/line.h"
#include "cli/session/line_reader.h"
#include "cli/session/mask.h"
#include "cli/terminal/user_interfaces.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

constexpr std::string_view kLines = "user_interface";

// The keys of the rows that a view's object stands for: its own, or those of a range of user interfaces.
std::vector<std::string> KeysOf(View view, const configdb::Key& object) {
  if (view != View::kUserInterface) return {configdb::KeyText(object)};
  std::vector<std::string> out;
  const std::optional<LineRange> range = LineRange::Parse(configdb::KeyText(object));
  for (int number = range ? range->first : 1; range && number <= range->last; ++number)
    out.push_back(std::string(TypeWord(range->type)) + " " + std::to_string(number));
  return out;
}

// The key that a command of system view names in its arguments, or that of the only row.
std::string NamedKey(const Match& match, const configdb::Table& table) {
  configdb::Key key;
  for (const configdb::Column& column : table.columns.first(table.keys)) {
    const bool named =
        std::ranges::any_of(match.form->terminals, [&](const Symbol& s) { return s.name == column.name; });
    const std::string text = match.Text(column.name);
    if (!named) return "1";
    key.emplace_back(text.empty() && column.preset ? std::to_string(*column.preset) : text);
  }
  return configdb::KeyText(key);
}

// The key of the row that a line of system view is about. One that is a secret is masked in the report of the line, so
// that it is taken from the row that the line changed; empty: it changed none.
std::string RowKey(const CheckedLine& line, const Match& match, const configdb::Table& table) {
  if (std::ranges::none_of(table.columns.first(table.keys), &configdb::Column::secret)) return NamedKey(match, table);
  const auto row = std::ranges::find(line.rows, table.name, &configdb::ChangedRow::table);
  return row == line.rows.end() ? std::string() : configdb::KeyText(row->key);
}

Place PlaceOf(const LineReport& line) {
  Place out;
  out.line = line.number;
  out.text = line.text;
  out.command_begin = std::min(line.text.find_first_not_of(" \t"), line.text.size()) + 1;
  out.command_end = line.text.size() + 1;
  out.begin = out.command_begin;
  out.end = out.command_end;
  return out;
}

}  // namespace

Sources Sources::Of(const Grammar& grammar, const CheckedScript& script) {
  Sources out;
  for (const CheckedLine& line : script.lines) {
    const LineReport& report = script.report.lines[line.report];
    if (report.outcome != Outcome::kRefused && report.outcome != Outcome::kSkipped) out.Note(grammar, line, report);
  }
  return out;
}

void Sources::Note(const Grammar& grammar, const CheckedLine& line, const LineReport& report) {
  std::string kept;
  const ParseResult parsed = grammar.Parse(line.before, kManage, Blanks(report.text, kept));
  if (!parsed.match) return;
  const Match& match = *parsed.match;
  const configdb::Table* table = configdb::FindTable(match.command->table);
  if (line.after == View::kUserInterface && line.before != line.after) {
    for (std::string& key : KeysOf(line.after, line.object_after))
      places_.emplace(Where{kLines, std::move(key), ""}, PlaceOf(report));
    return;
  }
  if (table == nullptr) return;
  const bool of_object = match.view != View::kSystem && match.view != View::kUser;
  if (match.command->stores != Stores::kObject) {
    const std::vector<std::string> keys =
        of_object ? KeysOf(line.before, line.object_before) : std::vector{RowKey(line, match, *table)};
    Columns(match, table->name, keys, report);
    if (match.command->stores != Stores::kList || of_object) return;
    if (match.undo) return Forget(table->name, keys.front());
    places_.emplace(Where{table->name, keys.front(), ""}, PlaceOf(report));  // the line makes the row
    return;
  }
  const bool entered = !match.undo && line.after != View::kSystem && line.after != View::kUser;
  const std::string key = entered ? configdb::KeyText(line.object_after) : RowKey(line, match, *table);
  if (match.undo) return Forget(table->name, key);
  places_.emplace(Where{table->name, key, ""}, PlaceOf(report));
  for (const Argument& argument : match.arguments) {  // what it says beside the key
    if (argument.terminal == nullptr || argument.terminal->name.empty()) continue;
    Place place = PlaceOf(report);
    place.begin = argument.begin + 1;
    place.end = argument.end + 1;
    places_.insert_or_assign(Where{table->name, key, argument.terminal->name}, place);
  }
}

void Sources::Columns(const Match& match, std::string_view table, const std::vector<std::string>& keys,
                      const LineReport& report) {
  for (const std::string& key : keys) {
    for (const Symbol& symbol : match.form->terminals)
      if (!symbol.name.empty()) places_.erase({std::string(table), key, symbol.name});
    if (match.undo) continue;
    for (const Argument& argument : match.arguments) {
      if (argument.terminal == nullptr || argument.terminal->name.empty()) continue;
      Place place = PlaceOf(report);
      place.begin = argument.begin + 1;
      place.end = argument.end + 1;
      const auto [at, is_new] = places_.emplace(Where{table, key, argument.terminal->name}, place);
      if (!is_new) at->second.end = place.end;  // the words of a { }* that share a column
    }
  }
}

void Sources::Forget(std::string_view table, const std::string& key) {
  std::erase_if(places_,
                [&](const auto& each) { return std::get<0>(each.first) == table && std::get<1>(each.first) == key; });
}

Result<Sources> Sources::Of(const Grammar& grammar, const configdb::Store& store) {
  Sources out;
  std::vector<Where> wheres;  // of the lines that were printed from rows, in their order
  std::vector<std::vector<std::string>> columns;
  constexpr char kMark = '\x1f';
  const LineNote note = [&](const Form& form, std::string_view table, const configdb::Key& key) {
    wheres.emplace_back(table, configdb::KeyText(key), "");
    std::vector<std::string>& names = columns.emplace_back();
    for (const Symbol& symbol : form.terminals)
      if (!symbol.name.empty()) names.push_back(symbol.name);
    return std::string(1, kMark);
  };
  const Result<std::string> text = ConfigurationText(grammar, store, {.note = note});
  if (!text.ok()) return text.status();
  int number = 0;
  std::size_t printed = 0;
  for (std::string_view line : LinesOf(*text)) {
    ++number;
    if (!line.starts_with(kMark) || printed == wheres.size()) continue;
    line.remove_prefix(1);
    LineReport report;
    report.number = number;
    report.text = MaskSecrets(line);
    const Place place = PlaceOf(report);
    const auto& [table, key, unused] = wheres[printed];
    // The only row of a table is there without a line that makes it.
    const bool only_row = configdb::FindTable(table)->columns.front().name == "id";
    if (!line.starts_with(' ') && !only_row) out.places_.emplace(wheres[printed], place);
    for (const std::string& column : columns[printed]) out.places_.emplace(Where{table, key, column}, place);
    ++printed;
  }
  return out;
}

const Place* Sources::Find(std::string_view table, const std::string& key, std::string_view column) const {
  const auto found = places_.find({std::string(table), key, std::string(column)});
  return found == places_.end() ? nullptr : &found->second;
}

const Place* Sources::Heading(std::string_view table, const std::string& key) const {
  return Find(table, key, "");
}

}  // namespace sw::cli
