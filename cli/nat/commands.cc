// Network address translation, stored and printed only: no engine here translates. Sources: guide pages 84-86, Firewall
// module guide page 287; nat server is recollection.
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kInterface = In(View::kGigabitEthernet) | In(View::kTunnel) | In(View::kVirtualTemplate);

// Ports have other names in each protocol, and ICMP has none.
#define SW_SERVER(ports)                                \
  "global <global_address> [ <global_port:named:" ports \
  "> ] inside <inside_address> [ "                      \
  "<inside_port:named:" ports "> ]"
#define SW_SERVER_HELP "|As it is seen from outside|Address|Port|As it is inside|Address|Port"

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "nat address-group <number> <low> <high>",
     .help = "Network address translation (stored only: nothing is translated)|Addresses to translate to|Number|First "
             "address|Last address",
     .undo = "nat address-group <number>",
     .stores = Stores::kList,
     .table = "nat_address_group",
     .acts = false},
    {.views = kInterface,
     .form = "nat outbound <acl> [ address-group <address_group> [ no-pat=no_pat:1 ] ]",
     .help = "Network address translation (stored only: nothing is translated)|Of what leaves here|What the ACL "
             "permits, {}|To an address of a group, else that of the interface|Number|Ports stay as they are",
     .undo = "nat outbound <acl> [ address-group <address_group> [ no-pat ] ]",
     .stores = Stores::kList,
     .table = "nat_outbound",
     .acts = false},
    {.views = kInterface,
     .form = "nat server protocol tcp=protocol " SW_SERVER("tcp-port"),
     .help = "|Servers inside|Protocol|TCP" SW_SERVER_HELP,
     .undo = "nat server protocol tcp=protocol " SW_SERVER("tcp-port"),
     .stores = Stores::kList,
     .table = "nat_server",
     .acts = false},
    {.views = kInterface,
     .form = "nat server protocol udp=protocol " SW_SERVER("udp-port"),
     .help = "|||UDP" SW_SERVER_HELP,
     .undo = "nat server protocol udp=protocol " SW_SERVER("udp-port"),
     .stores = Stores::kList,
     .table = "nat_server",
     .acts = false},
    {.views = kInterface,
     .form = "nat server protocol icmp=protocol global <global_address> inside <inside_address>",
     .help = "|||ICMP|As it is seen from outside|Address|As it is inside|Address",
     .undo = "nat server protocol icmp=protocol global <global_address> inside <inside_address>",
     .stores = Stores::kList,
     .table = "nat_server",
     .acts = false},
};

}  // namespace

std::span<const Command> NatCommands() {
  return kCommands;
}

}  // namespace sw::cli
