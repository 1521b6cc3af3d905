// Objects of the configuration that a command with an optional <name> is about.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/grammar.h"
#include "cli/session/refusals.h"
#include "hal/base/result.h"

namespace sw::cli {

// Those of a map, or the one that is named.
template <typename T>
Result<std::vector<const T*>> Named(const Match& match, const std::map<std::string, T>& objects,
                                    std::string_view kind) {
  const std::string name = match.Text("name");
  std::vector<const T*> out;
  for (const auto& [key, object] : objects)
    if (name.empty() || key == name) out.push_back(&object);
  if (out.empty() && !name.empty()) return NoSuch(std::string(kind) + " " + name);
  return out;
}

}  // namespace sw::cli
