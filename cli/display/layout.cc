#include "cli/display/layout.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/display/field.h"
#include "cli/display/mask.h"

namespace sw::cli {
namespace {

struct Found {
  const Field& field;
  const Value& value;
};

bool Holds(const Value& value) {
  return std::visit(
      [](const auto& held) {
        if constexpr (requires { held.empty(); })
          return !held.empty();
        else
          return static_cast<bool>(held);
      },
      value.held);
}

std::string Filled(std::string text, int width) {
  const std::size_t wanted = static_cast<std::size_t>(width < 0 ? -width : width);
  if (text.size() >= wanted) return text;
  return width < 0 ? std::string(wanted - text.size(), ' ') + text : text + std::string(wanted - text.size(), ' ');
}

int WidthOf(std::string_view text) {
  const bool right = text.starts_with('>');
  if (right) text.remove_prefix(1);
  int width = 0;
  std::from_chars(text.data(), text.data() + text.size(), width);
  return right ? -width : width;
}

// A string of a list of them.
constexpr auto kItself = Fields<std::string>({{".", "Itself", [](auto& text) { return text; }}});

class Printer {
 public:
  Printer(std::string& out, std::uint8_t level) : out_(out), level_(level) {}

  void Print(std::string_view layout) {
    while (!layout.empty()) {
      const LayoutToken token = NextToken(layout);
      if (token.kind == 't') out_ += token.text;
      if (token.kind == 'n') out_ += Filled(Text(Find(token.text)), WidthOf(token.width));
      if (token.kind == '#') Headings(Find(token.text).field.part);
      if (token.kind == '-') out_.append(static_cast<std::size_t>(WidthOf(token.text)), '-');
      if (token.kind == '|') Columns(*scopes_.back());
      if (OpensSection(token.kind)) Section(token, TakeSection(layout));
    }
  }
  void Enter(const Record& record) { scopes_.push_back(&record); }

 private:
  Found Find(std::string_view name) const {
    for (std::size_t i = scopes_.size(); i-- > 0;)
      for (std::size_t k = 0; k < scopes_[i]->fields.size(); ++k)
        if (scopes_[i]->fields[k].name == name) return {scopes_[i]->fields[k], scopes_[i]->values[k]};
    throw std::logic_error("a layout names no field");
  }
  std::string Text(const Found& found) const {
    if (found.field.type == FieldType::kAnyObject) {
      const Record& record = std::get<std::vector<Record>>(found.value.held).front();
      return LayoutText(record, record.layout, level_);
    }
    const std::string text =
        found.field.look.style == nullptr ? PlainText(found.value) : found.field.look.style(found.value);
    return found.field.level > level_ && Holds(found.value) ? std::string(kMask) : text;
  }
  void Section(const LayoutToken& token, const LayoutSection& section) {
    if (token.kind == ',') {
      if (!first_) Print(section.yes);
    } else if (token.kind != '*') {
      Print(Holds(Find(token.text).value) == (token.kind == '?') ? section.yes : section.no);
    } else if (const Value& value = Find(token.text).value;
               const auto* texts = std::get_if<std::vector<std::string>>(&value.held)) {
      std::vector<Record> records;
      for (const std::string& text : *texts) records.push_back({kItself.all, {{text}}, {}});
      Each(records, section);
    } else {
      Each(std::get<std::vector<Record>>(value.held), section);
    }
  }
  void Each(const std::vector<Record>& records, const LayoutSection& section) {
    const bool outer = first_;
    if (records.empty()) Print(section.no);
    for (const Record& record : records) {
      first_ = &record == &records.front();
      scopes_.push_back(&record);
      Print(section.yes);
      scopes_.pop_back();
    }
    first_ = outer;
  }
  void Headings(std::span<const Field> fields) {
    for (const Field& field : fields)
      if (!field.look.heading.empty()) out_ += Filled(std::string(field.look.heading), field.look.width);
    out_ += '\n';
  }
  void Columns(const Record& record) {
    for (std::size_t i = 0; i < record.fields.size(); ++i)
      if (const Field& field = record.fields[i]; !field.look.heading.empty())
        out_ += Filled(Text({field, record.values[i]}), field.look.width);
    out_ += '\n';
  }

  std::string& out_;
  std::uint8_t level_;
  std::vector<const Record*> scopes_;
  bool first_ = true;  // of the models of a list
};

}  // namespace

std::string PlainText(const Value& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using T = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<T, bool>)
          return held ? "yes" : "no";
        else if constexpr (std::is_same_v<T, double>)
          return fmt::format("{:.1f}", held);
        else if constexpr (std::is_same_v<T, std::vector<std::string>>)
          return fmt::format("{}", fmt::join(held, " "));
        else if constexpr (std::is_same_v<T, std::vector<Record>>)
          return fmt::format("{}", held.size());
        else
          return fmt::format("{}", held);
      },
      value.held);
}
std::string OrDash(const Value& value) {
  return Holds(value) ? PlainText(value) : "-";
}
std::string AgeText(const Value& value) {
  const std::int64_t seconds = std::get<std::int64_t>(value.held);
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}
std::string Hex8Text(const Value& value) {
  return fmt::format("{:08x}", std::get<std::uint64_t>(value.held));
}

Record MakeRecord(std::span<const Field> fields, const void* model) {
  Record out{fields, {}, {}};
  out.values.reserve(fields.size());
  for (const Field& field : fields) out.values.push_back(field.get(model));
  return out;
}

std::string LayoutText(const Record& record, std::string_view layout, std::uint8_t level) {
  std::string out;
  Printer printer(out, level);
  printer.Enter(record);
  printer.Print(layout);
  return out;
}

}  // namespace sw::cli
