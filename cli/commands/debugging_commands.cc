// Switches of debugging output and of the terminal that shows it. `debugging dvpn` keywords are recollection.
#include <fmt/format.h>

#include "cli/commands/ike_debugging.h"
#include "cli/commands/tables.h"
#include "cli/session/session.h"

namespace sw::cli {
namespace {

using dvpn::Topic;

struct Switch {
  std::string_view scope, word;  // `scope`: the keyword before the word; empty: none
  Topic topic;
};
constexpr Switch kSwitches[] = {
    {"", "error", Topic::kError},          {"", "hexadecimal", Topic::kHexadecimal},
    {"event", "misc", Topic::kMisc},       {"event", "register", Topic::kRegister},
    {"event", "session", Topic::kSession}, {"packet", "control", Topic::kControl},
    {"packet", "data", Topic::kData},      {"packet", "ipsec", Topic::kIpsec},
};

Status Debugging(Session& session, const Match& match) {
  device::DebugSwitches& on = session.device().monitor().debugging();
  for (const Switch& each : kSwitches) {
    const bool scoped = !each.scope.empty() && match.Has(each.scope);
    const bool all = match.Has("all") && (scoped || (!match.Has("event") && !match.Has("packet")));
    if (!all && !match.Has(each.word)) continue;
    if (match.undo) {
      on.erase(each.topic);
    } else {
      on.insert(each.topic);
    }
  }
  return {};
}

Status NoDebugging(Session& session, const Match&) {
  session.device().monitor().debugging().clear();
  session.device().monitor().ike_debugging().clear();
  session.device().card_host().StopDebugging();
  session.Print("All possible debugging has been turned off\n");
  return {};
}

Status DisplayDebugging(Session& session, const Match&) {
  std::string out;
  for (const Switch& each : kSwitches) {
    if (!session.device().monitor().debugging().contains(each.topic)) continue;
    out += fmt::format("DVPN {}{}{} debugging is on\n", each.scope, each.scope.empty() ? "" : " ", each.word);
  }
  for (const IkeSwitch& each : kIkeSwitches)
    if (session.device().monitor().ike_debugging().contains(each.topic))
      out += fmt::format("IKE {} debugging is on\n", each.word);
  for (std::size_t i = 0; i < hal::pcie::kTraceTopics.size(); ++i)
    if (session.device().card_host().debugging(static_cast<hal::pcie::TraceTopic>(i)))
      out += fmt::format("Encrypt-card {} debugging is on\n", hal::pcie::kTraceTopics[i]);
  session.Print(out);
  return {};
}

Status Terminal(Session& session, const Match& match) {
  struct TerminalSwitch {
    std::string_view word;
    bool& on;
  };
  const TerminalSwitch switches[] = {{"monitor", session.terminal_monitor()},
                                     {"debugging", session.terminal_debugging()},
                                     {"logging", session.terminal_logging()},
                                     {"trapping", session.terminal_trapping()}};
  for (const TerminalSwitch& each : switches) {
    if (!match.Has(each.word)) continue;
    each.on = !match.undo;
    session.Print(fmt::format("% Current terminal {} is {}.\n", each.word, match.undo ? "off" : "on"));
  }
  return {};
}

constexpr std::string_view kDebuggingForm =
    "debugging dvpn { all | error | event { all | misc | register | session } | hexadecimal | packet { all | control | "
    "data | ipsec "
    "} }";

constexpr Command kCommands[] = {
    {.views = In(View::kUser),
     .level = kMonitor,
     .form = kDebuggingForm,
     .help = "Enable system debugging functions|Dynamic VPN|Everything|Errors|What happens|Everything|"
             "Timers, policy, redirects|The steps of registrations|Sessions|Control packets byte by "
             "byte|Packets|Everything|Control packets|"
             "Data packets and their way|Security associations",
     .run = Debugging,
     .undo = kDebuggingForm,
     .undo_run = Debugging},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "undo debugging all",
     .help = "Cancel current setting|Disable system debugging functions|Everything",
     .run = NoDebugging},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display debugging",
     .help = "|Debugging switches that are on",
     .run = DisplayDebugging},
    {.views = In(View::kUser),
     .level = kMonitor,
     .form = "terminal { monitor | debugging | logging | trapping }",
     .help = "Switches of this terminal|Show lines at all|Show debugging output|Show log lines|Show traps",
     .run = Terminal,
     .undo = "terminal { monitor | debugging | logging | trapping }",
     .undo_run = Terminal},
};

}  // namespace

std::span<const Command> DebuggingCommands() {
  return kCommands;
}

}  // namespace sw::cli
