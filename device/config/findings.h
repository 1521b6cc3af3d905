// What a configuration that is valid still lacks to work: for offline checks. Nothing here is refused by a commit,
// because a configuration is typed line by line and may be complete only at its end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config-db/store.h"
#include "device/config/config.h"
#include "hal/base/result.h"
#include "hal/crypto_device.h"

namespace sw::device {

struct Finding {
  std::string table;  // the row it is about
  configdb::Key key;
  std::string word;  // of the line at fault, as typed; empty: the object as a whole
  std::string reason;
  bool note = false;  // worth knowing, and no error: text that is kept though it cannot be opened here
};

// Tunnels that cannot run, policies without what they need, references to lists that do not exist, algorithms that
// `crypto` cannot do, and cipher text that cannot be opened here.
Result<std::vector<Finding>> Findings(const configdb::Store& store, const Config& config,
                                      const hal::Capabilities& crypto);

}  // namespace sw::device
