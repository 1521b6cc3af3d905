// What a user sees before the first prompt, and the commands behind hotkeys: texts that are configured for all lines.
#pragma once

#include <string>
#include <string_view>

#include "config-db/store.h"

namespace sw::cli {

// Of a banner as stored, with its delimiters: the lines to show.
std::string BannerText(std::string_view stored);
std::string LoginText(const configdb::Store& store);    // before authentication: `header login`
std::string WelcomeText(const configdb::Store& store);  // after it: a frame that says what this is, `header shell`

// `letter` of CTRL_letter; defaults: Comware V7 CLI guide (for V3 recollection). Empty: nothing is behind it.
std::string HotkeyCommand(const configdb::Store& store, char letter);
std::string_view DefaultHotkey(char letter);
inline constexpr std::string_view kHotkeyLetters = "GLOTU";

}  // namespace sw::cli
