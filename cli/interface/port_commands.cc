// What the ports of the module were told to negotiate, stored and shown only: a port is a link of the machine, which is
// as the machine has it. Names: recollection of the siblings; the guide's port is internal.
#include "cli/grammar/interface_name.h"
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

Status SetPort(Operator& session, const Match& match) {
  const std::string& name = std::get<std::string>(session.object().front());
  if (InterfaceName::Parse(name)->sub) return {Code::kUnsupported, "Only a port itself takes this setting"};
  return StoreColumns(session, match, ColumnsOf(match));
}

constexpr Views kPort = In(View::kGigabitEthernet);
constexpr Stores kColumns = Stores::kColumns;
constexpr std::string_view kTable = "interface";

constexpr Command kCommands[] = {
    {.views = kPort,
     .form = "duplex { auto=duplex:NULL | full=duplex | half=duplex }",
     .help = "Duplex of the port (stored only: the link is as the machine has it)|Negotiated, the default|Both ways at "
             "a time|One way at a time",
     .run = SetPort,
     .undo = "duplex",
     .undo_run = SetPort,
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kPort,
     .form = "speed { 10=speed | 100=speed | 1000=speed | auto=speed:NULL }",
     .help = "Speed of the port (stored only: the link is as the machine has it)|10 Mbit/s|100 Mbit/s|1000 Mbit/s|"
             "Negotiated, the default",
     .run = SetPort,
     .undo = "speed",
     .undo_run = SetPort,
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kPort,
     .form = "loopback=loopback:1",
     .help = "Send back what the port is to send (stored only: it is sent)",
     .run = SetPort,
     .undo = "loopback",
     .undo_run = SetPort,
     .stores = kColumns,
     .table = kTable,
     .acts = false},
};

}  // namespace

std::span<const Command> PortCommands() {
  return kCommands;
}

}  // namespace sw::cli
