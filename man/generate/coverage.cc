#include "man/generate/coverage.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <utility>

#include "cli/grammar/command.h"
#include "cli/grammar/text.h"
#include "cli/grammar/view.h"

namespace sw::man {
namespace {

using Words = std::vector<std::string>;

// --- the syntax of a reference: sequences of words, { a | b }, [ a | b ], and a * behind either

struct Syntax {
  enum class Kind : std::uint8_t { kWord, kSequence, kChoice, kOption, kLoop } kind = Kind::kSequence;
  std::string word = {};
  std::vector<Syntax> parts = {};
};

class Reader {
 public:
  explicit Reader(const std::string& text) {
    std::istringstream in(text);
    for (std::string word; in >> word;) words_.push_back(word);
  }
  std::optional<Syntax> Whole() {
    Syntax out = Sequence();
    if (failed_ || at_ != words_.size()) return std::nullopt;
    return out;
  }

 private:
  bool Ends() const {
    if (at_ == words_.size()) return true;
    const std::string& word = words_[at_];
    return word == "|" || word.front() == '}' || word.front() == ']';
  }
  Syntax Sequence() {
    Syntax out;
    while (!Ends()) out.parts.push_back(words_[at_] == "{" || words_[at_] == "[" ? Group() : Word());
    failed_ = failed_ || out.parts.empty();
    return out;
  }
  Syntax Word() {
    const std::string& word = words_[at_++];
    return {.kind = Syntax::Kind::kWord, .word = word.starts_with('\\') ? word.substr(1) : word};
  }
  Syntax Group() {
    const bool option = words_[at_++] == "[";
    Syntax choice{.kind = Syntax::Kind::kChoice};
    choice.parts.push_back(Sequence());
    while (at_ < words_.size() && words_[at_] == "|") {
      ++at_;
      choice.parts.push_back(Sequence());
    }
    const std::string end = at_ < words_.size() ? words_[at_++] : std::string();
    failed_ = failed_ || !end.starts_with(option ? ']' : '}');
    if (end.ends_with('*')) choice.kind = Syntax::Kind::kLoop;
    if (!option) return choice;
    return {.kind = Syntax::Kind::kOption, .parts = {std::move(choice)}};
  }

  Words words_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// The forms in which each part of a syntax stands at least once: the first of all, then one part changed at a time.
std::vector<Words> FormsOf(const Syntax& syntax) {
  std::vector<Words> out;
  switch (syntax.kind) {
    case Syntax::Kind::kWord:
      return {{syntax.word}};
    case Syntax::Kind::kOption:
      out = FormsOf(syntax.parts.front());
      out.insert(out.begin(), Words());
      return out;
    case Syntax::Kind::kChoice:
    case Syntax::Kind::kLoop: {
      Words all;
      for (const Syntax& part : syntax.parts) {
        const std::vector<Words> forms = FormsOf(part);
        out.insert(out.end(), forms.begin(), forms.end());
        all.insert(all.end(), forms.back().begin(), forms.back().end());
      }
      if (syntax.kind == Syntax::Kind::kLoop && syntax.parts.size() > 1) out.push_back(all);
      return out;
    }
    case Syntax::Kind::kSequence: {
      std::vector<std::vector<Words>> parts;
      for (const Syntax& part : syntax.parts) parts.push_back(FormsOf(part));
      const auto with = [&](std::size_t changed, std::size_t form) {
        Words line;
        for (std::size_t i = 0; i < parts.size(); ++i) {
          const Words& words = parts[i][i == changed ? form : 0];
          line.insert(line.end(), words.begin(), words.end());
        }
        return line;
      };
      out.push_back(with(0, 0));
      for (std::size_t i = 0; i < parts.size(); ++i)
        for (std::size_t form = 1; form < parts[i].size(); ++form) out.push_back(with(i, form));
      return out;
    }
  }
  return out;
}

// --- typing

// What an argument may be, tried one after the other. Words that are also keywords somewhere must be the whole keyword.
constexpr std::string_view kExamples[] = {
    "1",
    "10.1.1.1",
    "a",
    "24",
    "255.255.255.0",
    "0.0.0.255",
    "60",
    "300",
    "1000",
    "2000",
    "3000",
    "4000",
    "20",
    "30",
    "100",
    "500",
    "128",
    "3",
    "0/0",
    "1/0",
    "Tunnel",
    "system",
    "default",
    "SHELL",
    "12:00:00",
    "10:00",
    "2010/01/01",
    "01/01/2010",
    "0800",
    "00e0-fc01-0001",
    "%x%",
    "local7",
    "echo",
    "informational",
    "flash:",
    "a.cfg",
    "0123456789",
    "telnet",
    "display",
    "domain",
    "flash:/a.cfg",
    "0123456789abcdef",
    "0123456789abcdef0123456789abcdef",
    "esp",
};
constexpr int kMostTries = 600;

bool IsArgument(const std::string& word) {
  return word.starts_with('<') && word.ends_with('>');
}

class Typist {
 public:
  Typist(const cli::Grammar& grammar, cli::View view, const Words& words)
      : grammar_(grammar), view_(view), words_(words) {}
  // The match of a line that is these words, with examples for the arguments; nullopt: there is none.
  std::optional<cli::Match> Type() { return From(0); }
  const std::string& line() const { return line_; }

 private:
  std::optional<cli::Match> From(std::size_t at) {
    if (at == words_.size()) {
      cli::ParseResult parsed = grammar_.Parse(view_, cli::kManage, line_);
      if (parsed.match && WordForWord(*parsed.match)) return std::move(parsed.match);
      return std::nullopt;
    }
    if (!IsArgument(words_[at])) return With(words_[at], at);
    for (const std::string_view example : kExamples)
      if (std::optional<cli::Match> match = With(example, at)) return match;
    return std::nullopt;
  }
  std::optional<cli::Match> With(std::string_view word, std::size_t at) {
    if (++tries_ > kMostTries) return std::nullopt;
    const std::size_t before = line_.size();
    line_ += (line_.empty() ? "" : " ") + std::string(word);
    const cli::ParseResult parsed = grammar_.Parse(view_, cli::kManage, line_);
    if (parsed.match || parsed.refusal.error == cli::SyntaxError::kIncomplete)
      if (std::optional<cli::Match> match = From(at + 1)) return match;
    line_.resize(before);
    return std::nullopt;
  }
  // No abbreviation, and no argument where the reference has a keyword.
  bool WordForWord(const cli::Match& match) const {
    std::istringstream in(line_);
    std::size_t at = 0;
    for (std::string word; in >> word && at < match.path.size(); ++at) {
      const cli::Symbol& symbol = *match.path[at];
      if (symbol.keyword ? !cli::SameWord(symbol.word, word) : !IsArgument(words_[at]) && !HasName(symbol, word))
        return false;
    }
    return true;
  }
  static bool HasName(const cli::Symbol& symbol, const std::string& word) {
    return std::ranges::any_of(symbol.spec.names, [&](const cli::NamedValue& named) { return named.name == word; });
  }

  const cli::Grammar& grammar_;
  const cli::View view_;
  const Words& words_;
  std::string line_;
  int tries_ = 0;
};

TypedForm TypeIn(const cli::Grammar& grammar, cli::Views views, const Words& words) {
  TypedForm form;
  for (const cli::ViewRow& row : cli::kViewRows) {
    if ((views & cli::In(row.view)) == 0) continue;
    Typist typist(grammar, row.view, words);
    const std::optional<cli::Match> match = typist.Type();
    if (!match) continue;
    form.acts = form.acts || match->command->acts;
    if (!std::exchange(form.taken, true)) form.line = typist.line();
  }
  if (form.taken) return form;
  for (const std::string& word : words) form.line += (form.line.empty() ? "" : " ") + word;
  return form;
}

// --- the file

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// "user, ike peer" -> both; an unknown name is none.
cli::Views ViewsOf(std::string_view names) {
  cli::Views out = 0;
  std::istringstream in{std::string(names)};
  for (std::string name; std::getline(in >> std::ws, name, ',');) {
    if (name == "any") return cli::kAnyView;
    for (const cli::ViewRow& row : cli::kViewRows)
      if (Lower(row.heading) == name) out |= cli::In(row.view);
  }
  return out;
}

}  // namespace

Coverage CoverageRow::status() const {
  const auto taken = static_cast<std::size_t>(std::ranges::count(forms, true, &TypedForm::taken));
  if (taken == 0) return Coverage::kAbsent;
  if (taken < forms.size()) return Coverage::kInPart;
  return std::ranges::any_of(forms, &TypedForm::acts) ? Coverage::kActs : Coverage::kKept;
}

std::vector<CoverageRow> CoverageOf(const cli::Grammar& grammar, std::string_view reference) {
  std::vector<CoverageRow> out;
  std::istringstream lines{std::string(reference)};
  std::string subject;
  cli::Views views = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    if (const std::size_t end = line.find(']'); line.front() == '[' && end != std::string::npos) {
      subject = line.substr(1, end - 1);
      views = ViewsOf(line.substr(end + 1));
      continue;
    }
    const std::size_t tab = line.find('\t');
    CoverageRow row{subject, line.substr(0, tab), tab == std::string::npos ? std::string() : line.substr(tab + 1), {}};
    if (const std::optional<Syntax> syntax = Reader(row.syntax).Whole())
      for (const Words& words : FormsOf(*syntax)) row.forms.push_back(TypeIn(grammar, views, words));
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace sw::man
