// One row of a command table: everything the terminal knows of a command. Parser, help, completion, `undo` and
// the stored form in `display current-configuration` all come from it.
#pragma once

#include <cstdint>
#include <string_view>

#include "cli/grammar/view.h"
#include "hal/base/result.h"

namespace sw::cli {

class Operator;
struct Display;
struct Match;
using Handler = Status (*)(Operator&, const Match&);

// What a configuration command stores, and so how it is printed again.
enum class Stores : std::uint8_t {
  kNothing,
  kColumns,  // arguments are columns of the view's own row (in system view: of the table's only row)
  kObject,   // arguments are the key of a row, which the command creates, and enters as a view
  kList,     // one line per row of a table that belongs to the view's object, or to the device; its key is typed
};

// Levels of Comware V3: 0 visit, 1 monitor, 2 system, 3 manage.
inline constexpr std::uint8_t kVisit = 0, kMonitor = 1, kConfigure = 2, kManage = 3;

struct Command {
  Views views = 0;
  std::uint8_t level = kConfigure;
  std::string_view form;  // notation: cli/grammar/form.h
  std::string_view help;
  Handler run = nullptr;       // null: what `stores` says
  std::string_view undo = {};  // what follows the word `undo`, of the words in `form`; empty: there is no undo
  Handler undo_run = nullptr;  // null: what `stores` says, backwards
  Stores stores = Stores::kNothing;
  std::string_view table = {};
  View enters = View::kSystem;     // kObject
  std::string_view created = {};   // kObject: said when the row is new
  bool offline = false;            // kNothing: acts without a device too (moves between views)
  const Display* shows = nullptr;  // display commands: what `| json` answers is its fields
  bool acts = true;                // false: kept and printed, but nothing follows; the manual says so
};

}  // namespace sw::cli
