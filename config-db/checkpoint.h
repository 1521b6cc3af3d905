// Named copies of all configuration rows, kept in the database, and what was last changed by whom.
//
// A checkpoint is rows, not text: it restores what no text shows (the concealed form of a key) and costs no parsing.
// Columns that came after it was made are NULL in it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::configdb {

struct CheckpointInfo {
  std::string name, when, who, from;
  std::int64_t commit = 0;  // the newest of the journal when it was made; 0: none yet
};

// Takes the place of an earlier one of the name. Not while an Edit is open.
Status SaveCheckpoint(Store& store, std::string_view name, const Origin& origin);
Status RemoveCheckpoint(Store& store, std::string_view name);         // kNotFound
Result<std::vector<CheckpointInfo>> Checkpoints(const Store& store);  // oldest first

// Edits the rows until they are those of the checkpoint. Only what differs is touched, and journalled. kNotFound.
Status RestoreCheckpoint(Edit& edit, std::string_view name);
// As above, until they are those of another store.
Status RestoreFrom(Edit& edit, const Store& store);
// The checkpoint as a store of its own, in memory, to be read.
Result<Store> OpenCheckpoint(const Store& store, std::string_view name);

// What the device must do at a time to come, even when it was stopped meanwhile: go back to a checkpoint.
struct PendingRollback {
  std::string checkpoint;
  std::int64_t at = 0;  // seconds since 1970, UTC
};
Status SetPendingRollback(Store& store, const std::optional<PendingRollback>& pending);  // nullopt: none any more
Result<std::optional<PendingRollback>> GetPendingRollback(const Store& store);

// The newest change of each parameter of each row: {table, key, parameter}; the row itself has parameter "".
struct LastChange {
  std::int64_t commit = 0;
  std::string when, who, from;
};
using LastChanges = std::map<std::tuple<std::string, std::string, std::string>, LastChange>;
Result<LastChanges> GetLastChanges(const Store& store);

}  // namespace sw::configdb
