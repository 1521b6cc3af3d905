#include "cli/session/output_filter.h"

#include <fmt/format.h>
#include <regex.h>

#include <utility>

#include "cli/grammar/grammar.h"

namespace sw::cli {
namespace {

// To a POSIX extended expression that holds only what the guide knows: no repetition counts, no back references.
std::string Posix(std::string_view expression) {
  std::string out;
  bool in_brackets = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (in_brackets) {
      in_brackets = c != ']' || expression[i - 1] == '[' || (expression[i - 1] == '^' && expression[i - 2] == '[');
      out += c;
    } else if (c == '\\' && i + 1 < expression.size()) {
      const char next = expression[++i];
      const bool special = std::string_view("^$.*+?[]()|\\{}").find(next) != std::string_view::npos;
      if (special) out += '\\';
      out += next;
    } else if (c == '_') {
      out += "(^|$|[ ,{}()])";
    } else if (c == '{' || c == '}') {
      out += '\\';
      out += c;
    } else {
      in_brackets = c == '[';
      out += c;
    }
  }
  return out;
}

}  // namespace

struct OutputFilter::Expression {
  regex_t compiled{};
  bool valid = false;
  ~Expression() {
    if (valid) ::regfree(&compiled);
  }
};

OutputFilter::OutputFilter() = default;
OutputFilter::~OutputFilter() = default;

Result<std::unique_ptr<OutputFilter>> OutputFilter::Of(const Match& match) {
  const std::string keep = match.Text("filter");
  const bool number = match.Has("by-linenum");
  if (keep.empty() && !number) return std::unique_ptr<OutputFilter>();
  const Keep what = keep == "begin"     ? Keep::kBegin
                    : keep == "include" ? Keep::kInclude
                    : keep == "exclude" ? Keep::kExclude
                    : keep == "json"    ? Keep::kJson
                                        : Keep::kAll;
  return Create(what, match.Text("filter_expression"), number);
}

Result<std::unique_ptr<OutputFilter>> OutputFilter::Create(Keep keep, std::string_view expression, bool number_lines) {
  std::unique_ptr<OutputFilter> filter(new OutputFilter());
  filter->keep_ = keep;
  filter->number_lines_ = number_lines;
  if (keep == Keep::kAll || keep == Keep::kJson) return filter;
  filter->expression_ = std::make_unique<Expression>();
  Expression& made = *filter->expression_;
  made.valid = ::regcomp(&made.compiled, Posix(expression).c_str(), REG_EXTENDED | REG_NOSUB) == 0;
  if (!made.valid) return {Code::kBadValue, "Not a regular expression"};
  return filter;
}

bool OutputFilter::Matches(std::string_view line) const {
  return ::regexec(&expression_->compiled, std::string(line).c_str(), 0, nullptr, 0) == 0;
}

void OutputFilter::Line(std::string_view line, std::string& out) {
  ++number_;
  bool show = true;
  if (keep_ == Keep::kBegin) show = begun_ = begun_ || Matches(line);
  if (keep_ == Keep::kInclude) show = Matches(line);
  if (keep_ == Keep::kExclude) show = !Matches(line);
  if (!show) return;
  if (number_lines_) out += fmt::format("{:5}:  ", number_);
  out += line;
  out += '\n';
}

std::string OutputFilter::Feed(std::string_view text) {
  std::string out;
  if (json()) {
    rest_ += text;
    return out;
  }
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    if (rest_.empty()) {
      Line(text.substr(0, end), out);
    } else {
      rest_ += text.substr(0, end);
      Line(rest_, out);
      rest_.clear();
    }
  }
  rest_ += text;
  return out;
}

std::string OutputFilter::Finish() {
  std::string out;
  if (json()) return std::exchange(rest_, {});
  if (!rest_.empty()) Line(rest_, out);
  rest_.clear();
  return out;
}

}  // namespace sw::cli
