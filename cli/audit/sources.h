// Where the lines of a configuration stand that set its rows: of each column of a row the line and the words that set
// it last. Lines and columns count from 1, the end of a place is behind its last character. A value.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "cli/grammar/grammar.h"
#include "cli/replay/replay.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::cli {

struct Place {
  int line = 0;
  std::size_t begin = 0, end = 0;                  // of the words
  std::size_t command_begin = 0, command_end = 0;  // of the whole command
  std::string text = {};                           // of the line, secrets masked
};

class Sources {
 public:
  // Of a script that was checked.
  static Sources Of(const Grammar& grammar, const CheckedScript& script);
  // Of the text that `display current-configuration` prints of these rows.
  static Result<Sources> Of(const Grammar& grammar, const configdb::Store& store);

  // `key`: configdb::KeyText of the row's. Null: the column has its default.
  const Place* Find(std::string_view table, const std::string& key, std::string_view column) const;
  const Place* Heading(std::string_view table, const std::string& key) const;  // null: no line makes the row

 private:
  using Where = std::tuple<std::string, std::string, std::string>;  // table, key, column; empty: the heading
  void Note(const Grammar& grammar, const CheckedLine& line, const LineReport& report);
  void Columns(const Match& match, std::string_view table, const std::vector<std::string>& keys,
               const LineReport& report);
  void Forget(std::string_view table, const std::string& key);

  std::map<Where, Place> places_;
};

}  // namespace sw::cli
