// The encryption card. All names are recollection of the family, except where a comment says that a command is our own:
// no page with a card command was found in any source. What they do beyond their names is our choice.
#include "cli/card/displays.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/card/host.h"
#include "device/config/config.h"
#include "device/device.h"
#include "hal/failover/failover_device.h"

namespace sw::cli {
namespace {

constexpr std::string_view kGlobalTable = "encrypt_card_global", kCardTable = "encrypt_card";

Result<hal::FailoverDevice*> CardOf(Operator& session) {
  if (hal::FailoverDevice* card = session.device().card()) return card;
  return NoEncryptionCard();
}

template <const DisplayOf<CardView>& kDisplay>
Status DisplayCard(Operator& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  session.Show(kDisplay, {**card, session.device().scheduler().now()});
  return {};
}

Status DisplayFastSwitch(Operator& session, const Match&) {
  SW_TRY(CardOf(session).status());
  session.Show(kFastSwitchDisplay, {session.device().config().card.fast_switch, session.device().fast_flows()});
  return {};
}

Status DisplaySyslog(Operator& session, const Match&) {
  SW_TRY(CardOf(session).status());
  session.Show(kCardSyslogDisplay, session.device().card_host());
  return {};
}

Status DisplayDetails(Operator& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  session.Show(kCardDetailsDisplay, {{**card, session.device().scheduler().now()}, session.device().card_host()});
  return {};
}

Status ResetStatistic(Operator& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  (*card)->ResetCounters();
  (*card)->card().ResetTroubles();
  return {};
}

Status ResetFastSwitch(Operator& session, const Match&) {
  SW_TRY(CardOf(session).status());
  session.device().ForgetFastFlows();
  return {};
}

Status ResetSyslog(Operator& session, const Match&) {
  SW_TRY(CardOf(session).status());
  session.device().card_host().ResetSyslog();
  return {};
}

Status ResetSa(Operator& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  if (!(*card)->RewriteSas()) return {Code::kDevice, "The card is out of service and holds no security associations"};
  return {};
}

Status ResetInterface(Operator& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  (*card)->card().ResetTraffic();
  return {};
}

Status InjectFault(Operator& session, const Match& match) {
  SW_TRY(CardOf(session).status());
  return session.device().card_host().Inject(match.Text("plan"));
}

constexpr Command Show(std::string_view form, std::string_view help, Handler run, const Display& shows) {
  return {.views = kAnyView, .level = kMonitor, .form = form, .help = help, .run = run, .shows = &shows};
}
constexpr Command Reset(std::string_view form, std::string_view help, Handler run) {
  return {.views = In(View::kUser), .form = form, .help = help, .run = run};
}

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "encrypt-card backuped=backuped:1",
     .help = "Encryption card|Let software take over when the card fails, off by default",
     .undo = "encrypt-card backuped",
     .stores = Stores::kColumns,
     .table = kGlobalTable},
    {.views = In(View::kSystem),
     .form = "encrypt-card fast-switch=fast_switch:1",
     .help = "|Let flows keep the policy their first packet found, off by default",
     .undo = "encrypt-card fast-switch",
     .stores = Stores::kColumns,
     .table = kGlobalTable},
    // Our own.
    {.views = In(View::kSystem),
     .form = "encrypt-card shadow <shadow>",
     .help = "|Let software compute a share of the packets too, and compare|Percent of the packets",
     .undo = "encrypt-card shadow",
     .stores = Stores::kColumns,
     .table = kGlobalTable},
    {.views = In(View::kSystem),
     .form = "snmp-agent trap enable encrypt-card=traps:1",
     .help = "|Notifications|Send them|Encryption card, off by default",
     .undo = "snmp-agent trap enable encrypt-card",
     .stores = Stores::kColumns,
     .table = kGlobalTable},
    Show("display encrypt-card status [ 1/0 ]", "|Encryption card|State, fault and temperature|Slot of the card",
         DisplayCard<kCardStatusDisplay>, kCardStatusDisplay),
    Show("display encrypt-card statistic [ 1/0 ]", "||Packets, switches and faults|Slot of the card",
         DisplayCard<kCardStatisticDisplay>, kCardStatisticDisplay),
    Show("display encrypt-card sa [ 1/0 ]", "||Security associations|Slot of the card", DisplayCard<kCardSaDisplay>,
         kCardSaDisplay),
    Show("display encrypt-card fast-switch [ 1/0 ]", "||Flows that keep their policy|Slot of the card",
         DisplayFastSwitch, kFastSwitchDisplay),
    Show("display encrypt-card syslog [ 1/0 ]", "||What happened to the card|Slot of the card", DisplaySyslog,
         kCardSyslogDisplay),
    Show("display encrypt-card details [ 1/0 ]", "||All of it|Slot of the card", DisplayDetails, kCardDetailsDisplay),
    Show("display interface encrypt [ 1/0 ]", "||Encryption card|Slot of the card", DisplayCard<kCardInterfaceDisplay>,
         kCardInterfaceDisplay),
    Reset("reset encrypt-card statistic [ 1/0 ]", "|Encryption card|Clear the counters|Slot of the card",
          ResetStatistic),
    Reset("reset encrypt-card sa [ 1/0 ]", "||Empty the card's table and write it anew|Slot of the card", ResetSa),
    Reset("reset encrypt-card fast-switch [ 1/0 ]", "||Let flows find their policy anew|Slot of the card",
          ResetFastSwitch),
    Reset("reset encrypt-card syslog [ 1/0 ]", "||Forget what happened to the card|Slot of the card", ResetSyslog),
    Reset("reset counters interface encrypt [ 1/0 ]", "|||Encryption card|Slot of the card", ResetInterface),
    // Our own; a card refuses it, only the model takes it.
    {.views = In(View::kUser),
     .level = kManage,
     .form = "fault inject card <plan:string:1-255>",
     .help = "Faults, for tests|Let something go wrong|The model of the encryption card|What, as in sw8800-card(8)",
     .run = InjectFault},
    {.views = In(View::kSystem),
     .form = "interface encrypt 1/0=slot",
     .help = "|Encryption card|Slot of the card",
     .undo = "interface encrypt 1/0=slot",
     .stores = Stores::kObject,
     .table = kCardTable,
     .enters = View::kEncrypt},
    {.views = In(View::kEncrypt),
     .form = "shutdown=shutdown:1",
     .help = "Take the card out of service",
     .undo = "shutdown",
     .stores = Stores::kColumns,
     .table = kCardTable},
};

}  // namespace

std::span<const Command> CardCommands() {
  return kCommands;
}

}  // namespace sw::cli
