// The lines behind a command that asks for a password on devices of the family, where it did not ask: it was refused,
// the password belongs into the command here, or nobody had to be asked. Such a line is a password, most likely, so it
// is neither run nor shown.
//
// What is a command of the view by itself is taken for that command, and what has several words is no password.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/grammar/grammar.h"

namespace sw::cli {

// How many lines with passwords follow `line` where it asks; 0: it never does.
int PasswordsBehind(std::string_view line);

class UnaskedPasswords {
 public:
  explicit UnaskedPasswords(const Grammar& grammar) : grammar_(grammar) {}  // which outlives it

  void Behind(std::string_view line);  // it has ended, and asked nothing
  void End() { left_ = 0; }
  // Why `line`, typed in `view`, is not run; nullopt: it is no such password.
  std::optional<std::string> Skip(View view, std::string_view line);

 private:
  const Grammar& grammar_;
  std::string head_;  // the command
  int left_ = 0;
};

}  // namespace sw::cli
