// User interfaces and who uses them: `display user-interface` (capture of a Comware 5 device; the form of summary is
// recollection) and `display users` (form that public parsers read). What a session shows of itself: history, hotkeys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/display/field.h"
#include "cli/session/user_interfaces.h"
#include "config-db/store.h"
#include "hal/base/clock.h"

namespace sw::cli {

struct LineView {
  LineId line;
  LineSettings settings;
  bool used = false;
};
using LinesView = std::vector<LineView>;
extern const DisplayOf<LinesView> kUserInterfacesDisplay;
extern const Layout kUserInterfacesSummary;  // one character per line of each type: U in use, X not
LinesView LinesOf(const configdb::Store& store, const UserInterfaces& lines, std::optional<LineId> only);

struct UserLineView {
  LineId line;
  bool used = false, own = false;
  std::string user = {}, address = {}, protocol = {};
  std::int64_t idle_seconds = 0;
  int level = 0;
};
using UsersView = std::vector<UserLineView>;
extern const DisplayOf<UsersView> kUsersDisplay;
// `all`: the lines that nobody uses, too.
UsersView UsersOf(const configdb::Store& store, const UserInterfaces& lines, UserInterfaces::UseId own, Time now,
                  bool all);

using HistoryView = std::vector<std::string>;
extern const DisplayOf<HistoryView> kCommandHistoryDisplay;

struct HotkeyView {
  char letter;
  std::string command;
};
using HotkeysView = std::vector<HotkeyView>;
extern const DisplayOf<HotkeysView> kHotkeysDisplay;

}  // namespace sw::cli
