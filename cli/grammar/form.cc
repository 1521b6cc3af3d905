#include "cli/grammar/form.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/grammar/interface_name.h"
#include "cli/grammar/setting_argument.h"

namespace sw::cli {
namespace {

using Set = std::vector<std::uint16_t>;

// First and last terminals of a part of the form, and whether it may be left out: enough to link what follows what.
struct Ends {
  Set first, last;
  bool empty = false;
};

void Add(Set& to, const Set& from) {
  for (std::uint16_t terminal : from) {
    if (std::ranges::find(to, terminal) == to.end()) to.push_back(terminal);
  }
}

class Parser {
 public:
  Parser(std::string_view form, std::string_view help, const configdb::Table* table, Form& out)
      : rest_(form), help_(help), table_(table), out_(out) {
    Take();
  }

  Status Parse() {
    out_.tree = Sequence(std::move(out_.tree.parts));
    if (!token_.empty()) Fail(fmt::format("'{}' has no opening bracket", token_));
    if (!help_done_) Fail("more help phrases than words");
    if (why_.empty() && out_.terminals.size() > 400) Fail("too many words");
    return why_.empty() ? Status() : Status(Code::kBadValue, why_);
  }

 private:
  void Take() {
    const std::size_t begin = std::min(rest_.find_first_not_of(' '), rest_.size());
    const std::size_t end = std::min(rest_.find(' ', begin), rest_.size());
    token_ = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end);
  }
  void Fail(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }
  std::string Phrase() {
    if (help_done_) Fail(fmt::format("no help phrase for '{}'", token_));
    const std::size_t end = std::min(help_.find('|'), help_.size());
    const std::string phrase(help_.substr(0, end));
    help_done_ = end == help_.size();
    help_.remove_prefix(std::min(end + 1, help_.size()));
    return phrase;
  }

  FormNode Sequence(std::vector<FormNode> parts) {
    FormNode node{.kind = FormNode::Kind::kSequence, .terminal = 0, .parts = std::move(parts)};
    while (why_.empty() && !token_.empty() && token_ != "|" && token_[0] != '}' && token_[0] != ']') {
      if (token_ == "{" || token_ == "[") {
        node.parts.push_back(Bracket());
      } else {
        node.parts.push_back(Word());
        Take();
      }
    }
    if (node.parts.empty()) Fail("an alternative is empty");
    return node;
  }

  FormNode Bracket() {
    const bool optional = token_ == "[";
    FormNode choice{.kind = FormNode::Kind::kChoice, .terminal = 0, .parts = {}};
    do {
      Take();
      choice.parts.push_back(Sequence({}));
    } while (why_.empty() && token_ == "|");
    const std::string_view close = optional ? "]" : "}";
    if (!token_.starts_with(close) || token_.size() > 2 || (token_.size() == 2 && token_[1] != '*')) {
      Fail(fmt::format("'{}' stands where '{}' belongs", token_, close));
    }
    if (token_.ends_with('*')) choice.kind = FormNode::Kind::kLoop;
    Take();
    if (!optional) return choice;
    FormNode option{.kind = FormNode::Kind::kOption, .terminal = 0, .parts = {}};
    option.parts.push_back(std::move(choice));
    return option;
  }

  FormNode Leaf(Symbol terminal) {
    out_.terminals.push_back(std::move(terminal));
    return {.kind = FormNode::Kind::kTerminal,
            .terminal = static_cast<std::uint16_t>(out_.terminals.size() - 1),
            .parts = {}};
  }

  FormNode Word() {
    if (token_.starts_with('<')) return Argument();
    Symbol terminal;
    const std::size_t equals = std::min(token_.find('='), token_.size());
    terminal.word = token_.substr(0, equals);
    const bool bar = terminal.word == "\\|";  // the one keyword that is notation too
    if (bar) terminal.word = "|";
    if (equals < token_.size()) {
      const std::string_view stored = token_.substr(equals + 1);
      const std::size_t colon = std::min(stored.find(':'), stored.size());
      terminal.name = stored.substr(0, colon);
      terminal.value = colon < stored.size() ? stored.substr(colon + 1) : std::string_view(terminal.word);
      terminal.stores_null = terminal.value == "NULL";
      std::ranges::replace(terminal.value, '_', ' ');
    }
    if (!bar && terminal.word.find_first_of("{}[]|<>*") != std::string::npos) {
      Fail(fmt::format("'{}' is no keyword", token_));
    }
    terminal.help = Phrase();
    return Leaf(std::move(terminal));
  }

  FormNode Argument() {
    if (!token_.ends_with('>')) {
      Fail(fmt::format("'{}' is no argument", token_));
      return {};
    }
    const std::string_view inside = token_.substr(1, token_.size() - 2);
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::string name(inside.substr(0, colon));
    const std::string_view type = inside.substr(std::min(colon + 1, inside.size()));
    if (type == "interface" || type == "interface-type") return Interface(name, type == "interface");
    Symbol terminal;
    terminal.keyword = false;
    terminal.name = name;
    const std::optional<SettingArgument> argument = ResolveArgument(name, type, table_);
    if (!argument) Fail(fmt::format("'{}' is neither a setting of the command's table nor of a known type", token_));
    const std::string phrase = Phrase();
    terminal.help = argument ? FillPhrase(phrase, *argument) : phrase;
    if (argument) terminal.spec = argument->spec;
    return Leaf(std::move(terminal));
  }

  // The one-word form first: printing takes the first alternative, and that is how interfaces are stored.
  FormNode Interface(const std::string& name, bool numbered) {
    FormNode choice{.kind = FormNode::Kind::kChoice, .terminal = 0, .parts = {}};
    if (numbered) {
      Symbol word;
      word.keyword = false;
      word.name = name;
      word.spec.type = ArgumentType::kInterfaceWord;
      choice.parts.push_back(Leaf(std::move(word)));
    }
    for (const InterfaceType& type : InterfaceTypes()) {
      Symbol keyword;
      keyword.word = type.name;
      keyword.help = type.help;
      if (!numbered) {
        keyword.name = name;
        keyword.value = type.name;
        choice.parts.push_back(Leaf(std::move(keyword)));
        continue;
      }
      Symbol number;
      number.keyword = false;
      number.name = name;
      number.spec.type = ArgumentType::kInterfaceNumber;
      number.spec.interface_type = type.name;
      number.help = "Interface number";
      FormNode pair{.kind = FormNode::Kind::kSequence, .terminal = 0, .parts = {}};
      pair.parts.push_back(Leaf(std::move(keyword)));
      pair.parts.push_back(Leaf(std::move(number)));
      choice.parts.push_back(std::move(pair));
    }
    return choice;
  }

  std::string_view rest_, token_, help_;
  const configdb::Table* table_;
  Form& out_;
  bool help_done_ = false;
  std::string why_;
};

class Linker {
 public:
  explicit Linker(Form& form) : form_(form) {}

  Status Link() {
    const Ends ends = Visit(form_.tree);
    form_.first = ends.first;
    for (std::uint16_t terminal : ends.last) form_.terminals[terminal].last = true;
    if (ends.empty) return {Code::kBadValue, "a form must not be empty"};
    if (bits_ > 64) return {Code::kBadValue, "more than 64 alternatives in repetitions"};
    return {};
  }

 private:
  void Connect(const Set& from, const Set& to) {
    for (std::uint16_t terminal : from) Add(form_.terminals[terminal].next, to);
  }

  Ends Visit(const FormNode& node) {
    switch (node.kind) {
      case FormNode::Kind::kTerminal:
        return {{node.terminal}, {node.terminal}, false};
      case FormNode::Kind::kSequence:
        return VisitSequence(node);
      case FormNode::Kind::kChoice:
      case FormNode::Kind::kLoop:
        return VisitChoice(node);
      case FormNode::Kind::kOption: {
        Ends ends = Visit(node.parts.front());
        ends.empty = true;
        return ends;
      }
    }
    return {};
  }

  Ends VisitSequence(const FormNode& node) {
    Ends all{{}, {}, true};
    for (const FormNode& part : node.parts) {
      Ends ends = Visit(part);
      Connect(all.last, ends.first);
      if (all.empty) Add(all.first, ends.first);
      if (!ends.empty) all.last.clear();
      Add(all.last, ends.last);
      all.empty = all.empty && ends.empty;
    }
    return all;
  }

  Ends VisitChoice(const FormNode& node) {
    Ends all;
    for (const FormNode& part : node.parts) {
      Ends ends = Visit(part);
      if (node.kind == FormNode::Kind::kLoop) {
        for (std::uint16_t terminal : ends.first) form_.terminals[terminal].once = bits_;
        ++bits_;
      }
      Add(all.first, ends.first);
      Add(all.last, ends.last);
      all.empty = all.empty || ends.empty;
    }
    if (node.kind == FormNode::Kind::kLoop) Connect(all.last, all.first);
    return all;
  }

  Form& form_;
  int bits_ = 0;
};

}  // namespace

Result<Form> Form::Parse(std::string_view prefix, std::string_view form, std::string_view help,
                         const configdb::Table* table) {
  Form out;
  if (!prefix.empty()) {
    Symbol terminal;
    terminal.word = prefix;
    terminal.help = "Cancel current setting";
    out.terminals.push_back(std::move(terminal));
    out.tree.parts.push_back({.kind = FormNode::Kind::kTerminal, .terminal = 0, .parts = {}});
  }
  SW_TRY(Parser(form, help, table, out).Parse());
  SW_TRY(Linker(out).Link());
  return out;
}

}  // namespace sw::cli
