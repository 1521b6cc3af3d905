#include "cli/configuration/diff.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <vector>

namespace sw::cli {
namespace {

struct SectionLines {
  std::string_view head;  // empty: settings of system view
  std::vector<std::string_view> lines;
};

// Sections in the order of the text; the system view's lines are one section, wherever they stand.
std::vector<SectionLines> Sections(std::string_view text) {
  std::vector<SectionLines> out(1);
  bool in_object = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line == "return") continue;
    if (line == "#") {
      in_object = false;
    } else if (line.front() != ' ') {
      out.push_back({line, {}});
      in_object = true;
    } else {
      (in_object ? out.back() : out.front()).lines.push_back(line);
    }
  }
  return out;
}

std::string Lines(const std::vector<std::string_view>& lines, char mark,
                  std::unordered_map<std::string_view, int>& other) {
  std::string out;
  for (const std::string_view line : lines) {
    const auto found = other.find(line);
    if (found != other.end() && found->second-- > 0) continue;
    out += fmt::format("{}{}\n", mark, line);
  }
  return out;
}

std::unordered_map<std::string_view, int> Count(const std::vector<std::string_view>& lines) {
  std::unordered_map<std::string_view, int> out;
  for (const std::string_view line : lines) ++out[line];
  return out;
}

}  // namespace

std::string ConfigurationDiff(std::string_view before, std::string_view after) {
  const std::vector<SectionLines> old_sections = Sections(before), new_sections = Sections(after);
  std::unordered_map<std::string_view, const SectionLines*> old_by_head, new_by_head;
  for (const SectionLines& section : old_sections) old_by_head.emplace(section.head, &section);
  for (const SectionLines& section : new_sections) new_by_head.emplace(section.head, &section);
  std::string out;
  const auto compare = [&](std::string_view head, const SectionLines* was, const SectionLines* is) {
    auto in_old = was == nullptr ? std::unordered_map<std::string_view, int>() : Count(was->lines);
    auto in_new = is == nullptr ? std::unordered_map<std::string_view, int>() : Count(is->lines);
    std::string lines;
    if (was != nullptr) lines += Lines(was->lines, '-', in_new);
    if (is != nullptr) lines += Lines(is->lines, '+', in_old);
    const char mark = was == nullptr ? '+' : is == nullptr ? '-' : ' ';
    if (lines.empty() && mark == ' ') return;
    if (!head.empty()) out += fmt::format("{}{}\n", mark, head);
    out += lines;
  };
  for (const SectionLines& section : old_sections) {
    const auto is = new_by_head.find(section.head);
    compare(section.head, &section, is == new_by_head.end() ? nullptr : is->second);
  }
  for (const SectionLines& section : new_sections) {
    if (!old_by_head.contains(section.head)) compare(section.head, nullptr, &section);
  }
  return out;
}

}  // namespace sw::cli
