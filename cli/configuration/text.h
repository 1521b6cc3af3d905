// The configuration as text: every line printed from a row by the form of the command that stores it. Replaying the
// text on an empty device gives the same rows. Layout: capture of a Comware 3.10 device; order of the sections: our
// choice.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/grammar/grammar.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::cli {

enum class Part : std::uint8_t { kAll, kInterfaces, kAllButInterfaces };

// What to put in front of a line, given what it was printed from: its command's form, the table, the row's key.
using LineNote = std::function<std::string(const Form& form, std::string_view table, const configdb::Key& key)>;

struct ConfigurationFilter {
  Part part = Part::kAll;
  std::string interface = {}, interface_type = {};  // kInterfaces: only this one, only these; empty: all
  std::string section =
      {};              // only sections whose first line or view begins so; system: lines of no section; empty: all
  LineNote note = {};  // empty: the text alone
};

Result<std::string> ConfigurationText(const Grammar& grammar, const configdb::Store& store,
                                      const ConfigurationFilter& filter = {});
// What concerns one view (and object): the lines of its section; system view has those that stand in no section.
Result<std::string> ViewText(const Grammar& grammar, const configdb::Store& store, View view,
                             const configdb::Key& object);

// One command's line from a row, without indentation; nullopt when the row holds nothing that it prints.
std::optional<std::string> PrintCommand(const Form& form, const configdb::Row& row);

}  // namespace sw::cli
