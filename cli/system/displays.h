// `display version` as text. Own format but for the two lines that public tools look for: the software line and the
// uptime line.
#pragma once

#include <cstdint>
#include <string>

namespace sw::cli {

struct VersionView {
  std::string sysname, version, engine;
  std::int64_t uptime_minutes = 0;
};
std::string VersionText(const VersionView& view);

}  // namespace sw::cli
