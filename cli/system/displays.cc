#include "cli/system/displays.h"

#include <fmt/format.h>

namespace sw::cli {

// The number of the module's own software is not known; 3.10 is that of the captured devices whose terminal this is.
std::string VersionText(const VersionView& view) {
  const std::int64_t minutes = view.uptime_minutes;
  return fmt::format(
      "Switch 8800 IPsec module in software, sw8800 Version {}\n"
      "Commands of Comware Software, Version 3.10, Release {}\n"
      "Free software under the GNU General Public License, version 3 or later\n"
      "{} uptime is {} week, {} day, {} hours, {} minutes\n"
      "Crypto engine: {}\n",
      view.version, view.version, view.sysname, minutes / (7 * 24 * 60), minutes / (24 * 60) % 7, minutes / 60 % 24,
      minutes % 60, view.engine);
}

}  // namespace sw::cli
