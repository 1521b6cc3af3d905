// Walks the commands of one view along the tokens of a line. All commands that still fit advance together, each as a
// thread; so the rules of abbreviation see every keyword possible at a token, whichever command it belongs to.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/grammar.h"
#include "cli/grammar/line.h"

namespace sw::cli {

// The first keywords of a view's commands, sorted; built once.
struct FirstWord {
  std::string_view word;
  std::uint16_t entry, terminal;
};

class Matcher {
 public:
  Matcher(std::span<const Grammar::Entry> entries, std::span<const FirstWord> first, std::uint8_t level,
          std::span<const std::uint8_t> levels, std::string_view line)
      : entries_(entries), first_(first), level_(level), levels_(levels), line_(line) {}

  // Takes tokens one by one; on failure says which error it is and where.
  std::optional<Refusal> Advance(const Tokens& tokens);
  std::optional<Refusal> Finish(Match& match) const;  // Enter

  // What may come next.
  template <typename Visit>  // (const Symbol&)
  void Next(Visit visit) const {
    if (threads_.empty()) {
      for (const FirstWord& word : first_) {
        if (Allowed(word)) visit(entries_[word.entry].form.terminals[word.terminal]);
      }
      return;
    }
    for (const Thread& thread : threads_) {
      const Form& form = entries_[thread.entry].form;
      for (std::uint16_t next : form.terminals[thread.terminal].next) {
        if (Free(form.terminals[next], thread.used)) visit(form.terminals[next]);
      }
    }
  }
  bool may_end() const;
  std::vector<std::uint16_t> entries() const {  // that still fit
    std::vector<std::uint16_t> out;
    for (const Thread& thread : threads_) out.push_back(thread.entry);
    return out;
  }

 private:
  struct Thread {
    std::uint16_t entry, terminal;
    std::uint64_t used;  // alternatives of repetitions that were taken
    std::int32_t step;   // in history_
  };
  using Threads = boost::container::small_vector<Thread, 16>;  // most lines need no heap
  struct Step {
    std::uint16_t terminal;
    std::int32_t before;  // -1: the first
    std::uint32_t begin, end;
    std::string value;  // of an argument, canonical
  };

  bool Allowed(const FirstWord& word) const {
    return (levels_.empty() ? entries_[word.entry].command->level : levels_[word.entry]) <= level_;
  }
  static bool Free(const Symbol& terminal, std::uint64_t used) {
    return terminal.once < 0 || ((used >> terminal.once) & 1U) == 0;
  }
  void Take(Threads& out, std::uint16_t entry, std::uint16_t terminal, std::uint64_t used, std::int32_t before,
            std::size_t begin, std::size_t end, std::string value = {});
  std::optional<Refusal> TakeFirst(const Token& token);
  std::optional<Refusal> TakeNext(const Token& token, bool& rest_taken);

  std::span<const Grammar::Entry> entries_;
  std::span<const FirstWord> first_;
  std::uint8_t level_;
  std::span<const std::uint8_t> levels_;  // empty: the commands' own
  std::string_view line_;
  Threads threads_, scratch_;
  boost::container::small_vector<Step, 64> history_;
};

}  // namespace sw::cli
