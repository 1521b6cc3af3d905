// Files as people name them in options and settings. Never blocks on what is no file. Our choice.
#pragma once

#include <string>

#include "hal/base/result.h"

namespace sw {

// The bytes of a regular file. kBadValue: a directory, a pipe or a device, or something too large; kNotFound: not
// there, or not to be read. One line each, with the path.
Result<std::string> ReadRegularFile(const std::string& path);

}  // namespace sw
