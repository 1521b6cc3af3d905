#include "cli/terminal/displays.h"

#include <algorithm>

#include "cli/terminal/user_interfaces.h"

namespace sw::cli {
namespace {

const LineUse* UseOf(const UserInterfaces& lines, LineId line) {
  for (const auto& [id, use] : lines.uses())
    if (use.line == line) return &use;
  return nullptr;
}

std::string_view LoginName(LineLogin login) {
  return login == LineLogin::kNone ? "none" : login == LineLogin::kPassword ? "password" : "scheme";
}
std::string LoginLetter(const Value& value) {
  const std::string login = PlainText(value);
  return login == "none" ? "N" : login == "password" ? "P" : "A";
}
constexpr auto kLine = Fields<LineView>({
    {"used", "Somebody is there", [](auto& v) { return v.used; }},
    {"index", "Absolute number", [](auto& v) { return v.line.absolute(); }},
    {"type", "Type and number", [](auto& v) { return v.line.Shown(); }},
    {"speed", "Bit/s, or - for a virtual line", [](auto& v) { return v.line.type == LineType::kVty ? "-" : "9600"; }},
    {"level", "Of commands", [](auto& v) { return v.settings.level; }},
    {"login", "none, password or scheme", [](auto& v) { return LoginName(v.settings.login); }, {{}, 0, LoginLetter}},
});
// The lines of one type.
struct TypeView {
  std::string type;
  int first = 0;
  std::string marks = {};
};
constexpr auto kType = Fields<TypeView>({
    {"type", "CON, AUX or VTY", [](auto& v) { return v.type; }},
    {"first", "Absolute number of the first", [](auto& v) { return v.first; }},
    {"marks", "One of each: U in use, X not", [](auto& v) { return v.marks; }},
});
ListOf<kType> Types(const LinesView& lines) {
  std::vector<TypeView> out;
  for (const LineView& each : lines) {
    std::string type = each.line.Shown();
    type.erase(std::min(type.find(' '), type.size()));
    if (out.empty() || out.back().type != type) out.push_back({type, each.line.absolute()});
    out.back().marks += each.used ? 'U' : 'X';
  }
  return List<kType>(out);
}
constexpr auto kLines = Fields<LinesView>({
    {"user_interfaces", "By absolute number", [](auto& v) { return List<kLine>(v); }},
    {"types", "In the same order", [](auto& v) { return Types(v); }},
    {"used", "How many", [](auto& v) { return std::ranges::count(v, true, &LineView::used); }},
    {"unused", "How many", [](auto& v) { return std::ranges::count(v, false, &LineView::used); }},
});

constexpr auto kUser = Fields<UserLineView>({
    {"used", "Somebody is there", [](auto& v) { return v.used; }},
    {"own", "The one who asks", [](auto& v) { return v.own; }},
    {"index", "Absolute number of the user interface", [](auto& v) { return v.line.absolute(); }},
    {"line", "User interface", [](auto& v) { return v.line.Shown(); }},
    {"idle_seconds", "Since the last key", [](auto& v) { return v.idle_seconds; }, {{}, 0, AgeText}},
    {"protocol", "Protocol, or empty", [](auto& v) { return v.protocol; }},
    {"level", "Level of commands", [](auto& v) { return v.level; }},
    {"user", "User, or empty", [](auto& v) { return v.user; }},
    {"address", "Where from, or empty", [](auto& v) { return v.address; }},
});
ListOf<kUser> Details(const UsersView& users) {
  std::vector<const UserLineView*> out;
  for (const UserLineView& each : users)
    if (!each.user.empty() || !each.address.empty()) out.push_back(&each);
  return List<kUser>(out);
}
constexpr auto kUsers = Fields<UsersView>({
    {"users", "By user interface", [](auto& v) { return List<kUser>(v); }},
    {"named", "Those of them who logged in or came over a network", [](auto& v) { return Details(v); }},
});

constexpr auto kHistory = Fields<HistoryView>({
    {"commands", "The newest last", [](auto& v) { return v; }},
});

constexpr auto kHotkey = Fields<HotkeyView>({
    {"key", "CTRL_ and a letter", [](auto& v) { return std::string("CTRL_") + v.letter; }},
    {"command", "What it stands for, or empty", [](auto& v) { return v.command; }},
});
constexpr auto kHotkeys = Fields<HotkeysView>({
    {"hotkeys", "Those that can be set", [](auto& v) { return List<kHotkey>(v); }},
});

}  // namespace

LinesView LinesOf(const configdb::Store& store, const UserInterfaces& lines, std::optional<LineId> only) {
  LinesView out;
  for (const LineId line : AllLines(store))
    if (!only || line == *only) out.push_back({line, SettingsOf(store, line), UseOf(lines, line) != nullptr});
  return out;
}

UsersView UsersOf(const configdb::Store& store, const UserInterfaces& lines, UserInterfaces::UseId own, Time now,
                  bool all) {
  UsersView out;
  for (const LineId line : AllLines(store)) {
    const std::size_t before = out.size();
    for (const auto& [id, use] : lines.uses()) {
      if (use.line != line) continue;
      const auto idle = std::chrono::duration_cast<std::chrono::seconds>(now - use.last_input).count();
      out.push_back({line, true, id == own, use.user, use.address, use.protocol, idle, use.level});
    }
    if (out.size() == before && all) out.push_back({line});
  }
  return out;
}

constexpr DisplayOf<LinesView> kUserInterfacesDisplay(
    kLines,
    "  Idx  Type     Tx/Rx      Modem Privi Auth  Int\n"
    "{*user_interfaces}{?used}+{:} {/} {index:4} {type:8} {speed:10} -     {level:5} {login:5} -\n{/}"
    "\n  +    : Current user-interface is active.\n"
    "  F    : Current user-interface is active and work in async mode.\n"
    "  Idx  : Absolute index of user-interface.\n"
    "  Type : Type and relative index of user-interface.\n"
    "  Privi: The privilege of user-interface.\n"
    "  Auth : The authentication mode of user-interface.\n"
    "  Int  : The physical location of UIs.\n"
    "  A    : Authentication use AAA.\n"
    "  N    : Current UI need not authentication.\n"
    "  P    : Authentication use current UI's password.\n");
constexpr Layout kUserInterfacesSummary(
    kLines,
    "{*types}{,}\n{/}  User interface type : [{type}]\n  {first:>10}:{marks}{/}\n\n"
    "  {used} user interface(s) in use    (U)\n  {unused} user interface(s) not used  (X)\n");
constexpr DisplayOf<UsersView> kUsersDisplay(
    kUsers,
    "The user application information of the user interface(s):\n"
    "  Idx UI      Delay    Type Userlevel\n"
    "{*users}{?own}+{:} {/} {index:3} {line:7} {?used}{idle_seconds:8} {protocol:4} {level}{:}              {/}\n{/}"
    "{?named}\nFollowing are more details.\n"
    "{*named}{line:8}:\n{?user}        User name: {user}\n{/}{?address}        Location: {address}\n{/}{/}{/}"
    " +    : Current operation user.\n F    : Current operation user work in async mode.\n");
constexpr DisplayOf<HistoryView> kCommandHistoryDisplay(kHistory, "{*commands}  {.}\n{/}");
constexpr DisplayOf<HotkeysView> kHotkeysDisplay(
    kHotkeys,
    "----------------- HOTKEY -----------------\n\n            =Hotkeys=                =Command=\n"
    "{*hotkeys}{key:25}{?command}{command}{:}(not defined){/}\n{/}");

}  // namespace sw::cli
