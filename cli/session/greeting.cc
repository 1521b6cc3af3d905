#include "cli/session/greeting.h"

#include <fmt/format.h>

#include "cli/grammar/text.h"
#include "version.h"

namespace sw::cli {
namespace {

constexpr int kFrame = 78;  // columns, as the captured frame

std::string Setting(const configdb::Store& store, std::string_view column) {
  const Result<std::optional<configdb::Row>> row = store.Find("terminal", {std::int64_t{1}});
  return row.ok() && *row ? (*row)->TextOr(column, "") : std::string();
}

}  // namespace

std::string BannerText(std::string_view stored) {
  if (stored.size() < 2) return {};
  std::string text(stored.substr(1, stored.size() - 2));
  if (text.starts_with('\n')) text.erase(0, 1);
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  return text;
}

std::string LoginText(const configdb::Store& store) {
  return BannerText(Setting(store, "header_login"));
}

std::string WelcomeText(const configdb::Store& store) {
  std::string out = fmt::format("{:*<{}}\n", "", kFrame);
  for (const std::string& line :
       {fmt::format("sw8800 {}: a Switch 8800 IPsec module in software.", kVersion),
        std::string("Free software under the GNU General Public License, version 3 or later,"),
        std::string("without any warranty.")}) {
    out += fmt::format("* {:<{}} *\n", line, kFrame - 4);
  }
  return out + fmt::format("{:*<{}}\n\n", "", kFrame) + BannerText(Setting(store, "header_shell"));
}

std::string_view DefaultHotkey(char letter) {
  switch (letter) {
    case 'G':
      return "display current-configuration";
    case 'L':
      return "display ip routing-table";
    case 'O':
      return "undo debugging all";
    default:
      return {};
  }
}

std::string HotkeyCommand(const configdb::Store& store, char letter) {
  const std::string set = Setting(store, fmt::format("hotkey_{}", Lower(letter)));
  return set.empty() ? std::string(DefaultHotkey(letter)) : set;
}

}  // namespace sw::cli
