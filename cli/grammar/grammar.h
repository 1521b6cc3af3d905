// All commands, indexed: turns a line into one row with typed arguments, or into an error with a column; answers `?`
// and TAB.
//
// Rules of abbreviation and the five errors: Comware V7 CLI guide and captures of V3 devices. A
// line in a sub-view is tried there first, then in system view; when both fail, the error that came further counts.
// Immutable after Build; any number of sessions may share it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/command.h"
#include "cli/grammar/form.h"

namespace sw::cli {

struct Argument {
  const Symbol* terminal = nullptr;
  std::string value;               // canonical; what a keyword stores, or what was typed
  std::size_t begin = 0, end = 0;  // in the line
};

struct Match {
  const Command* command = nullptr;
  const Form* form = nullptr;  // the command's own, also when it is undone
  bool undo = false;
  View view = View::kUser;          // where the command was found
  std::vector<Argument> arguments;  // in the order typed
  std::vector<const Symbol*> path;  // one per token

  bool Has(std::string_view keyword) const;
  const Argument* Find(std::string_view name) const;  // null: not given
  std::string Text(std::string_view name) const;      // empty: not given
  std::optional<std::int64_t> Int(std::string_view name) const;
};

enum class SyntaxError : std::uint8_t { kUnrecognized, kIncomplete, kAmbiguous, kTooMany, kWrongParameter };
std::string_view Message(SyntaxError error);  // "Unrecognized command found at '^' position."

struct Refusal {
  SyntaxError error = SyntaxError::kUnrecognized;
  std::size_t column = 0;  // in the line
};

struct ParseResult {
  std::optional<Match> match;
  Refusal refusal;  // when there is no match
};

struct HelpLine {
  std::string word, phrase;
};
struct HelpResult {
  std::vector<HelpLine> lines;  // sorted; arguments behind keywords, <cr> last
  Refusal refusal;              // when there are no lines
};

struct CompletionResult {
  std::size_t begin = 0;
  std::vector<std::string> words;
};

class Grammar {
 public:
  // Refuses forms that do not parse, words without help, and two rows of one view with the same form. The rows must
  // outlive the grammar.
  static Result<Grammar> Build(std::span<const std::span<const Command>> tables);
  Grammar(Grammar&&) noexcept;
  Grammar& operator=(Grammar&&) noexcept;
  ~Grammar();

  // Levels that differ from the tables' (`command-privilege`): per view, one for each entry; an empty vector: none.
  using Levels = std::array<std::vector<std::uint8_t>, kViews>;
  // Gives `level` to the commands of the view that begin like `command`; false: there are none.
  bool SetLevel(Levels& levels, View view, std::string_view command, std::uint8_t level) const;

  // `levels` null: the tables'.
  ParseResult Parse(View view, std::uint8_t level, std::string_view line, const Levels* levels = nullptr) const;
  HelpResult Help(View view, std::uint8_t level, std::string_view text, const Levels* levels = nullptr) const;
  CompletionResult Complete(View view, std::uint8_t level, std::string_view text, const Levels* levels = nullptr) const;

  // The rows with their compiled forms, in table order: printing the configuration walks these.
  struct Entry {
    const Command* command;
    bool undo;
    Form form;
    std::size_t main;  // undo: the entry it undoes
  };
  std::span<const Entry> entries() const;

 private:
  struct Impl;
  explicit Grammar(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace sw::cli
