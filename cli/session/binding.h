// What a configuration row does without a handler of its own, forwards and backwards, from its form and table.
#pragma once

#include "cli/grammar/grammar.h"
#include "config-db/schema.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::cli {

class Operator;

Status RunBinding(Operator& session, const Match& match);

// What an argument puts into a column; its preset is NULL there.
configdb::Value StoredValue(const configdb::Column& column, const Argument& argument);
// For handlers that change what was typed before it is stored: the columns of the command's form and the values the
// match gives them; columns that were not given become NULL.
std::vector<configdb::Assignment> ColumnsOf(const Match& match);
// Sets them in the row the view stands for (in system view: the table's only row).
Status StoreColumns(Operator& session, const Match& match, const std::vector<configdb::Assignment>& columns);
// Undo of a line of a list that is one setting of its row, among other lines with others: takes that setting away, and
// the row when it was the last.
Status UndoListSetting(Operator& session, const Match& match);
// Removes what must be there: `missing` when it is not.
Status RemoveRow(configdb::Edit& edit, std::string_view table, const configdb::Key& key, Status missing);

}  // namespace sw::cli
