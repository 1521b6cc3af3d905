// Keys and passwords: `simple` is stored and shown as typed, everything else as concealed text
// (device/config/cipher_text.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/grammar.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::cli {

class Operator;

// Handler of rows that bind the columns X and X_form: a bare X is concealed. Behind `cipher` a word of at most
// 16 characters is a plain one, as the siblings take it (Switch 4500 command reference page 37: plain text 1-16, cipher
// text 24 characters), longer ones are concealed text and kept as they are, whether they can be opened or not.
Status StoreSecret(Operator& session, const Match& match);
// Concealed text that cannot be opened here: of another make.
bool IsForeignCipher(std::string_view text);
// Text of a configuration as the session's operator may see it: below level 3 with its secrets masked, line by line, in
// whichever view a line is one.
std::string MaskedText(Operator& session, std::string_view text);
// For handlers that store elsewhere: the same, on columns alone.
void ConcealSecrets(std::vector<configdb::Assignment>& columns);

}  // namespace sw::cli
