// Switches of debugging output and of the terminal that shows it. Syntax: guide page 185 (debugging ike error), the
// rest recollection.
#include <fmt/format.h>

#include <algorithm>

#include "cli/ipsec/sa_protocol.h"
#include "cli/log/displays.h"
#include "cli/session/session.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

using device::DebugModule;
using device::DebugSwitch;

// `all` stands for every switch, or for those of the scope typed before it.
void Switch(Session& session, const Match& match, DebugModule module) {
  device::Debugging& debugging = session.device().monitor().debugging();
  const auto scoped = [&](const DebugSwitch& one) { return !one.scope.empty() && match.Has(one.scope); };
  const auto of_module = [&](const DebugSwitch& one) { return one.module == module; };
  const bool any_scope = std::ranges::any_of(device::DebugSwitches(),
                                             [&](const DebugSwitch& one) { return of_module(one) && scoped(one); });
  for (const DebugSwitch& one : device::DebugSwitches()) {
    if (!of_module(one)) continue;
    const bool all = match.Has("all") && (scoped(one) || !any_scope);
    if (all || match.Has(one.word)) debugging.Set(one, !match.undo);
  }
}

template <DebugModule kModule>
Status Debugging(Session& session, const Match& match) {
  Switch(session, match, kModule);
  return {};
}

Status DebuggingCard(Session& session, const Match& match) {
  if (session.device().card() == nullptr) return {Code::kNotFound, "This device has no encryption card"};
  Switch(session, match, DebugModule::kEncryptCard);
  return {};
}

Status DebuggingIpsec(Session& session, const Match& match) {
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

Status NoDebugging(Session& session, const Match&) {
  session.device().monitor().debugging().Clear();
  session.Print("All possible debugging has been turned off\n");
  return {};
}

Status DisplayDebugging(Session& session, const Match&) {
  session.Show(kDebuggingDisplay, session.device().monitor().debugging().list());
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

constexpr Command Debug(std::string_view form, std::string_view undo, std::string_view help, Handler run) {
  return {.views = In(View::kUser),
          .level = kMonitor,
          .form = form,
          .help = help,
          .run = run,
          .undo = undo,
          .undo_run = run};
}

constexpr std::string_view kDvpnForm =
    "debugging dvpn { all | error | event { all | misc | register | session } | hexadecimal | packet { all | control | "
    "data | ipsec } }";
constexpr std::string_view kIkeForm = "debugging ike { all | error | exchange | message | misc | transport }";
constexpr std::string_view kCardForm = "debugging encrypt-card { all | command | error | misc | packet | sa }";
constexpr std::string_view kIpsecForm =
    "debugging ipsec { all | misc | packet [ policy <name:string:1-15> [ <number:int:1-10000> ] | parameters "
    "<remote:ip> <protocol:string:1-3> <spi:int:256-4294967295> ] | sa }";

constexpr Command kCommands[] = {
    Debug(kDvpnForm, kDvpnForm,
          "Enable system debugging functions|Dynamic VPN|Everything|Errors|What happens|Everything|"
          "Timers, policy, redirects|The steps of registrations|Sessions|Control packets byte by byte|Packets|"
          "Everything|Control packets|Data packets and their way|Security associations",
          Debugging<DebugModule::kDvpn>),
    Debug(
        kIkeForm, kIkeForm,
        "|Internet key exchange|Everything|Errors|Steps of exchanges|Messages|Timers and liveness|Ports and addresses",
        Debugging<DebugModule::kIke>),
    Debug(kIpsecForm, kIpsecForm,
          "|IP security|Everything|Lookups in vain, refused offers, path MTUs|Packets, protected or dropped|Of one "
          "policy|Policy name|Sequence number|Of one security association|Destination|ah or esp|Index|"
          "Security associations that come and go",
          DebuggingIpsec),
    Debug(kCardForm, kCardForm,
          "|Encryption card|Everything|Commands to the card|What takes it out of service|Its states, probes and "
          "switches|Every operation|Which engine has an SA",
          DebuggingCard),
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

}  // namespace

std::span<const Command> DebuggingCommands() {
  return kCommands;
}

}  // namespace sw::cli
