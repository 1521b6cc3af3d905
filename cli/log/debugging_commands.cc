// Switches of debugging output and of the terminal that shows it. Syntax: guide page 185 (debugging ike error), the
// rest recollection.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "cli/grammar/sa_protocol.h"
#include "cli/log/displays.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/device.h"
#include "device/log/monitor.h"
#include "hal/failover/failover_device.h"

namespace sw::cli {
namespace {

using device::DebugModule;
using device::DebugSwitch;

// `all` stands for every switch, or for those of the scope typed before it.
void Switch(Operator& session, const Match& match, DebugModule module) {
  device::Debugging& debugging = session.device().monitor().debugging();
  const auto scoped = [&](const DebugSwitch& one) { return !one.scope.empty() && match.Has(one.scope); };
  const auto of_module = [&](const DebugSwitch& one) { return one.module == module; };
  const bool any_scope = std::ranges::any_of(device::DebugSwitches(),
                                             [&](const DebugSwitch& one) { return of_module(one) && scoped(one); });
  for (const DebugSwitch& one : device::DebugSwitches()) {
    if (!of_module(one)) continue;
    const bool all = match.Has("all") && (scoped(one) || !any_scope);
    if (all || match.Has(one.word)) debugging.Set(one, !match.undo, session.seat().terminal().subscription);
  }
}

template <DebugModule kModule>
Status Debugging(Operator& session, const Match& match) {
  Switch(session, match, kModule);
  return {};
}

Status DebuggingCard(Operator& session, const Match& match) {
  if (session.device().card() == nullptr) return NoEncryptionCard();
  Switch(session, match, DebugModule::kEncryptCard);
  return {};
}

Status DebuggingIpsec(Operator& session, const Match& match) {
  std::optional<ipsec::PacketFilter> filter;
  if (match.Has("policy")) {
    filter = ipsec::PacketFilter{.policy = match.Text("name")};
    if (const auto number = match.Int("number")) filter->number = static_cast<int>(*number);
  } else if (match.Has("parameters")) {
    const Result<ipsec::SaProtocol> protocol = SaProtocolOf(match.Text("protocol"));
    if (!protocol.ok()) return protocol.status();
    filter = ipsec::PacketFilter{.destination = *Ipv4::Parse(match.Text("remote")),
                                 .protocol = *protocol,
                                 .spi = static_cast<std::uint32_t>(*match.Int("spi"))};
  }
  Switch(session, match, DebugModule::kIpsec);
  if (filter && !match.undo) session.device().monitor().debugging().Narrow(std::move(filter));
  return {};
}

Status NoDebugging(Operator& session, const Match&) {
  session.device().monitor().debugging().Clear();
  session.Print("All possible debugging has been turned off\n");
  return {};
}

Status DisplayDebugging(Operator& session, const Match&) {
  session.Show(kDebuggingDisplay, session.device().monitor().debugging().list());
  return {};
}

Status Terminal(Operator& session, const Match& match) {
  struct TerminalSwitch {
    std::string_view word;
    bool& on;
  };
  const TerminalSwitch switches[] = {{"monitor", session.seat().terminal().monitor},
                                     {"debugging", session.seat().terminal().debugging},
                                     {"logging", session.seat().terminal().logging},
                                     {"trapping", session.seat().terminal().trapping}};
  for (const TerminalSwitch& each : switches) {
    if (!match.Has(each.word)) continue;
    each.on = !match.undo;
    session.Print(fmt::format("% Current terminal {} is {}.\n", each.word, match.undo ? "off" : "on"));
  }
  return {};
}

// `debugging ipsec packet` may be narrowed.
constexpr std::string_view kPacketForm =
    " [ policy <name:ipsec_policy.name> [ <number:ipsec_policy.number> ] | parameters <remote:ip> "
    "<protocol:string:1-3> <spi:ipsec_policy.in_esp_spi> ]";
constexpr std::string_view kPacketHelp =
    "|Of one policy|Policy name|Sequence number|Of one security association|Destination|ah or esp|Index";

constexpr Handler kHandlers[device::kDebugModules] = {Debugging<DebugModule::kDvpn>, Debugging<DebugModule::kIke>,
                                                      DebuggingIpsec, DebuggingCard};

// The command of a module, made of its switches: those of a scope stand in braces behind it.
struct ModuleCommand {
  std::string form, help;

  explicit ModuleCommand(DebugModule module) {
    const device::DebugWord word = device::WordOf(module);
    form = fmt::format("debugging {} {{ all", word.word);
    help = fmt::format("Enable system debugging functions|{}|Everything", word.help);
    std::string_view scope;
    for (const DebugSwitch& one : device::DebugSwitches()) {
      if (one.module != module) continue;
      if (one.scope != scope) {
        if (!scope.empty()) form += " }";
        scope = one.scope;
        if (!scope.empty()) Add(fmt::format("{} {{ all", scope), fmt::format("{}|Everything", ScopeOf(one).help));
      }
      Add(one.word, one.help);
      if (module == DebugModule::kIpsec && one.word == "packet") {
        form += kPacketForm;
        help += kPacketHelp;
      }
    }
    form += scope.empty() ? " }" : " } }";
  }
  void Add(std::string_view word, std::string_view phrase) {
    form += fmt::format(" | {}", word);
    help += fmt::format("|{}", phrase);
  }
};

constexpr Command kOthers[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "undo debugging all",
     .help = "Cancel current setting|Disable system debugging functions|Everything",
     .run = NoDebugging},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display debugging",
     .help = "|Debugging switches that are on",
     .run = DisplayDebugging,
     .shows = &kDebuggingDisplay},
    {.views = In(View::kUser),
     .level = kMonitor,
     .form = "terminal { monitor | debugging | logging | trapping }",
     .help = "Switches of this terminal|Show lines at all|Show debugging output|Show log lines|Show traps",
     .run = Terminal,
     .undo = "terminal { monitor | debugging | logging | trapping }",
     .undo_run = Terminal},
};

// The texts live as long as the program, for the rows refer to them.
std::vector<Command> AllCommands() {
  static std::deque<ModuleCommand> modules;
  std::vector<Command> out;
  for (std::size_t i = 0; i < device::kDebugModules; ++i) {
    const ModuleCommand& made = modules.emplace_back(static_cast<DebugModule>(i));
    out.push_back({.views = In(View::kUser),
                   .level = kMonitor,
                   .form = made.form,
                   .help = made.help,
                   .run = kHandlers[i],
                   .undo = made.form,
                   .undo_run = kHandlers[i]});
  }
  out.insert(out.end(), std::begin(kOthers), std::end(kOthers));
  return out;
}

}  // namespace

std::span<const Command> DebuggingCommands() {
  static const std::vector<Command> commands = AllCommands();
  return commands;
}

}  // namespace sw::cli
