#include "man/generate/pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/display/field.h"
#include "cli/display/json.h"
#include "cli/grammar/form.h"
#include "cli/grammar/view.h"
#include "config-db/schema.h"
#include "man/generate/coverage.h"
#include "version.h"

namespace sw::man {
namespace {

using cli::Command;
using cli::Form;
using cli::FormNode;
using cli::Symbol;

// Text that mdoc must not take for a request, an escape or a quote.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '"') {
      out += "\\(dq";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string Heading(std::string_view name, int section, std::string_view description, std::string_view title) {
  return fmt::format(
      ".\\\" Made from the program's tables.\n.Dd November 25, 2026\n.Dt {} {}\n.Os sw8800 {}\n.Sh NAME\n.Nm {}\n.Nd "
      "{}\n",
      title, section, kVersion, name, description);
}

// A form as manuals print it: keywords bold, arguments by name, brackets as they are.
std::string Syntax(const Form& form, const FormNode& node);

std::string Joined(const Form& form, const FormNode& node, std::string_view between) {
  std::string out;
  for (const FormNode& part : node.parts) {
    const std::string text = Syntax(form, part);
    if (text.empty()) continue;
    out += (out.empty() ? "" : std::string(between)) + text;
  }
  return out;
}

std::string Syntax(const Form& form, const FormNode& node) {
  switch (node.kind) {
    case FormNode::Kind::kTerminal: {
      const Symbol& symbol = form.terminals[node.terminal];
      if (symbol.hidden()) return {};
      if (symbol.keyword) return fmt::format("\\fB{}\\fP", Escaped(symbol.word));
      std::string name = symbol.name;
      std::ranges::replace(name, '_', '-');
      return fmt::format("\\fI{}\\fP", Escaped(name));
    }
    case FormNode::Kind::kSequence:
      return Joined(form, node, " ");
    case FormNode::Kind::kOption: {
      const std::string inner = Joined(form, node.parts.front(), " | ");
      const bool loop = node.parts.front().kind == FormNode::Kind::kLoop;
      return inner.empty() ? inner : fmt::format("[ {} ]{}", inner, loop ? "*" : "");
    }
    case FormNode::Kind::kChoice:
      if (node.parts.size() == 1) return Syntax(form, node.parts.front());
      return fmt::format("{{ {} }}", Joined(form, node, " | "));
    case FormNode::Kind::kLoop:
      return fmt::format("{{ {} }}*", Joined(form, node, " | "));
  }
  return {};
}

// Keywords one after the other up to the first argument or choice.
std::vector<std::string> LeadingWords(const Form& form, const FormNode& node) {
  std::vector<std::string> out;
  for (const FormNode& part : node.parts) {
    if (part.kind != FormNode::Kind::kTerminal || !form.terminals[part.terminal].keyword) break;
    out.push_back(form.terminals[part.terminal].word);
  }
  return out;
}

std::string ViewsText(cli::Views views) {
  if (views == cli::kAnyView) return "any view";
  if (views == cli::kAllButUser) return "any view but user view";
  std::string out;
  for (const cli::ViewRow& row : cli::kViewRows) {
    if ((views & cli::In(row.view)) == 0) continue;
    out += (out.empty() ? "" : ", ") + std::string(row.heading) + " view";
  }
  return out;
}

std::string_view LevelText(std::uint8_t level) {
  static constexpr std::array<std::string_view, 4> kNames = {"visit (0)", "monitor (1)", "system (2)", "manage (3)"};
  return kNames[level];
}

// Each word that a person may type, with its phrase; interface types are the same everywhere and left out.
std::string WordsText(const Command& command, const Form& form) {
  const configdb::Table* table = configdb::FindTable(command.table);
  std::string out;
  std::vector<std::string> seen;
  for (const Symbol& symbol : form.terminals) {
    if (symbol.hidden() || symbol.help.empty() || symbol.spec.type == cli::ArgumentType::kInterfaceNumber) continue;
    std::string name = symbol.keyword ? symbol.word : symbol.name;
    if (!symbol.keyword) std::ranges::replace(name, '_', '-');
    const std::string shown = symbol.keyword ? name : fmt::format("{} {}", name, symbol.Shown());
    if (std::ranges::find(seen, shown) != seen.end()) continue;
    seen.push_back(shown);
    const std::string range = symbol.keyword ? "" : fmt::format(" ({})", symbol.Shown());
    const std::string macro = symbol.keyword ? "Cm" : "Ar";
    const std::string text = name == "|" ? "\\&|" : Escaped(name);  // a lone bar is punctuation to mdoc
    out += fmt::format(".It {} {}\n{}{}.\n", macro, text, Escaped(symbol.help), Escaped(range));
    const configdb::Column* setting =
        symbol.keyword || table == nullptr ? nullptr : configdb::FindColumn(*table, symbol.name);
    if (setting != nullptr) out += fmt::format("Origin: {}.\n", Escaped(configdb::OriginOf(*table, *setting)));
  }
  return out.empty() ? out : ".Bl -tag -width Ds -compact\n" + out + ".El\n";
}

std::string CommandText(const Command& command, const Form& form) {
  std::string out = fmt::format(".Bd -ragged\n{}\n.Ed\n", Syntax(form, form.tree));
  if (!command.undo.empty()) {
    std::string words = "undo " + std::string(command.undo.substr(0, command.undo.find_first_of("<[{")));
    while (words.ends_with(' ')) words.pop_back();
    out += fmt::format("Undone by\n.Cm {} .\n", Escaped(words));
  }
  out += fmt::format("Views: {}.\nLevel: {}.\n", Escaped(ViewsText(command.views)), LevelText(command.level));
  if (!command.acts) out += ".Em Stored only :\nkept and printed, but nothing follows from it.\n";
  return out + WordsText(command, form);
}

// The compiled forms of a subject's commands; words without a phrase borrow it, as the terminal does.
std::vector<const cli::Grammar::Entry*> EntriesOf(const cli::Grammar& grammar, const cli::Subject& subject) {
  std::vector<const cli::Grammar::Entry*> out;
  for (const cli::Grammar::Entry& entry : grammar.entries()) {
    const Command* first = subject.commands.data();
    if (!entry.undo && entry.command >= first && entry.command < first + subject.commands.size()) out.push_back(&entry);
  }
  return out;
}

std::string RangeText(const configdb::Column& column) {
  if (!column.one_of.empty()) {
    std::string words(column.one_of);
    for (std::size_t at = 0; (at = words.find('|', at)) != std::string::npos; at += 4) words.replace(at, 1, " or ");
    return words;
  }
  if (column.low == 0 && column.high == 0) return "any";
  if (column.type == configdb::Type::kInt) return fmt::format("{} to {}", column.low, column.high);
  return fmt::format("{} to {} bytes", column.low, column.high);
}

// What NULL means, in the setting's unit.
std::string PresetText(const configdb::Column& column) {
  if (!column.preset) return std::string(column.preset_words);
  return fmt::format("{}{}{}", *column.preset, column.unit.empty() ? "" : " ", column.unit);
}

std::string SettingText(const configdb::Table& table, std::size_t at) {
  const configdb::Column& column = table.columns[at];
  std::string said = fmt::format("{}, {}", column.type == configdb::Type::kInt ? "integer" : "text", RangeText(column));
  if (at < table.keys) said += ", key";
  if (column.required) said += ", always set";
  if (column.secret) said += ", secret";
  if (!column.refers_to.empty()) said += fmt::format(", names a row of {}", column.refers_to);
  std::string out = fmt::format(".It Li {}\n{}.\n", column.name, Escaped(said));
  if (const std::string preset = PresetText(column); !preset.empty())
    out += fmt::format("Default: {}.\n", Escaped(preset));
  if (!column.origin.empty()) out += fmt::format("Origin: {}.\n", Escaped(column.origin));
  return out;
}

// What is to be said of a subject before its commands.
struct Note {
  std::string_view subject, text;
};
constexpr Note kNotes[] = {
    {"Encryption card",
     "All names but encrypt-card shadow and fault inject card, which are our own, are recollection of the family: no\n"
     "page with a command of the card was found.\nWhat they do beyond their names is our choice."},
    {"IPsec proposals", "Those of card proposals are recollection: ipsec card-proposal and use encrypt-card."},
};

}  // namespace

std::string CommandsPage(const cli::Grammar& grammar, std::span<const cli::Subject> subjects) {
  std::string out = Heading("sw8800-commands", 7, "commands of the sw8800 terminal", "SW8800-COMMANDS");
  out +=
      ".Sh DESCRIPTION\nWords in bold are typed as they are, or abbreviated; words in italics are arguments.\n"
      "Braces enclose alternatives, brackets what may be left out; an asterisk behind them says that several may "
      "follow\n"
      "in any order.\nA setting that is undone goes back to its default.\n";
  for (const cli::Subject& subject : subjects) {
    out += fmt::format(".Sh {}\n", Escaped(subject.title));
    for (const Note& note : kNotes)
      if (note.subject == subject.title) out += fmt::format("{}\n", Escaped(note.text));
    for (const cli::Grammar::Entry* entry : EntriesOf(grammar, subject))
      out += CommandText(*entry->command, entry->form);
  }
  return out + ".Sh SEE ALSO\n.Xr sw8800 1 ,\n.Xr sw8800-coverage 7\n";
}

std::string DatabasePage() {
  std::string out = Heading("sw8800-db", 5, "configuration database of sw8800", "SW8800-DB");
  out +=
      ".Sh DESCRIPTION\nThe running configuration is one SQLite database, which\n.Xr sqlite3 1\nmay read while the "
      "device "
      "runs.\nAn object is a row, a parameter a typed column with its range as a CHECK; NULL means the default, which "
      "stands below.\n"
      "Only the device writes.\n.Pp\nBeside the tables below,\n.Li meta\nholds the schema's version,\n.Li startup\nthe "
      "startup "
      "configuration as text, and\n.Li journal_commit\nand\n.Li journal_change\nwho changed what, when, and from "
      "where.\n"
      "Secret columns read *** in the journal.\nThose with a column of their name and _form behind hold what that says: "
      "plain text, text sealed by the key of the installation, or a hash.\n.Sh TABLES\n";
  for (const configdb::Table& table : configdb::Tables()) {
    out += fmt::format(".Ss {}\n", table.name);
    if (!table.parent.empty()) out += fmt::format("Rows go with their row of\n.Li {} .\n", table.parent);
    out += fmt::format("Ranges and defaults, unless a column says otherwise: {}.\n", Escaped(table.origin));
    out += ".Bl -tag -width Ds -compact\n";
    for (std::size_t i = 0; i < table.columns.size(); ++i) out += SettingText(table, i);
    out += ".El\n";
  }
  return out + ".Sh SEE ALSO\n.Xr sw8800d 8\n";
}

// One command of a reference; below it what of it is refused, and why.
std::string CoverageText(const CoverageRow& row) {
  static constexpr std::array<std::string_view, 4> kStatus = {"acts", "stored only", "in part", "absent"};
  std::string syntax = row.syntax;
  std::erase_if(syntax, [](char c) { return c == '<' || c == '>' || c == '\\'; });
  std::string out = fmt::format(".It {} Ta {}\n", kStatus[static_cast<std::size_t>(row.status())], Escaped(syntax));
  if (row.status() == Coverage::kInPart)
    for (const TypedForm& form : row.forms)
      if (!form.taken) out += fmt::format(".It \\& Ta not {}\n", Escaped(form.line));
  if (!row.reason.empty()) out += fmt::format(".It \\& Ta because {}\n", Escaped(row.reason));
  return out;
}

std::string CoveragePage(const cli::Grammar& grammar, std::string_view reference) {
  const std::vector<CoverageRow> rows = CoverageOf(grammar, reference);
  std::array<std::size_t, 4> counts{};  // by Coverage
  std::size_t forms = 0;
  std::string sections, subject;
  for (const CoverageRow& row : rows) {
    ++counts[static_cast<std::size_t>(row.status())];
    forms += row.forms.size();
    if (row.subject != subject) {
      sections += fmt::format("{}.Sh {}\n.Bl -column \"stored only\" \"syntax\"\n", subject.empty() ? "" : ".El\n",
                              Escaped(row.subject));
      subject = row.subject;
    }
    sections += CoverageText(row);
  }
  std::string out = Heading("sw8800-coverage", 7, "which commands of the references sw8800 has", "SW8800-COVERAGE");
  out += fmt::format(
      ".Sh DESCRIPTION\nOf the {} commands that the guide, its siblings and recollection of them name, {} act, {} are\n"
      "stored and printed only, {} are there in part, and {} are absent.\nEach was typed in {} forms in all, with "
      "examples of its arguments;\nthe ranges of arguments are not compared.\nEach table of commands says where its "
      "spelling is from.\n",
      rows.size(), counts[0], counts[1], counts[2], counts[3], forms);
  return out + sections + (subject.empty() ? "" : ".El\n") + ".Sh SEE ALSO\n.Xr sw8800-commands 7\n";
}

std::map<std::string, std::string> Schemas(const cli::Grammar& grammar) {
  std::map<std::string, std::string> out;
  for (const cli::Grammar::Entry& entry : grammar.entries()) {
    std::string command;
    for (const std::string& word : LeadingWords(entry.form, entry.form.tree))
      command += (command.empty() ? "" : " ") + word;
    if (entry.undo || !command.starts_with("display ")) continue;
    std::string name = command + ".json";
    std::ranges::replace(name, ' ', '-');
    if (entry.command->shows != nullptr) out[name] = cli::SchemaOf(command, *entry.command->shows).dump(2) + "\n";
  }
  return out;
}

}  // namespace sw::man
