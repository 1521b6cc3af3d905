// How secrets are kept, whatever door they came in by: typed, replayed, restored, or with the database of an earlier
// program. Passwords that people type become hashes; a local user's that DVPN checks, or whose service is not known
// yet, are sealed, because CHAP needs the text; what an earlier program concealed is sealed anew. Text that cannot be
// opened here stays as it is. Our choice.
#pragma once

#include <string>
#include <vector>

#include "config-db/store.h"

namespace sw::device {

// What is worth a line in the log.
struct KeepingNote {
  bool trouble;  // somebody has to do something
  std::string digest, text;
};

// Settles the rows that the edit has changed, within it.
Status KeepSecrets(configdb::Edit& edit, std::vector<KeepingNote>& notes);
// All rows, in a commit of its own; nothing is committed when nothing is to be done.
Status KeepSecretsOf(configdb::Store& store, std::vector<KeepingNote>& notes);

}  // namespace sw::device
