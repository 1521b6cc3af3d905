// Which commands of the references there are: every form of every line of reference-commands.txt is typed, word for
// word, in the views where it belongs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/grammar.h"

namespace sw::man {

enum class Coverage : std::uint8_t {
  kActs,    // all forms are taken, and something follows
  kKept,    // all forms are taken, stored and printed, and nothing follows
  kInPart,  // some forms are refused
  kAbsent,  // all are
};

struct TypedForm {
  std::string line;  // as typed, with an example of each argument; those of a refused one are in <>
  bool taken = false, acts = false;
};

struct CoverageRow {
  std::string subject, syntax;
  std::string reason;  // why it is not there, or not all of it; empty: none is given
  std::vector<TypedForm> forms;

  Coverage status() const;
};

// `reference`: the text of reference-commands.txt, which says what it holds. A line that cannot be read comes back
// without forms.
std::vector<CoverageRow> CoverageOf(const cli::Grammar& grammar, std::string_view reference);

}  // namespace sw::man
