// Keys and passwords: `simple` is stored and shown as typed, everything else as cipher text
// (device/config/cipher_text.h). How the device then keeps passwords of people is device/config/keeping.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/grammar/grammar.h"
#include "config-db/schema.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::cli {

class Operator;

// Handler of rows that bind the columns X and X_form: a bare X is concealed. Behind `cipher` a word of at most
// 16 characters is a plain one, as the siblings take it (Switch 4500 command reference page 37: plain text 1-16, cipher
// text 24 characters), longer ones are concealed text and kept as they are, whether they can be opened or not.
Status StoreSecret(Operator& session, const Match& match);
// Of a word behind `cipher`: why it cannot be opened here; empty: it can, or is a plain one.
std::string WhyCipherIsClosed(std::string_view text);
// Text of a configuration as the session's operator may see it: below level 3 with its secrets masked, line by line, in
// whichever view a line is one.
std::string MaskedText(Operator& session, std::string_view text);
// For handlers that store elsewhere: the same, on columns alone. `kept`: the row as it is now, or null; a secret that it
// has already keeps its text, so that replaying a script changes nothing.
void ConcealSecrets(std::vector<configdb::Assignment>& columns, const configdb::Table& table, const configdb::Row* kept);

}  // namespace sw::cli
