// Showing the configuration.
#include "cli/configuration/displays.h"
#include "cli/configuration/text.h"
#include "cli/session/operator.h"
#include "cli/session/secrets.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

Status ShowText(Operator& session, const Result<std::string>& text) {
  if (!text.ok()) return text.status();
  session.Show(kConfigurationDisplay, {MaskedText(session, *text)});
  return {};
}

Status DisplayCurrent(Operator& session, const Match& match) {
  ConfigurationFilter filter;
  if (match.Has("configuration")) filter.part = Part::kAllButInterfaces;
  if (match.Has("interface")) filter.part = Part::kInterfaces;
  filter.interface = match.Text("name");
  filter.interface_type = match.Text("type");
  filter.section = match.Text("section");
  return ShowText(session, ConfigurationText(session.grammar(), session.store(), filter));
}

Status DisplayThis(Operator& session, const Match&) {
  return ShowText(session, ViewText(session.grammar(), session.store(), session.view(), session.object()));
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display current-configuration [ configuration [ <section:string:1-40> ] | interface [ <name:interface> | "
             "<type:interface-type> ] ] [ by-linenum ]",
     .help =
         "|Current configuration|All but the interfaces|Only sections that begin so: acl, isp, luser, user-interface "
         "...|The interfaces only|With the numbers of lines",
     .run = DisplayCurrent,
     .shows = &kConfigurationDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display this [ by-linenum ]",
     .help = "|Configuration of the current view|With the numbers of lines",
     .run = DisplayThis,
     .shows = &kConfigurationDisplay},
};

}  // namespace

std::span<const Command> ConfigurationCommands() {
  return kCommands;
}

}  // namespace sw::cli
