// Showing and saving the configuration. Dialogue of `save`: captures of Comware 3.10 and 5.20 devices.
#include <fmt/format.h>

#include "cli/commands/tables.h"
#include "cli/render/configuration.h"
#include "cli/session/session.h"

namespace sw::cli {
namespace {

constexpr std::string_view kStartupFile = "flash:/startup.cfg";

Status PrintText(Session& session, const Result<std::string>& text) {
  if (!text.ok()) return text.status();
  session.Print(*text);
  return {};
}

Status DisplayCurrent(Session& session, const Match& match) {
  ConfigurationFilter filter;
  if (match.Has("configuration")) filter.part = Part::kAllButInterfaces;
  if (match.Has("interface")) filter.part = Part::kInterfaces;
  filter.interface = match.Text("name");
  filter.interface_type = match.Text("type");
  return PrintText(session, ConfigurationText(session.grammar(), session.store(), filter));
}

Status DisplayThis(Session& session, const Match&) {
  return PrintText(session, ViewText(session.grammar(), session.store(), session.view(), session.object()));
}

Status DisplaySaved(Session& session, const Match&) {
  const Result<std::optional<std::string>> text = session.store().Startup();
  if (!text.ok()) return text.status();
  if (!*text) return {Code::kNotFound, "The config file does not exist!"};
  session.Print(**text);
  return {};
}

Status WriteStartup(Session& session) {
  const Result<std::string> text = ConfigurationText(session.grammar(), session.store());
  if (!text.ok()) return text.status();
  SW_TRY(session.store().SaveStartup(*text, session.origin()));
  session.Print(" Validating file. Please wait......\n Configuration is saved to device successfully.\n");
  return {};
}

bool Yes(std::string_view answer) {
  return answer.starts_with('y') || answer.starts_with('Y');
}

Status AskOverwrite(Session& session) {
  const Result<std::optional<std::string>> before = session.store().Startup();
  if (!before.ok()) return before.status();
  if (!*before) return WriteStartup(session);
  return session.Ask(fmt::format("{} exists, overwrite? [Y/N]:", kStartupFile), "y",
                     [&session](std::string_view answer) { return Yes(answer) ? WriteStartup(session) : Status(); });
}

Status CheckFileName(std::string_view name) {
  if (name.empty() || name == kStartupFile || name == "startup.cfg") return {};
  if (!name.ends_with(".cfg")) return {Code::kBadValue, "The file name is invalid(does not end with .cfg)."};
  return {Code::kUnsupported, fmt::format("The startup configuration is kept in {} only", kStartupFile)};
}

Status Save(Session& session, const Match& match) {
  if (match.Has("force")) return WriteStartup(session);
  auto file_named = [&session](std::string_view name) -> Status {
    SW_TRY(CheckFileName(name));
    return AskOverwrite(session);
  };
  auto confirmed = [&session, file_named](std::string_view answer) -> Status {
    if (!Yes(answer)) return {};
    return session.Ask(fmt::format("Please input the file name(*.cfg)[{}]\n"
                                   "(To leave the existing filename unchanged, press the enter key):",
                                   kStartupFile),
                       "", file_named);
  };
  return session.Ask("The current configuration will be written to the device. Are you sure? [Y/N]:", "y", confirmed);
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display current-configuration [ configuration | interface [ <name:interface> | <type:interface-type> ] ]",
     .help = "|Current configuration|All but the interfaces|The interfaces only",
     .run = DisplayCurrent},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display this",
     .help = "|Configuration of the current view",
     .run = DisplayThis},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display saved-configuration",
     .help = "|Configuration as saved",
     .run = DisplaySaved},
    {.views = kAnyView,
     .level = kManage,
     .form = "save [ force | safely ]",
     .help = "Save current configuration|Without asking|By way of a copy, as every save here",
     .run = Save},
};

}  // namespace

std::span<const Command> ConfigurationCommands() {
  return kCommands;
}

}  // namespace sw::cli
