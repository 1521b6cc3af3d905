#include "cli/grammar/matcher.h"

#include <algorithm>
#include <utility>

#include "cli/grammar/text.h"

namespace sw::cli {
namespace {

Refusal At(SyntaxError error, std::size_t column) {
  return {error, column};
}

// A text argument takes the line from here to its last visible character.
std::string_view Typed(const Symbol& terminal, std::string_view line, const Token& token) {
  return terminal.spec.type == ArgumentType::kText ? TrimEnd(line.substr(token.begin)) : token.text;
}

}  // namespace

void Matcher::Take(Threads& out, std::uint16_t entry, std::uint16_t terminal, std::uint64_t used, std::int32_t before,
                   std::size_t begin, std::size_t end, std::string value) {
  const int once = entries_[entry].form.terminals[terminal].once;
  if (once >= 0) used |= std::uint64_t{1} << once;
  history_.push_back(
      {terminal, before, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), std::move(value)});
  out.push_back({entry, terminal, used, static_cast<std::int32_t>(history_.size()) - 1});
}

std::optional<Refusal> Matcher::TakeFirst(const Token& token) {
  auto it = std::lower_bound(first_.begin(), first_.end(), token.text,
                             [](const FirstWord& word, std::string_view text) { return WordLess(word.word, text); });
  std::string_view chosen;
  bool ambiguous = false;
  for (; it != first_.end() && HasPrefix(it->word, token.text); ++it) {
    if (!Allowed(*it)) continue;
    if (chosen.empty()) {
      chosen = it->word;  // sorted: an exact match comes before all longer words
    } else if (!SameWord(it->word, chosen)) {
      ambiguous = !SameWord(chosen, token.text);
      break;
    }
    Take(threads_, it->entry, it->terminal, 0, -1, token.begin, token.begin + token.text.size());
  }
  if (chosen.empty()) return At(SyntaxError::kUnrecognized, token.begin);
  if (ambiguous) return At(SyntaxError::kAmbiguous, token.begin);
  return std::nullopt;
}

std::optional<Refusal> Matcher::TakeNext(const Token& token, bool& rest_taken) {
  std::string_view chosen;
  bool exact = false, ambiguous = false, keywords = false, arguments = false;
  Next([&](const Symbol& terminal) {
    if (!terminal.keyword) {
      arguments = true;
      return;
    }
    keywords = true;
    if (exact || !HasPrefix(terminal.word, token.text)) return;
    if (terminal.word.size() == token.text.size()) {
      exact = true;
      chosen = terminal.word;
    } else if (chosen.empty()) {
      chosen = terminal.word;
    } else if (!SameWord(chosen, terminal.word)) {
      ambiguous = true;
    }
  });
  if (!exact && ambiguous) return At(SyntaxError::kAmbiguous, token.begin);

  scratch_.clear();
  const std::size_t token_end = token.begin + token.text.size();
  for (const Thread& thread : threads_) {
    const Form& form = entries_[thread.entry].form;
    for (std::uint16_t next : form.terminals[thread.terminal].next) {
      const Symbol& terminal = form.terminals[next];
      if (!Free(terminal, thread.used)) continue;
      if (!chosen.empty()) {
        if (terminal.keyword && SameWord(terminal.word, chosen)) {
          Take(scratch_, thread.entry, next, thread.used, thread.step, token.begin, token_end);
        }
      } else if (!terminal.keyword) {
        const std::string_view typed = Typed(terminal, line_, token);
        std::optional<std::string> value = AcceptArgument(terminal.spec, typed);
        if (!value) continue;
        rest_taken = rest_taken || terminal.spec.type == ArgumentType::kText;
        Take(scratch_, thread.entry, next, thread.used, thread.step, token.begin, token.begin + typed.size(),
             std::move(*value));
      }
    }
  }
  if (scratch_.empty()) {
    return At(arguments  ? SyntaxError::kWrongParameter
              : keywords ? SyntaxError::kUnrecognized
                         : SyntaxError::kTooMany,
              token.begin);
  }
  threads_.swap(scratch_);
  return std::nullopt;
}

std::optional<Refusal> Matcher::Advance(const Tokens& tokens) {
  for (const Token& token : tokens) {
    bool rest_taken = false;
    const std::optional<Refusal> refusal = threads_.empty() ? TakeFirst(token) : TakeNext(token, rest_taken);
    if (refusal) return refusal;
    if (rest_taken) return std::nullopt;
  }
  return std::nullopt;
}

bool Matcher::may_end() const {
  return std::ranges::any_of(
      threads_, [this](const Thread& thread) { return entries_[thread.entry].form.terminals[thread.terminal].last; });
}

std::optional<Refusal> Matcher::Finish(Match& match) const {
  const auto thread = std::ranges::find_if(
      threads_, [this](const Thread& t) { return entries_[t.entry].form.terminals[t.terminal].last; });
  if (thread == threads_.end()) return At(SyntaxError::kIncomplete, TrimEnd(line_).size());

  const Grammar::Entry& entry = entries_[thread->entry];
  match.command = entry.command;
  match.form = &entries_[entry.main].form;
  match.undo = entry.undo;
  boost::container::small_vector<const Step*, 32> steps;
  for (std::int32_t at = thread->step; at >= 0; at = history_[static_cast<std::size_t>(at)].before) {
    steps.push_back(&history_[static_cast<std::size_t>(at)]);
  }
  match.path.reserve(steps.size());
  match.arguments.reserve(steps.size());
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    const Symbol& terminal = entry.form.terminals[(*it)->terminal];
    match.path.push_back(&terminal);
    if (terminal.name.empty()) continue;
    match.arguments.push_back({&terminal, terminal.keyword ? terminal.value : (*it)->value, (*it)->begin, (*it)->end});
  }
  return std::nullopt;
}

}  // namespace sw::cli
