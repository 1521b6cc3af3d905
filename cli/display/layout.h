// The text of a display: a layout that names its fields.
//
//   {name} {name:20} {name:>20}   the field as its look says, filled up to a width
//   {?name}A{:}B{/}               A when the field is true, not 0, not empty; B, which may be left out, otherwise
//   {!name}A{/}                   the other way round
//   {*name}A{:}B{/}               A for each model of a list or part, whose fields it may name, or each string of some,
//                                 which is {.}; B when there is none
//   {,}A{/}                       within {*}: between two models
//   {#name}                       the line of headings of a list
//   {|}                           within {*}: the line of columns of a model
//   {-40}                         that many dashes
//   {{                            a brace
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sw::cli {

struct Field;
struct Record;

// One piece of a layout. kind: t for text, n for a field, or the sign of the directive.
struct LayoutToken {
  char kind = 't';
  std::string_view text;  // or the name
  std::string_view width = {};
};
constexpr LayoutToken NextToken(std::string_view& rest) {
  if (rest.starts_with("{{")) {
    const LayoutToken out{'t', rest.substr(0, 1)};
    rest.remove_prefix(2);
    return out;
  }
  if (rest.front() != '{') {
    const LayoutToken out{'t', rest.substr(0, rest.find('{'))};
    rest.remove_prefix(out.text.size());
    return out;
  }
  const std::size_t end = rest.find('}');
  if (end == std::string_view::npos || end == 1) throw std::logic_error("an open brace in a layout");
  std::string_view inner = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  if (std::string_view("?!*,#|/:-").find(inner.front()) != std::string_view::npos)
    return {inner.front(), inner.substr(1)};
  const std::size_t colon = inner.find(':');
  if (colon == std::string_view::npos) return {'n', inner};
  return {'n', inner.substr(0, colon), inner.substr(colon + 1)};
}
constexpr bool OpensSection(char kind) {
  return kind == '?' || kind == '!' || kind == '*' || kind == ',';
}
struct LayoutSection {
  std::string_view yes, no;
};
// Takes the section behind its opening from `rest`, with its end.
constexpr LayoutSection TakeSection(std::string_view& rest) {
  const std::string_view whole = rest;
  std::size_t depth = 0, middle = std::string_view::npos;
  while (!rest.empty()) {
    const std::size_t at = whole.size() - rest.size();
    const LayoutToken token = NextToken(rest);
    if (OpensSection(token.kind)) ++depth;
    if (token.kind == ':' && depth == 0) middle = at;
    if (token.kind != '/') continue;
    if (depth-- != 0) continue;
    if (middle == std::string_view::npos) return {whole.substr(0, at), {}};
    return {whole.substr(0, middle), whole.substr(middle + 3, at - middle - 3)};
  }
  throw std::logic_error("a section of a layout has no end");
}

// Throws, and so does not compile in a constant, when `layout` names a field that is not there.
template <typename Fields>
constexpr void CheckNames(const Fields& scopes, std::string_view layout, std::size_t depth) {
  const auto find = [&](std::string_view name) {
    for (std::size_t i = depth; i-- > 0;)
      for (const auto& field : scopes[i])
        if (field.name == name) return field.part;
    throw std::logic_error("a layout names no field");
  };
  while (!layout.empty()) {
    const LayoutToken token = NextToken(layout);
    if (token.kind == 'n' && token.text != ".") find(token.text);
    if (token.kind == '#' && find(token.text).empty()) throw std::logic_error("headings of what is no list");
    if (token.kind == '/' || token.kind == ':') throw std::logic_error("the end of no section");
    if (!OpensSection(token.kind)) continue;
    const LayoutSection section = TakeSection(layout);
    Fields inner = scopes;
    std::size_t inner_depth = depth;
    if (token.kind != ',') {
      const auto part = find(token.text);
      if (token.kind == '*') inner[inner_depth++] = part;
    }
    CheckNames(inner, section.yes, inner_depth);
    CheckNames(scopes, section.no, depth);
  }
}
template <typename List>
constexpr void CheckLayout(const List& fields, std::string_view layout) {
  struct Scopes {
    std::span<const typename List::value_type> all[4];
    constexpr auto& operator[](std::size_t i) { return all[i]; }
    constexpr const auto& operator[](std::size_t i) const { return all[i]; }
  };
  Scopes scopes{};
  scopes[0] = fields;
  CheckNames(scopes, layout, 1);
}

// `level`: of the operator.
std::string LayoutText(const Record& record, std::string_view layout, std::uint8_t level);

}  // namespace sw::cli
