// User interfaces as text: their sections of the configuration.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session/user_interfaces.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::cli {

// Lines of one type that are configured together: vty0-4.
struct LineRange {
  LineType type = LineType::kVty;
  int first = 0, last = 0;

  std::string ToString() const;  // as in the prompt
  static std::optional<LineRange> Parse(std::string_view text);
};

// Every line is printed; neighbours with the same settings share a section. `settings` prints a row's lines.
Result<std::string> LineSections(const configdb::Store& store, const std::optional<LineRange>& only,
                                 const std::function<Result<std::string>(const configdb::Row&)>& settings);

// Console, aux and as many virtual lines as are configured.
std::vector<LineId> AllLines(const configdb::Store& store);

}  // namespace sw::cli
