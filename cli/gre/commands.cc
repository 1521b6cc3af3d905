// GRE tunnels (device/gre/host.h carries them). Commands: guide page 134 and Router 5000 command reference page 2376
// (keepalive); the range of the key is recollection.
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kTunnel = In(View::kTunnel);
constexpr Stores kColumns = Stores::kColumns;
constexpr std::string_view kTable = "interface";

constexpr Command kCommands[] = {
    {.views = kTunnel,
     .form = "destination <tunnel_destination>",
     .help = "Where the tunnel's packets go, for GRE|Address of the other end",
     .undo = "destination",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "gre key <gre_key>",
     .help = "Generic routing encapsulation|Key of the tunnel|The same at both ends",
     .undo = "gre key",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "gre checksum=gre_checksum:1",
     .help = "|Checksum over every packet",
     .undo = "gre checksum",
     .stores = kColumns,
     .table = kTable},
    {.views = kTunnel,
     .form = "keepalive=gre_keepalive:1 [ <gre_keepalive_interval> [ <gre_keepalive_times> ] ]",
     .help = "Ask the other end of a GRE tunnel whether it is there|{}|"
             "Unanswered times until it is not, {}",
     .undo = "keepalive",
     .stores = kColumns,
     .table = kTable},
};

}  // namespace

std::span<const Command> GreCommands() {
  return kCommands;
}

}  // namespace sw::cli
