// Arguments that are settings: a form names the column, and what the terminal takes, says and leaves unset comes from
// the one row that describes it (config-db/schema.h). The forms, for a command whose table has the column:
//   <column>              type, range and preset of the setting
//   <column:LOW..HIGH>    a part of its range; either end may be left out
//   <column:concealed>    the concealed text of a secret; <column> is the plain one
//   <column:TYPE>         the setting in another spelling: mask, wildcard, interface, us-date ...
//   <column:named:NAMES>  the setting by name or number; <column:names:NAMES> by name alone
// and for any command:
//   <name:table.column>   an argument like that setting, which is not stored
// All else is cli/grammar/argument.h. A command's argument that is no setting says its type and range itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/grammar/argument.h"
#include "config-db/schema.h"

namespace sw::cli {

struct SettingArgument {
  ArgumentSpec spec;
  const configdb::Column* setting = nullptr;  // null: none
};

// `name` and `type` as between < and >; `table`: the command's, or null. nullopt: neither a setting nor a known type.
std::optional<SettingArgument> ResolveArgument(std::string_view name, std::string_view type,
                                               const configdb::Table* table);

// A help phrase in which {} stands for the setting's unit and preset: "Seconds, 10 by default".
std::string FillPhrase(std::string_view phrase, const SettingArgument& argument);

}  // namespace sw::cli
