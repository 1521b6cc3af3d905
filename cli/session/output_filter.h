// `| begin | include | exclude REGEX` and `by-linenum`: lines of a command's output in, lines to show out.
//
// The characters of an expression are those of the Comware V7 CLI guide: ^ $ . * + ? [ ] ( ) | \ and _, which stands
// for the begin or end of a line, a blank or one of , { } ( ). Case counts.
// `| json`: the command's model, as it comes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hal/base/result.h"

namespace sw::cli {

struct Match;

class OutputFilter {
 public:
  enum class Keep : std::uint8_t { kAll, kBegin, kInclude, kExclude, kJson };

  // kBadValue: no expression.
  static Result<std::unique_ptr<OutputFilter>> Create(Keep keep, std::string_view expression, bool number_lines);
  // Of what is typed behind a command; null: nothing.
  static Result<std::unique_ptr<OutputFilter>> Of(const Match& match);
  ~OutputFilter();
  OutputFilter(const OutputFilter&) = delete;
  OutputFilter& operator=(const OutputFilter&) = delete;

  bool json() const { return keep_ == Keep::kJson; }
  std::string Feed(std::string_view text);
  std::string Finish();  // a last line without its end

 private:
  OutputFilter();
  void Line(std::string_view line, std::string& out);
  bool Matches(std::string_view line) const;

  struct Expression;
  Keep keep_ = Keep::kAll;
  std::unique_ptr<Expression> expression_;  // null for kAll
  bool number_lines_ = false, begun_ = false;
  std::size_t number_ = 0;
  std::string rest_;  // kJson: all of it
};

}  // namespace sw::cli
