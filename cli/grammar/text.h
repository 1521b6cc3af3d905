// Letters as keywords see them: ASCII, case-insensitive.
#pragma once

#include <cstddef>
#include <string_view>

namespace sw::cli {

constexpr char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool HasPrefix(std::string_view word, std::string_view prefix) {
  if (prefix.size() > word.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (Lower(word[i]) != Lower(prefix[i])) return false;
  }
  return true;
}
constexpr bool SameWord(std::string_view a, std::string_view b) {
  return a.size() == b.size() && HasPrefix(a, b);
}

// Orders words whatever their case; equal words compare equal.
constexpr bool WordLess(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return Lower(a[i]) < Lower(b[i]);
  }
  return a.size() < b.size();
}

}  // namespace sw::cli
