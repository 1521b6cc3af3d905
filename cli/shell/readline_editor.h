// GNU readline behind the Editor's door: the local console is edited by it, with the user's ~/.inputrc ($if sw8800),
// its key maps, kill ring and search. It decides what the line becomes; the screen stays the terminal's, so nothing is
// written from here.
//
// The keys of cli/session/keys.h are bound before the user's file is read, which may bind them anew; each action has a
// name there (sw-help, sw-complete ...). Readline has one state per process, so there is one such editor at a time.
#pragma once

#include <memory>
#include <string>

#include "cli/session/editor.h"

namespace sw::cli {

// Reads what was typed before from `history_file` and adds to it, mode 0600; empty: nothing is kept. Lines with secrets
// never get there.
std::unique_ptr<Editor> MakeReadlineEditor(std::string history_file);

// $XDG_STATE_HOME/sw8800/history, or ~/.local/state/sw8800/history; empty when there is no such place.
std::string UserHistoryFile();

}  // namespace sw::cli
