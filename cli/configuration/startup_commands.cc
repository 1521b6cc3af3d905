// Saving the configuration and starting from what is saved. Dialogues of `save`, `reset saved-configuration` and
// `reboot`: captures of Comware 3.10 and 5.20 devices; `startup` and `display startup`: S3100, wording recollection.
#include <fmt/format.h>

#include "cli/configuration/displays.h"
#include "cli/configuration/startup.h"
#include "cli/configuration/text.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/session/secrets.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/file/flash.h"

namespace sw::cli {
namespace {

using device::BootFiles;
using device::Flash;
using device::FlashPath;
using device::ToString;

enum class Attribute : std::uint8_t { kNone, kMain, kBackup };
Attribute AttributeOf(const Match& match, Attribute preset) {
  if (match.Has("backup")) return Attribute::kBackup;
  if (match.Has("main")) return Attribute::kMain;
  return preset;
}

// A configuration file's name as typed: in the current directory.
Result<FlashPath> FileOf(Operator& session, std::string_view typed) {
  if (!typed.ends_with(".cfg")) return Status(Code::kBadValue, "The file name is invalid(does not end with .cfg).");
  Result<FlashPath> path = Flash::Resolve(session.seat().directory(), typed);
  if (path.ok() && path->empty()) return IsDirectory("flash:/");
  return path;
}

// The name that the boot choice keeps: without flash:/.
std::string BootName(const FlashPath& path) {
  return ToString(path).substr(std::string_view("flash:/").size());
}

struct SaveOrder {
  FlashPath file;
  Attribute attribute = Attribute::kNone;
  bool brief = false;  // the other wording, of a save to a named file
};

Status Write(Operator& session, const SaveOrder& order) {
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  const Result<std::string> text = ConfigurationText(session.grammar(), session.store());
  if (!text.ok()) return text.status();
  SW_TRY((*flash)->Write(order.file, *text));
  BootFiles boot = (*flash)->boot();
  const BootFiles before = boot;
  if (order.attribute == Attribute::kMain) boot.main = BootName(order.file);
  if (order.attribute == Attribute::kBackup) boot.backup = BootName(order.file);
  if (boot != before) SW_TRY((*flash)->SetBoot(boot));
  // The database keeps a copy for the day when its rows cannot be read.
  if (boot.main == BootName(order.file)) SW_TRY(session.store().SaveStartup(*text, session.seat().origin()));
  if (order.brief) {
    session.Print(
        fmt::format("Now saving current configuration to the device.\nSaving configuration {}. Please wait...\n",
                    ToString(order.file)));
  } else {
    session.Print(" Validating file. Please wait......\n");
  }
  session.Print(" Configuration is saved to device successfully.\n");
  return {};
}

Status AskOverwrite(Operator& session, const SaveOrder& order, const std::function<Status()>& then) {
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  auto write = [&session, order, then]() -> Status {
    SW_TRY(Write(session, order));
    return then();
  };
  if (!(*flash)->Find(order.file).ok()) return write();
  return session.Ask(fmt::format("{} exists, overwrite? [Y/N]:", ToString(order.file)), "y",
                     [write, then](std::string_view answer) { return Yes(answer) ? write() : then(); });
}

// The dialogue of `save` without a name, then `then`, saved or not.
Status AskFileName(Operator& session, Attribute attribute, const std::function<Status()>& then) {
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  const BootFiles boot = (*flash)->boot();
  const std::string& chosen = attribute == Attribute::kBackup ? boot.backup : boot.main;
  const std::string preset = "flash:/" + (chosen.empty() ? BootFiles().main : chosen);
  return session.Ask(fmt::format("Please input the file name(*.cfg)[{}]\n"
                                 "(To leave the existing filename unchanged, press the enter key):",
                                 preset),
                     "", [&session, attribute, preset, then](std::string_view name) -> Status {
                       const Result<FlashPath> file = FileOf(session, name.empty() ? std::string_view(preset) : name);
                       if (!file.ok()) return file.status();
                       return AskOverwrite(session, {*file, attribute}, then);
                     });
}

Status Done() {
  return {};
}

Status Save(Operator& session, const Match& match) {
  if (match.Find("file") != nullptr) {
    const Result<FlashPath> file = FileOf(session, match.Text("file"));
    if (!file.ok()) return file.status();
    const SaveOrder order{*file, AttributeOf(match, Attribute::kNone), true};
    return session.Ask(fmt::format("The configuration will be written to {}. Are you sure? [Y/N]:", ToString(*file)),
                       "y", [&session, order](std::string_view answer) {
                         return Yes(answer) ? AskOverwrite(session, order, Done) : Status();
                       });
  }
  const Attribute attribute = AttributeOf(match, Attribute::kMain);
  if (match.Has("force")) {
    const Result<Flash*> flash = session.device().flash();
    if (!flash.ok()) return flash.status();
    const BootFiles boot = (*flash)->boot();
    const std::string& chosen = attribute == Attribute::kBackup ? boot.backup : boot.main;
    const Result<FlashPath> file = Flash::Resolve({}, chosen.empty() ? BootFiles().main : chosen);
    if (!file.ok()) return file.status();
    return Write(session, {*file, attribute});
  }
  return session.Ask("The current configuration will be written to the device. Are you sure? [Y/N]:", "y",
                     [&session, attribute](std::string_view answer) {
                       return Yes(answer) ? AskFileName(session, attribute, Done) : Status();
                     });
}

Status ResetSaved(Operator& session, const Match& match) {
  const Attribute attribute = AttributeOf(match, Attribute::kMain);
  return session.Ask("The saved configuration will be erased.\nAre you sure?[Y/N]", "y",
                     [&session, attribute](std::string_view answer) -> Status {
                       if (!Yes(answer)) return {};
                       const Result<Flash*> flash = session.device().flash();
                       if (!flash.ok()) return flash.status();
                       const BootFiles boot = (*flash)->boot();
                       const std::string& name = attribute == Attribute::kBackup ? boot.backup : boot.main;
                       const Result<FlashPath> file = Flash::Resolve({}, name);
                       if (!file.ok()) return file.status();
                       if (name.empty() || !(*flash)->Find(*file).ok()) return NoConfigFile();
                       SW_TRY((*flash)->Erase(*file));
                       if (attribute != Attribute::kBackup) SW_TRY(session.store().RemoveStartup());
                       session.Print("Configuration in flash memory is being cleared.\nPlease wait ...\n");
                       return {};
                     });
}

Status SetStartup(Operator& session, const Match& match) {
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  BootFiles boot = (*flash)->boot();
  std::string name;
  if (!match.undo) {
    const Result<FlashPath> file = FileOf(session, match.Text("file"));
    if (!file.ok()) return file.status();
    const Result<device::FlashEntry> entry = (*flash)->Find(*file);
    if (!entry.ok()) return NoConfigFile();
    if (entry->directory) return IsDirectory(ToString(*file));
    name = BootName(*file);
  }
  const Attribute attribute = AttributeOf(match, Attribute::kMain);
  if (attribute == Attribute::kBackup || (match.undo && !match.Has("main"))) boot.backup = name;
  if (attribute == Attribute::kMain) boot.main = name;
  SW_TRY((*flash)->SetBoot(boot));
  session.Print("Please wait ...Done!\n");
  return {};
}

Status DisplayStartup(Operator& session, const Match&) {
  const Result<Flash*> flash = session.device().flash();
  if (!flash.ok()) return flash.status();
  const BootFiles boot = (*flash)->boot();
  session.Show(kStartupDisplay, {boot.main, boot.backup});
  return {};
}

Status DisplaySaved(Operator& session, const Match&) {
  const Result<std::optional<std::string>> text = SavedText(session.device());
  if (!text.ok()) return text.status();
  if (!*text) return NoConfigFile();
  session.Show(kConfigurationDisplay, {MaskedText(session, **text)});
  return {};
}

Status AskReboot(Operator& session) {
  return session.Ask(" This command will reboot the device. Continue? [Y/N]:", "y",
                     [&session](std::string_view answer) -> Status {
                       if (!Yes(answer)) return {};
                       session.Print(" Now rebooting, please wait...\n");
                       SW_TRY(StartAnew(session.device(), session.grammar(), session.seat().origin()));
                       session.seat().lines().HangUp({}, session.seat().use());
                       session.Close();
                       return {};
                     });
}

Status Reboot(Operator& session, const Match&) {
  session.Print(" Start to check configuration with next startup configuration file, please wait.........DONE!\n");
  const Result<std::optional<std::string>> saved = SavedText(session.device());
  if (!saved.ok()) return saved.status();
  const Result<std::string> current = ConfigurationText(session.grammar(), session.store());
  if (!current.ok()) return current.status();
  if (*saved == *current) return AskReboot(session);
  return session.Ask(
      " This command will reboot the device. Current configuration will be lost, save current configuration? [Y/N]:",
      "n", [&session](std::string_view answer) {
        const auto then = [&session] { return AskReboot(session); };
        return Yes(answer) ? AskFileName(session, Attribute::kMain, then) : then();
      });
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kManage,
     .form = "save [ force | safely | <file:string:1-160> ] [ backup | main ]",
     .help = "Save current configuration|Without asking|By way of a copy, as every save here|"
             "Name of the file, which ends in .cfg|What the device starts from without the main file|"
             "What the device starts from",
     .run = Save},
    {.views = In(View::kUser),
     .level = kManage,
     .form = "reset saved-configuration [ backup | main ]",
     .help = "Reset operation|Erase what the device starts from|The backup file|The main file, the default",
     .run = ResetSaved},
    {.views = In(View::kUser),
     .level = kManage,
     .form = "startup saved-configuration <file:string:1-160> [ backup | main ]",
     .help = "Specify what the device starts from|Configuration file|Name of the file, which ends in .cfg|"
             "When the main file is not there|First choice, the default",
     .run = SetStartup,
     .undo = "startup saved-configuration [ backup | main ]",
     .undo_run = SetStartup},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display startup",
     .help = "|What the device starts from",
     .run = DisplayStartup,
     .shows = &kStartupDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display saved-configuration [ by-linenum ]",
     .help = "|Configuration as saved|With the numbers of lines",
     .run = DisplaySaved,
     .shows = &kConfigurationDisplay},
    {.views = In(View::kUser),
     .level = kManage,
     .form = "reboot",
     .help = "Start the device anew from what is saved",
     .run = Reboot},
};

}  // namespace

std::span<const Command> StartupCommands() {
  return kCommands;
}

}  // namespace sw::cli
