// The parts of the manual that are made from tables: commands from the grammar, the database from the schema, coverage
// from both and the list of commands that the references name. mdoc text in, text out; no file is touched here.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cli/subjects.h"

namespace sw::man {

// sw8800-commands(7): every command by subject, with its views, level, words, undo, and whether it acts.
std::string CommandsPage(const cli::Grammar& grammar, std::span<const cli::Subject> subjects);
// sw8800-db(5): every table with its columns, ranges and meaning of NULL.
std::string DatabasePage();
// sw8800-coverage(7), counted from man/generate/coverage.h. `reference`: the text of reference-commands.txt.
std::string CoveragePage(const cli::Grammar& grammar, std::string_view reference);

// The JSON schema of what each display answers to `| json`, by file name: display-clock.json ...
std::map<std::string, std::string> Schemas(const cli::Grammar& grammar);

}  // namespace sw::man
