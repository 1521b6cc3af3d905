#include "cli/session/refused_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>

#include "cli/grammar/line.h"
#include "cli/grammar/text.h"
#include "cli/session/line_reader.h"
#include "cli/session/mask.h"

namespace sw::cli {
namespace {

// Words that lead to a view on devices of the family, but not on this one. Comware V3 and V5 command references; only
// those that lead to one in every form.
constexpr std::string_view kViewsElsewhere[] = {
    "aaa",        "aux",        "bgp", "controller", "irf-port",     "isis",       "line",           "nqa",  "ospf",
    "port-group", "public-key", "rip", "role",       "route-policy", "user-group", "user-interface", "vlan", "vsi"};
constexpr std::size_t kLongestHead = 60;  // characters of the refused line in a reason

// The keywords a form begins with.
std::vector<std::string_view> HeadWords(const Form& form) {
  std::vector<std::string_view> out;
  const auto keyword = [&](const FormNode& node) {
    const bool is = node.kind == FormNode::Kind::kTerminal && form.terminals[node.terminal].keyword;
    if (is) out.emplace_back(form.terminals[node.terminal].word);
    return is;
  };
  if (form.tree.kind == FormNode::Kind::kTerminal) (void)keyword(form.tree);
  if (form.tree.kind != FormNode::Kind::kSequence) return out;
  for (const FormNode& part : form.tree.parts)
    if (!keyword(part)) break;
  return out;
}

// How many words the line begins with like the form; 0: not like it.
std::size_t BeginsLike(const Form& form, const Tokens& tokens) {
  const std::vector<std::string_view> words = HeadWords(form);
  if (words.empty() || words.size() > tokens.size()) return 0;
  const bool same =
      std::ranges::equal(words, std::span(tokens.data(), words.size()),
                         [](std::string_view word, const Token& token) { return HasPrefix(word, token.text); });
  return same ? words.size() : 0;
}

constexpr std::size_t kShortest = 2;  // letters of a word that begins a text: shorter ones are others as well
constexpr std::string_view kEndOfMessage = ".";

// The message of `send` stands in the lines below it.
bool BeginsMessage(const Tokens& tokens) {
  return tokens[0].text.size() >= kShortest && HasPrefix("send", tokens[0].text);
}

// The delimiter of a text that begins in the line and does not end there; 0: there is none.
char OpenDelimiter(std::string_view line, const Tokens& tokens) {
  const bool header = tokens.size() > 1 && tokens[0].text.size() >= kShortest && HasPrefix("header", tokens[0].text);
  if (!header) return 0;
  const std::size_t begin = tokens[tokens.size() > 2 ? 2 : 1].begin;
  const char delimiter = line[begin];
  const bool letter = std::isalnum(static_cast<unsigned char>(delimiter)) != 0;
  return letter || line.find(delimiter, begin + 1) != std::string_view::npos ? char{0} : delimiter;
}

}  // namespace

bool RefusedBlock::IsCommandOf(Views views, std::string_view line) const {
  for (std::size_t view = 0; view < kViews; ++view) {
    if ((views & In(static_cast<View>(view))) == 0) continue;
    const ParseResult parsed = grammar_.Parse(static_cast<View>(view), kManage, line);
    if (!parsed.match || parsed.match->view != static_cast<View>(view)) continue;
    if ((parsed.match->command->views & In(View::kSystem)) == 0) return true;  // not save, display, return and the like
  }
  return false;
}

bool RefusedBlock::Refused(View view, std::string_view line) {
  const Tokens tokens = Tokenise(line);
  if (tokens.empty()) return false;
  constexpr Views kSubViews = kAllButUser & ~In(View::kSystem);
  Views views = 0;
  bool own = false;                     // of the view it was typed in
  std::size_t setting = 0, object = 0;  // words it shares with a setting of system view, and with an object
  for (const Grammar::Entry& entry : grammar_.entries()) {
    const Command& command = *entry.command;
    const std::size_t words = entry.undo ? 0 : BeginsLike(entry.form, tokens);
    if (words == 0) continue;
    own = own || (view != View::kSystem && (command.views & In(view)) != 0 && command.views != kAnyView);
    std::size_t& longest = command.stores == Stores::kObject ? object : setting;
    if ((command.views & In(View::kSystem)) != 0) longest = std::max(longest, words);
    if (command.stores != Stores::kObject) continue;
    views |= command.enters == View::kSystem ? kSubViews : In(command.enters);
  }
  const bool elsewhere =
      std::ranges::any_of(kViewsElsewhere, [&](std::string_view word) { return SameWord(word, tokens[0].text); });
  if (setting > object) views = 0;  // as in domain default enable
  const bool leads = !own && (views != 0 || elsewhere);
  const bool within = state_.leads && !leads;  // one of the lines that belong to an earlier one
  state_.head = Escaped(MaskSecrets(TrimEnd(line.substr(tokens[0].begin, kLongestHead))));
  state_.depth = tokens[0].begin;
  state_.text_end.clear();
  if (const char delimiter = OpenDelimiter(line, tokens); delimiter != 0) state_.text_end = delimiter;
  state_.whole_line = BeginsMessage(tokens);
  if (state_.whole_line) state_.text_end = kEndOfMessage;
  if (!within) {
    state_.views = own ? 0 : views;
    state_.leads = leads;
    state_.below = false;
  }
  return leads && !typed_ && view != View::kUser;
}

std::optional<std::string> RefusedBlock::Skip(std::string_view line, bool in_haste) {
  if (!state_.head) return std::nullopt;
  if (typed_ && state_.whole_line && !in_haste) {
    End();
    return std::nullopt;
  }
  const std::string reason = fmt::format("Skipped: it belongs to the refused \"{}\"", *state_.head);
  if (!state_.text_end.empty()) {
    const bool ends = state_.whole_line ? TrimEnd(line) == state_.text_end : line.find(state_.text_end) != line.npos;
    if (ends) End();
    return reason;
  }
  const std::size_t depth = line.find_first_not_of(' ');
  if (depth == std::string_view::npos) return std::nullopt;
  const std::string_view text = TrimEnd(line.substr(depth));
  if (text == "#") {
    End();
    return std::nullopt;
  }
  const bool leaves = SameWord(text, "quit");
  if (depth > state_.depth || (leaves && depth == state_.depth && (state_.below || (state_.leads && !typed_)))) {
    if (leaves && depth == state_.depth) {
      End();
    } else {
      state_.below = true;
    }
    return reason;
  }
  const bool script = !typed_ && state_.leads && state_.views != 0;
  if (!script || !IsCommandOf(state_.views, line)) return std::nullopt;
  state_.below = true;
  return reason;
}

}  // namespace sw::cli
