// A command's form, compiled: the tree as it is written, and from it which token may follow which.
//
// Notation: words are keywords; <column> and <name:type...> are arguments (cli/grammar/setting_argument.h); { a | b }
// choose one, [ a | b ] choose one or none, { a | b }* one or more of them in any order, each once, [ a | b ]* likewise
// or none. A keyword may say what it stores: word=column stores the word itself, word=column:value that value, where
// NULL is "not set" and _ a blank. \| is the keyword |. In a { }* the words stored in one column are joined by blanks.
// Help: one phrase per keyword and argument, in the order written, separated by |; interface arguments bring theirs. An
// empty phrase is taken from another command that has the same word at the same place. In the phrase of a setting, {}
// stands for its unit and preset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/argument.h"
#include "config-db/schema.h"
#include "hal/base/result.h"

namespace sw::cli {

struct Symbol {
  bool keyword = true;
  std::string word;   // keyword as spelt
  std::string name;   // the argument, or the column a keyword stores in; empty: stores nothing
  std::string value;  // keyword: what it stores
  bool stores_null = false;
  ArgumentSpec spec;  // arguments
  std::string help;
  std::vector<std::uint16_t> next;  // terminals that may follow
  bool last = false;                // Enter may follow
  int once = -1;                    // in a { }*: may be entered only while this bit is unused

  std::string Shown() const { return keyword ? word : DescribeArgument(spec); }
  // Not shown by `?`: a second spelling of what keywords show.
  bool hidden() const {
    const bool one_number = spec.type == ArgumentType::kInt && spec.low == spec.high;
    return !keyword && (spec.type == ArgumentType::kInterfaceWord || one_number);
  }
};

struct FormNode {
  enum class Kind : std::uint8_t { kTerminal, kSequence, kChoice, kOption, kLoop } kind = Kind::kSequence;
  std::uint16_t terminal = 0;
  std::vector<FormNode> parts;
};

struct Form {
  std::vector<Symbol> terminals;
  std::vector<std::uint16_t> first;
  FormNode tree;

  // `prefix` is a keyword in front ("undo"), with its own phrase; empty: none. `table`: whose columns arguments may be;
  // null: none.
  static Result<Form> Parse(std::string_view prefix, std::string_view form, std::string_view help,
                            const configdb::Table* table);
};

}  // namespace sw::cli
