// What the device starts from: configuration files in flash:, and the start itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/grammar/grammar.h"
#include "config-db/store.h"
#include "hal/base/result.h"

namespace sw::device {
class Device;
}

namespace sw::cli {

inline bool Yes(std::string_view answer) {
  return answer.starts_with('y') || answer.starts_with('Y');
}

// The text of the file the device would start from; nullopt: there is none. `name`, when given, is told its path.
Result<std::optional<std::string>> SavedText(device::Device& device, std::string* name = nullptr);

// Starts the device anew from that file, or from nothing: its rows become what the lines of the text configure; lines
// that are refused are named on the monitor.
Status StartAnew(device::Device& device, const Grammar& grammar, const configdb::Origin& origin);

// For a device whose database cannot be used: what was saved, if there is a file of it. Returns its path, or nothing.
Result<std::string> StartFromSaved(device::Device& device, const Grammar& grammar);

}  // namespace sw::cli
