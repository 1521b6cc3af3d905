// What concerns the session itself: its level, screen, history and hotkeys, and the banners that greet it. Sources:
// Switch 7750 and 4500 command guides (super, command-privilege), Comware V7 CLI guide (hotkeys), ranges and lock are
// recollection. `screen-length disable` and `screen-length 0 temporary` are those of later releases: clients send them.
#include <fmt/format.h>

#include <algorithm>

#include "cli/grammar/line.h"
#include "cli/session/binding.h"
#include "cli/session/greeting.h"
#include "cli/session/line_reader.h"
#include "cli/session/login.h"
#include "cli/session/operator.h"
#include "cli/session/privileges.h"
#include "cli/session/secrets.h"
#include "cli/session/text_value.h"
#include "cli/subjects.h"
#include "cli/terminal/displays.h"
#include "device/device.h"

namespace sw::cli {
namespace {

constexpr int kTries = 3;

void RaiseTo(Operator& session, std::uint8_t level) {
  session.seat().set_level(level);
  session.Print(
      fmt::format("User privilege level is {}, and only those commands can be used\n"
                  "whose level is equal or less than this.\n"
                  "Privilege note: 0-VISIT, 1-MONITOR, 2-SYSTEM, 3-MANAGE\n",
                  level));
}

void AskSuper(Operator& session, std::uint8_t level, const device::Secret& password, int tries) {
  session.AskSecret("Password:", [&session, level, password, tries](std::string_view typed) -> Status {
    const SessionOptions& options = session.seat().options();
    GuessLock& guesses = session.seat().lines().guesses();
    const Time now = session.device().scheduler().now();
    const std::string guesser = LoggedName(options.who) + " super";  // no name of a user
    if (const Duration locked = guesses.Locked(guesser, options.address, now); locked > Duration{0}) {
      session.Print(TooManyGuesses(locked));
      return {};
    }
    if (password.Matches(typed)) {
      guesses.Succeeded(guesser, options.address, now);
      RaiseTo(session, level);
      return {};
    }
    (void)guesses.Failed(guesser, options.address, now, GuessLimitsOf(session.store()));
    LogGuess(session.device(), LoggedName(options.who), options.address, "wrong super password");
    // In a script the next line is no second try.
    if (!session.seat().options().interactive || tries + 1 == kTries) return {Code::kDenied, "Wrong password"};
    session.Print(" % Wrong password\n");
    AskSuper(session, level, password, tries + 1);
    return {};
  });
}

Status Super(Operator& session, const Match& match) {
  const auto level = static_cast<std::uint8_t>(match.Int("level").value_or(kManage));
  if (level <= session.seat().level()) {
    RaiseTo(session, level);
    return {};
  }
  const Result<std::optional<configdb::Row>> row = session.store().Find("super_password", {std::int64_t{level}});
  if (!row.ok()) return row.status();
  if (*row) {
    AskSuper(session, level, device::SecretOf(**row, "password", "password_form"), 0);
    return {};
  }
  const bool console = session.seat().options().line && session.seat().options().line->type == LineType::kConsole;
  if (!console) return {Code::kDenied, "Password is not set."};
  RaiseTo(session, level);
  return {};
}

Status SetSuperPassword(Operator& session, const Match& match) {
  const std::int64_t level = match.Int("level").value_or(kManage);
  std::vector<configdb::Assignment> columns = {{"password_form", match.Text("password_form")},
                                               {"password", match.Text("password")}};
  const Result<std::optional<configdb::Row>> kept = session.store().Find("super_password", {level});
  if (!kept.ok()) return kept.status();
  ConcealSecrets(columns, *configdb::FindTable("super_password"), *kept ? &**kept : nullptr);
  return session.Configure([&](configdb::Edit& edit) -> Status {
    SW_TRY(edit.Ensure("super_password", {level}, columns).status());
    for (const configdb::Assignment& each : columns) {
      SW_TRY(edit.Set("super_password", {level}, each.column, each.value).status());
    }
    return {};
  });
}

Status RemoveSuperPassword(Operator& session, const Match& match) {
  return session.Configure([&](configdb::Edit& edit) {
    return RemoveRow(edit, "super_password", {match.Int("level").value_or(kManage)},
                     Status(Code::kNotFound, "The super password is not set"));
  });
}

Status SetPrivilege(Operator& session, const Match& match) {
  const std::optional<View> view = PrivilegeView(match.Text("view"));
  if (!view) return {Code::kBadValue, "There is no such view"};
  Grammar::Levels levels;
  const std::string command = match.Text("command");
  if (!session.grammar().SetLevel(levels, *view, command, 0)) return {Code::kBadValue, "There is no such command"};
  const configdb::Key key = {match.Text("view"), command};
  const configdb::Value level = *match.Int("level");
  return session.Configure([&](configdb::Edit& edit) -> Status {
    SW_TRY(edit.Ensure("command_privilege", key, {{"level", level}}).status());
    return edit.Set("command_privilege", key, "level", level).status();
  });
}

Status RemovePrivilege(Operator& session, const Match& match) {
  return session.Configure([&](configdb::Edit& edit) {
    return RemoveRow(edit, "command_privilege", {match.Text("view"), match.Text("command")},
                     Status(Code::kNotFound, "The command has no level of its own"));
  });
}

Status DisableScreenLength(Operator& session, const Match&) {
  session.seat().set_page_lines(0);
  session.Print("% Screen-length configuration is disabled for current user.\n");
  return {};
}
Status EnableScreenLength(Operator& session, const Match&) {
  session.seat().set_page_lines(std::nullopt);
  session.Print("% Screen-length configuration is enabled for current user.\n");
  return {};
}
Status TemporaryScreenLength(Operator& session, const Match& match) {
  session.seat().set_page_lines(static_cast<std::uint16_t>(match.Int("lines").value_or(0)));
  session.Print("Info: The configuration takes effect on the current user terminal interface only.\n");
  return {};
}

Status DisplayHistory(Operator& session, const Match&) {
  const auto& commands = session.seat().history().lines();
  session.Show(kCommandHistoryDisplay, {commands.begin(), commands.end()});
  return {};
}

Status DisplayHotkeys(Operator& session, const Match&) {
  HotkeysView hotkeys;
  for (const char letter : kHotkeyLetters) hotkeys.push_back({letter, HotkeyCommand(session.store(), letter)});
  session.Show(kHotkeysDisplay, hotkeys);
  return {};
}

constexpr std::size_t kLongestHead = std::string_view("header incoming ").size();

// The first character of the text is its delimiter; the text goes on over lines until it comes again.
Status StoreBanner(Operator& session, const std::string& column, const std::string& text) {
  const configdb::Value value = text.size() < 3 ? configdb::Value() : configdb::Value(text);
  return session.Configure(
      [&](configdb::Edit& edit) -> Status { return edit.Set("terminal", {std::int64_t{1}}, column, value).status(); });
}

Status SetBanner(Operator& session, const Match& match) {
  constexpr std::size_t kMost = 2000;
  const Argument* argument = nullptr;
  for (const Argument& each : match.arguments)
    if (each.terminal->name.starts_with("header_")) argument = &each;
  const std::string column = argument->terminal->name, text = argument->value;
  if (text.size() == 1 && session.seat().options().interactive) {
    session.Print(fmt::format("Please input banner content, and quit with the character '{}'.\n", text));
  }
  return CollectText(session, text, kMost, [&session, column](const std::string& all) -> Status {
    // It is printed behind the words of its command, which may have been typed shorter.
    if (std::min(all.find('\n'), all.size()) + kLongestHead > kMaxLine) return LineTooLong();
    return StoreBanner(session, column, all);
  });
}

void AskUnlock(Operator& session, const std::string& password) {
  session.AskSecret("Password:", [&session, password](std::string_view typed) -> Status {
    if (typed == password) {
      session.seat().set_logging_in(false);
    } else {
      AskUnlock(session, password);
    }
    return {};
  });
}

Status Lock(Operator& session, const Match&) {
  if (!session.seat().options().interactive) return {Code::kUnsupported, "Nobody sits here"};
  session.AskSecret("Password:", [&session](std::string_view first) -> Status {
    session.AskSecret("Again:", [&session, password = std::string(first)](std::string_view again) -> Status {
      if (password.empty() || password != again) return {Code::kDenied, "The passwords are not the same"};
      session.Print("locked !\n");
      session.seat().set_logging_in(true);
      AskUnlock(session, password);
      return {};
    });
    return {};
  });
  return {};
}

constexpr Views kSystem = In(View::kSystem), kUser = In(View::kUser);
constexpr std::string_view kTerminal = "terminal";

constexpr Command kCommands[] = {
    {.views = kUser,
     .level = kVisit,
     .form = "super [ <level:command_privilege.level> ]",
     .help = "Privilege current user a specified priority level|Level, 3 by default",
     .run = Super},
    {.views = kSystem,
     .level = kManage,
     .form = "super password [ level <level> ] { simple=password_form <password> | "
             "cipher=password_form <password:concealed> | hash=password_form <password:concealed> }",
     .help = "|Password for a change of the level|Level it leads to|{}|As typed, kept as a hash|The password|"
             "Concealed, kept as a hash|The password, or its concealed text|As the device prints it|The hash",
     .run = SetSuperPassword,
     .undo = "super password [ level <level> ]",
     .undo_run = RemoveSuperPassword,
     .stores = Stores::kList,
     .table = "super_password"},
    {.views = kSystem,
     .level = kManage,
     .form = "command-privilege level <level> view <view> <command>",
     .help = "Specify the level of commands|Level|Level|View of the commands|Name: shell, system, luser ...|"
             "How the commands begin",
     .run = SetPrivilege,
     .undo = "command-privilege view <view> <command>",
     .undo_run = RemovePrivilege,
     .stores = Stores::kList,
     .table = "command_privilege"},
    {.views = kUser,
     .level = kVisit,
     .form = "screen-length disable",
     .help = "Specify the lines of one screen|No paging for this user",
     .run = DisableScreenLength,
     .undo = "screen-length disable",
     .undo_run = EnableScreenLength},
    {.views = kUser,
     .level = kVisit,
     .form = "screen-length <lines:user_interface.screen_length> temporary",
     .help = "|Lines; 0: no paging|For this user only",
     .run = TemporaryScreenLength},
    {.views = kAnyView,
     .level = kVisit,
     .form = "display history-command",
     .help = "|Lines typed in this session",
     .run = DisplayHistory,
     .shows = &kCommandHistoryDisplay},
    {.views = kSystem,
     .form = "hotkey CTRL_G <hotkey_g>",
     .help = "Specify the commands behind keys|Ctrl+G|Command",
     .undo = "hotkey CTRL_G",
     .stores = Stores::kColumns,
     .table = kTerminal},
    {.views = kSystem,
     .form = "hotkey CTRL_L <hotkey_l>",
     .help = "|Ctrl+L|Command",
     .undo = "hotkey CTRL_L",
     .stores = Stores::kColumns,
     .table = kTerminal},
    {.views = kSystem,
     .form = "hotkey CTRL_O <hotkey_o>",
     .help = "|Ctrl+O|Command",
     .undo = "hotkey CTRL_O",
     .stores = Stores::kColumns,
     .table = kTerminal},
    {.views = kSystem,
     .form = "hotkey CTRL_T <hotkey_t>",
     .help = "|Ctrl+T|Command",
     .undo = "hotkey CTRL_T",
     .stores = Stores::kColumns,
     .table = kTerminal},
    {.views = kSystem,
     .form = "hotkey CTRL_U <hotkey_u>",
     .help = "|Ctrl+U|Command",
     .undo = "hotkey CTRL_U",
     .stores = Stores::kColumns,
     .table = kTerminal},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display hotkey",
     .help = "|Commands behind keys",
     .run = DisplayHotkeys,
     .shows = &kHotkeysDisplay},
    {.views = kSystem,
     .form = "header incoming <header_incoming:..254>",
     .help = "Specify the banners|For users that come by modem|Text between two equal characters",
     .run = SetBanner,
     .undo = "header incoming",
     .stores = Stores::kColumns,
     .table = kTerminal},
    {.views = kSystem,
     .form = "header login <header_login:..254>",
     .help = "|Before authentication|Text between two equal characters",
     .run = SetBanner,
     .undo = "header login",
     .stores = Stores::kColumns,
     .table = kTerminal},
    {.views = kSystem,
     .form = "header shell <header_shell:..254>",
     .help = "|After authentication|Text between two equal characters",
     .run = SetBanner,
     .undo = "header shell",
     .stores = Stores::kColumns,
     .table = kTerminal},
    {.views = kUser, .level = kVisit, .form = "lock", .help = "Lock current user terminal interface", .run = Lock},
};

}  // namespace

std::span<const Command> SessionCommands() {
  return kCommands;
}

}  // namespace sw::cli
