// A typed line cut into tokens at blanks. There is no quoting. Offsets count from 0 in the line.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <string_view>

namespace sw::cli {

inline constexpr std::size_t kMaxLine = 254;  // recollection of V3; later releases take 511

struct Token {
  std::string_view text;
  std::size_t begin = 0;
};

inline std::string_view TrimEnd(std::string_view line) {
  const std::size_t last = line.find_last_not_of(' ');
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

using Tokens = boost::container::small_vector<Token, 16>;  // most lines need no heap

inline Tokens Tokenise(std::string_view line) {
  Tokens tokens;
  for (std::size_t at = 0;;) {
    const std::size_t begin = line.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) return tokens;
    at = line.find(' ', begin);
    if (at == std::string_view::npos) at = line.size();
    tokens.push_back({line.substr(begin, at - begin), begin});
  }
}

}  // namespace sw::cli
