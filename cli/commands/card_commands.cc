// The encryption card. All names are recollection of the family, except where a comment says that a command is our own:
// no page with a card command was found in any source. `ipsec card-proposal`, `fast-switch` and the traps are not here.
#include "cli/commands/tables.h"
#include "cli/render/card.h"
#include "cli/session/session.h"

namespace sw::cli {
namespace {

constexpr std::string_view kGlobalTable = "encrypt_card_global", kCardTable = "encrypt_card";

Result<hal::FailoverDevice*> CardOf(Session& session) {
  if (hal::FailoverDevice* card = session.device().card()) return card;
  return Status(Code::kNotFound, "This device has no encryption card");
}

Status DisplayStatus(Session& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  const Time now = session.device().scheduler().now();
  session.Print(session.json() ? CardStatusJson(**card, now) : CardStatusText(**card, now));
  return {};
}

Status DisplayStatistic(Session& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  session.Print(session.json() ? CardStatisticJson(**card) : CardStatisticText(**card));
  return {};
}

Status DisplaySa(Session& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  session.Print(session.json() ? CardSaJson(**card) : CardSaText(**card));
  return {};
}

Status DisplayDetails(Session& session, const Match& match) {
  if (session.json()) {
    const Result<hal::FailoverDevice*> card = CardOf(session);
    if (!card.ok()) return card.status();
    session.Print(CardDetailsJson(**card, session.device().scheduler().now()));
    return {};
  }
  SW_TRY(DisplayStatus(session, match));
  SW_TRY(DisplaySa(session, match));
  return DisplayStatistic(session, match);
}

Status ResetStatistic(Session& session, const Match&) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  (*card)->ResetCounters();
  (*card)->card().ResetCounters();
  return {};
}

Status InjectFault(Session& session, const Match& match) {
  const Result<hal::FailoverDevice*> card = CardOf(session);
  if (!card.ok()) return card.status();
  return session.device().InjectCardFault(match.Text("plan"));
}

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "encrypt-card backuped=backuped:1",
     .help = "Encryption card|Let software take over when the card fails, off by default",
     .undo = "encrypt-card backuped",
     .stores = Stores::kColumns,
     .table = kGlobalTable},
    // Our own.
    {.views = In(View::kSystem),
     .form = "encrypt-card shadow <shadow:int:1-100>",
     .help = "|Let software compute a share of the packets too, and compare|Percent of the packets",
     .undo = "encrypt-card shadow",
     .stores = Stores::kColumns,
     .table = kGlobalTable},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display encrypt-card status",
     .help = "|Encryption card|State, fault and temperature",
     .run = DisplayStatus},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display encrypt-card statistic",
     .help = "||Packets, switches and faults",
     .run = DisplayStatistic},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display encrypt-card sa",
     .help = "||Security associations",
     .run = DisplaySa},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display encrypt-card details",
     .help = "||All of it",
     .run = DisplayDetails},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset encrypt-card statistic",
     .help = "|Encryption card|Clear the counters",
     .run = ResetStatistic},
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
