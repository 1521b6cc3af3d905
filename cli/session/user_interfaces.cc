#include "cli/session/user_interfaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sw::cli {
namespace {

struct TypeRow {
  LineType type;
  std::string_view word, shown;
  LineLogin login;
  int level;
};
constexpr TypeRow kTypes[] = {
    {LineType::kConsole, "con", "CON", LineLogin::kNone, 3},
    {LineType::kAux, "aux", "AUX", LineLogin::kNone, 0},
    {LineType::kVty, "vty", "VTY", LineLogin::kPassword, 0},
};
const TypeRow& RowOf(LineType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

}  // namespace

std::string_view TypeWord(LineType type) {
  return RowOf(type).word;
}

std::optional<LineType> ParseLineType(std::string_view word) {
  const auto* row = std::ranges::find(kTypes, word, &TypeRow::word);
  return row == std::end(kTypes) ? std::nullopt : std::optional(row->type);
}

int LineId::absolute() const {
  return type == LineType::kVty ? kFirstAbsoluteVty + number : static_cast<int>(type);
}
std::string LineId::ToString() const {
  return fmt::format("{}{}", RowOf(type).word, number);
}
std::string LineId::Shown() const {
  return fmt::format("{} {}", RowOf(type).shown, number);
}
LineId LineId::FromAbsolute(int number) {
  if (number < kFirstAbsoluteVty) return {static_cast<LineType>(number), 0};
  return {LineType::kVty, number - kFirstAbsoluteVty};
}

LineSettings SettingsOf(const configdb::Store& store, LineId line) {
  LineSettings out;
  out.login = RowOf(line.type).login;
  out.level = RowOf(line.type).level;
  const Result<std::optional<configdb::Row>> found =
      store.Find("user_interface", {std::string(TypeWord(line.type)), std::int64_t{line.number}});
  if (!found.ok() || !*found) return out;
  const configdb::Row& row = **found;
  const std::string login = row.TextOr("authentication_mode", "");
  if (login == "none") out.login = LineLogin::kNone;
  if (login == "password") out.login = LineLogin::kPassword;
  if (login == "scheme") out.login = LineLogin::kScheme;
  out.password = device::SecretOf(row, "password", "password_form");
  out.level = static_cast<int>(row.IntOr("privilege_level", out.level));
  out.idle_seconds =
      static_cast<std::uint32_t>(row.IntOr("idle_minutes", out.idle_seconds / 60) * 60 + row.IntOr("idle_seconds", 0));
  out.screen_length = static_cast<std::uint16_t>(row.IntOr("screen_length", out.screen_length));
  out.history_size = static_cast<std::uint16_t>(row.IntOr("history_size", out.history_size));
  out.ssh = row.TextOr("protocol_inbound", "ssh") == "ssh";
  out.shell = row.IntOr("no_shell", 0) == 0;
  out.acl_inbound = static_cast<int>(row.IntOr("acl_inbound", 0));
  return out;
}

int VtyCount(const configdb::Store& store) {
  const Result<std::optional<configdb::Row>> row = store.Find("terminal", {std::int64_t{1}});
  const int preset = configdb::Preset("terminal", "maximum_vty");
  return row.ok() && *row ? static_cast<int>((*row)->IntOr("maximum_vty", preset)) : preset;
}

GuessLimits GuessLimitsOf(const configdb::Store& store) {
  GuessLimits out;
  const Result<std::optional<configdb::Row>> row = store.Find("terminal", {std::int64_t{1}});
  if (!row.ok() || !*row) return out;
  out.attempts = static_cast<int>((*row)->IntOr("lockout_attempts", out.attempts));
  if (const auto minutes = (*row)->Int("lockout_minutes")) out.time = std::chrono::minutes(*minutes);
  return out;
}

std::size_t UserInterfaces::HangUp(std::optional<LineId> line, UseId but) const {
  std::vector<std::function<void()>> ends;  // each removes a use
  for (const auto& [id, use] : uses_)
    if (id != but && (!line || use.line == *line)) ends.push_back(use.hang_up);
  for (const std::function<void()>& hang_up : ends) hang_up();
  return ends.size();
}

std::optional<LineId> UserInterfaces::FreeVty(int most) const {
  std::set<int> taken;
  for (const auto& [id, use] : uses_)
    if (use.line.type == LineType::kVty) taken.insert(use.line.number);
  for (int number = 0; number < most; ++number)
    if (!taken.contains(number)) return LineId{LineType::kVty, number};
  return std::nullopt;
}

}  // namespace sw::cli
