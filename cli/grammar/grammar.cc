#include "cli/grammar/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <map>
#include <set>

#include "cli/grammar/matcher.h"
#include "cli/grammar/setting_argument.h"
#include "cli/grammar/text.h"

namespace sw::cli {

std::string_view Message(SyntaxError error) {
  constexpr std::string_view kMessages[] = {
      "Unrecognized command found at '^' position.", "Incomplete command found at '^' position.",
      "Ambiguous command found at '^' position.",    "Too many parameters found at '^' position.",
      "Wrong parameter found at '^' position.",
  };
  return kMessages[static_cast<std::size_t>(error)];
}

bool Match::Has(std::string_view keyword) const {
  return std::ranges::any_of(path, [&](const Symbol* t) { return t->keyword && t->word == keyword; });
}
const Argument* Match::Find(std::string_view name) const {
  const auto it = std::ranges::find_if(arguments, [&](const Argument& a) { return a.terminal->name == name; });
  return it == arguments.end() ? nullptr : &*it;
}
std::string Match::Text(std::string_view name) const {
  const Argument* argument = Find(name);
  return argument == nullptr ? std::string() : argument->value;
}
std::optional<std::int64_t> Match::Int(std::string_view name) const {
  const Argument* argument = Find(name);
  if (argument == nullptr) return std::nullopt;
  std::int64_t number = 0;
  std::from_chars(argument->value.data(), argument->value.data() + argument->value.size(), number);
  return number;
}

struct Grammar::Impl {
  std::vector<Entry> entries;
  std::deque<std::string> texts;  // forms that are not written in a table as they are
  std::array<std::vector<FirstWord>, kViews> first;

  Matcher MatcherFor(View view, std::uint8_t level, std::string_view line, const Levels* levels) const {
    const auto at = static_cast<std::size_t>(view);
    const std::span<const std::uint8_t> own =
        levels == nullptr ? std::span<const std::uint8_t>() : std::span<const std::uint8_t>((*levels)[at]);
    return Matcher(entries, first[at], level, own, line);
  }
};

namespace {

// Calls visit(place, terminal) for the words before the first bracket or argument, where a place is a path of words.
template <typename Visit>
void LeadingWords(Form& form, Visit visit) {
  std::string place;
  for (const FormNode& node : form.tree.parts) {
    if (node.kind != FormNode::Kind::kTerminal) return;
    Symbol& terminal = form.terminals[node.terminal];
    if (!terminal.keyword) return;
    place += " " + terminal.word;
    visit(place, terminal);
  }
}

const configdb::Table* TableOf(const Command& command) {
  return command.table.empty() ? nullptr : configdb::FindTable(command.table);
}

// The phrases of an undo form, word by word from the command's own form.
std::string UndoHelp(const Command& command, const Form& form) {
  std::string help;
  for (const Token& token : Tokenise(command.undo)) {
    if (token.text.find_first_of("{}[]|") != std::string_view::npos) continue;
    if (token.text.ends_with(":interface>") || token.text.ends_with(":interface-type>")) continue;
    const bool argument = token.text.starts_with('<');
    const std::string_view inside = argument ? token.text.substr(1, token.text.size() - 2) : token.text;
    const std::size_t end = std::min(inside.find(argument ? ':' : '='), inside.size());
    const std::string_view name = inside.substr(0, end);
    const std::optional<SettingArgument> resolved =
        argument ? ResolveArgument(name, inside.substr(std::min(end + 1, inside.size())), TableOf(command))
                 : std::nullopt;
    const auto it = std::ranges::find_if(form.terminals, [&](const Symbol& t) {
      if (t.keyword == argument) return false;
      return argument ? t.name == name && resolved && t.spec.type == resolved->spec.type : t.word == name;
    });
    help += fmt::format("{}{}", help.empty() ? "" : "|", it == form.terminals.end() ? "" : it->help);
  }
  return help;
}

Status Undocumented(const Grammar::Entry& entry) {
  for (const Symbol& terminal : entry.form.terminals) {
    if (terminal.help.empty() && !terminal.hidden()) {
      return {Code::kBadValue, fmt::format("{}'{}': no help phrase for '{}'", entry.undo ? "undo of " : "",
                                           entry.command->form, terminal.keyword ? terminal.word : terminal.name)};
    }
  }
  return {};
}

// What every display command takes at its end (Comware V7 CLI guide); the session does it.
constexpr std::string_view kFilterForm =
    "[ \\| { begin=filter <filter_expression:text:1-254> | include=filter <filter_expression:text:1-254> | "
    "exclude=filter <filter_expression:text:1-254> | json=filter } ]";
constexpr std::string_view kFilterHelp =
    "Show only some of the output|From the first line that matches|Regular expression|Lines that match|"
    "Regular expression|Lines that do not match|Regular expression|As JSON";

bool SortsBefore(const HelpLine& a, const HelpLine& b) {
  auto rank = [](const HelpLine& line) {
    return line.word.starts_with('<') ? (line.word == "<cr>" ? 2 : 1)
           : std::isupper(line.word[0]) && line.word.find_first_of("<.") != std::string::npos ? 1
                                                                                              : 0;
  };
  return rank(a) != rank(b) ? rank(a) < rank(b) : WordLess(a.word, b.word);
}

}  // namespace

Grammar::Grammar(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Grammar::Grammar(Grammar&&) noexcept = default;
Grammar& Grammar::operator=(Grammar&&) noexcept = default;
Grammar::~Grammar() = default;
std::span<const Grammar::Entry> Grammar::entries() const {
  return impl_->entries;
}

Result<Grammar> Grammar::Build(std::span<const std::span<const Command>> tables) {
  auto impl = std::make_unique<Impl>();
  std::map<std::string, std::string, std::less<>> phrases;
  for (std::span<const Command> table : tables) {
    for (const Command& command : table) {
      std::string_view written = command.form, help = command.help;
      if (written.starts_with("display ")) {
        written = impl->texts.emplace_back(fmt::format("{} {}", written, kFilterForm));
        help = impl->texts.emplace_back(fmt::format("{}|{}", help, kFilterHelp));
      }
      Result<Form> form = Form::Parse({}, written, help, TableOf(command));
      if (!form.ok()) return std::move(form.status()).Within(command.form);
      LeadingWords(*form, [&](const std::string& place, const Symbol& terminal) {
        if (!terminal.help.empty()) phrases.emplace(place, terminal.help);
      });
      impl->entries.push_back({&command, false, std::move(*form), impl->entries.size()});
    }
  }
  for (Entry& entry : impl->entries) {
    LeadingWords(entry.form, [&](const std::string& place, Symbol& terminal) {
      if (terminal.help.empty() && phrases.contains(place)) terminal.help = phrases[place];
    });
  }
  const std::size_t commands = impl->entries.size();
  for (std::size_t i = 0; i < commands; ++i) {
    const Command& command = *impl->entries[i].command;
    if (command.undo.empty()) continue;
    Result<Form> form = Form::Parse("undo", command.undo, UndoHelp(command, impl->entries[i].form), TableOf(command));
    if (!form.ok()) return std::move(form.status()).Within(fmt::format("undo {}", command.undo));
    impl->entries.push_back({&command, true, std::move(*form), i});
  }

  std::set<std::pair<std::size_t, std::string>> seen;
  for (std::size_t i = 0; i < impl->entries.size(); ++i) {
    const Entry& entry = impl->entries[i];
    SW_TRY(Undocumented(entry));
    for (std::size_t view = 0; view < kViews; ++view) {
      if ((entry.command->views & In(static_cast<View>(view))) == 0) continue;
      const std::string text =
          fmt::format("{}{}", entry.undo ? "undo " : "", entry.undo ? entry.command->undo : entry.command->form);
      if (!seen.emplace(view, text).second) {
        return Status(Code::kExists, fmt::format("'{}' stands twice in one view", text));
      }
      for (std::uint16_t terminal : entry.form.first) {
        if (!entry.form.terminals[terminal].keyword) {
          return Status(Code::kBadValue, fmt::format("'{}' begins with an argument", text));
        }
        impl->first[view].push_back({entry.form.terminals[terminal].word, static_cast<std::uint16_t>(i), terminal});
      }
    }
  }
  for (std::vector<FirstWord>& words : impl->first) {
    std::ranges::stable_sort(words, [](const FirstWord& a, const FirstWord& b) { return WordLess(a.word, b.word); });
  }
  return Grammar(std::move(impl));
}

bool Grammar::SetLevel(Levels& levels, View view, std::string_view command, std::uint8_t level) const {
  const Tokens tokens = Tokenise(command);
  Matcher matcher = impl_->MatcherFor(view, kManage, command, nullptr);
  if (tokens.empty() || matcher.Advance(tokens)) return false;
  std::vector<std::uint8_t>& own = levels[static_cast<std::size_t>(view)];
  if (own.empty()) {
    for (const Entry& entry : impl_->entries) own.push_back(entry.command->level);
  }
  for (const std::uint16_t entry : matcher.entries()) own[entry] = level;
  return true;
}

ParseResult Grammar::Parse(View view, std::uint8_t level, std::string_view line, const Levels* levels) const {
  const Tokens tokens = Tokenise(line);
  ParseResult result;
  auto attempt = [&](View in) -> std::optional<Refusal> {
    Matcher matcher = impl_->MatcherFor(in, level, line, levels);
    if (std::optional<Refusal> refusal = matcher.Advance(tokens)) return refusal;
    Match match;
    match.view = in;
    if (std::optional<Refusal> refusal = matcher.Finish(match)) return refusal;
    result.match = std::move(match);
    return std::nullopt;
  };
  const std::optional<Refusal> own = attempt(view);
  if (!own) return result;
  result.refusal = *own;
  if (view == View::kUser || view == View::kSystem) return result;
  const std::optional<Refusal> system = attempt(View::kSystem);
  if (system && system->column > own->column) result.refusal = *system;
  return result;
}

HelpResult Grammar::Help(View view, std::uint8_t level, std::string_view text, const Levels* levels) const {
  Tokens tokens = Tokenise(text);
  Token partial{{}, text.size()};
  if (!tokens.empty() && !text.ends_with(' ')) {
    partial = tokens.back();
    tokens.pop_back();
  }
  HelpResult result;
  auto attempt = [&](View in) -> std::optional<Refusal> {
    Matcher matcher = impl_->MatcherFor(in, level, text, levels);
    if (std::optional<Refusal> refusal = matcher.Advance(tokens)) return refusal;
    matcher.Next([&](const Symbol& terminal) {
      if (terminal.hidden()) return;
      if (!terminal.keyword) {
        for (const NamedValue& each : terminal.spec.names) {
          if (!HasPrefix(each.name, partial.text)) continue;
          result.lines.push_back({std::string(each.name), fmt::format("{} {}", terminal.help, each.value)});
        }
        if (terminal.Shown().empty()) return;
      }
      const bool fits = terminal.keyword ? HasPrefix(terminal.word, partial.text)
                                         : partial.text.empty() || AcceptArgument(terminal.spec, partial.text);
      if (fits) result.lines.push_back({terminal.Shown(), terminal.help});
    });
    if (partial.text.empty() && matcher.may_end()) result.lines.push_back({"<cr>", {}});
    if (result.lines.empty()) return Refusal{SyntaxError::kUnrecognized, partial.begin};
    return std::nullopt;
  };
  const std::optional<Refusal> own = attempt(view);
  if (own) {
    result.refusal = *own;
    if (view == View::kUser || view == View::kSystem) return result;
    const std::optional<Refusal> system = attempt(View::kSystem);
    if (system) {
      if (system->column > own->column) result.refusal = *system;
      return result;
    }
  }
  std::ranges::stable_sort(result.lines, SortsBefore);
  auto same = [](const HelpLine& a, const HelpLine& b) { return a.word == b.word; };
  result.lines.erase(std::unique(result.lines.begin(), result.lines.end(), same), result.lines.end());
  return result;
}

CompletionResult Grammar::Complete(View view, std::uint8_t level, std::string_view text, const Levels* levels) const {
  Tokens tokens = Tokenise(text);
  Token partial{{}, text.size()};
  if (!tokens.empty() && !text.ends_with(' ')) {
    partial = tokens.back();
    tokens.pop_back();
  }
  CompletionResult result{partial.begin, {}};
  auto attempt = [&](View in) {
    Matcher matcher = impl_->MatcherFor(in, level, text, levels);
    if (matcher.Advance(tokens)) return;
    matcher.Next([&](const Symbol& terminal) {
      if (terminal.keyword && HasPrefix(terminal.word, partial.text)) result.words.push_back(terminal.word);
      for (const NamedValue& each : terminal.spec.names) {
        if (HasPrefix(each.name, partial.text)) result.words.emplace_back(each.name);
      }
    });
  };
  attempt(view);
  if (result.words.empty() && view != View::kUser && view != View::kSystem) attempt(View::kSystem);
  std::ranges::sort(result.words, WordLess);
  result.words.erase(std::unique(result.words.begin(), result.words.end(), SameWord), result.words.end());
  return result;
}

}  // namespace sw::cli
