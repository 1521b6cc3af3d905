// L2TP, stored and printed only: no engine here speaks PPP. Sources: guide pages 119-120; the rest is recollection.
#include "cli/session/secrets.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kSystem = In(View::kSystem), kGroup = In(View::kL2tpGroup);
constexpr Stores kColumns = Stores::kColumns;
constexpr std::string_view kTable = "l2tp_group";

constexpr Command kCommands[] = {
    {.views = kSystem,
     .form = "l2tp enable=enabled:1",
     .help = "Layer 2 tunneling protocol (stored only)|Serve it",
     .undo = "l2tp enable",
     .stores = kColumns,
     .table = "l2tp_global",
     .acts = false},
    {.views = kSystem,
     .form = "l2tp-group <number>",
     .help = "L2TP group (stored only)|Number",
     .undo = "l2tp-group <number>",
     .stores = Stores::kObject,
     .table = kTable,
     .enters = View::kL2tpGroup,
     .acts = false},
    {.views = kGroup,
     .form = "allow l2tp virtual-template <allow_template> [ remote <allow_remote> [ domain <allow_domain> ] ]",
     .help = "Serve calls|L2TP|The interface they come in by|Number|Calls of one tunnel only|Its name|Of users of a "
             "domain|Domain name",
     .undo = "allow",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kGroup,
     .form = "start l2tp ip <start_ip> [ ip <start_ip_2> [ ip <start_ip_3> ] ] { domain <start_domain> | fullusername "
             "<start_user> }",
     .help = "Call a server|L2TP|Server|IP address|Another one|IP address|Another one|IP address|For users of a "
             "domain|Domain name|For one user|User name",
     .undo = "start",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kGroup,
     .form = "tunnel name <tunnel_name>",
     .help = "Tunnels of the group|Name of this end|Name",
     .undo = "tunnel name",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    // The ends authenticate each other unless told otherwise, so it is the undo that is kept.
    {.views = kGroup,
     .form = "undo tunnel authentication=tunnel_authentication:disable",
     .help = "Cancel current setting|Tunnels of the group|The ends authenticate each other",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kGroup,
     .form = "tunnel authentication=tunnel_authentication:NULL",
     .help = "|The ends authenticate each other, the default",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kGroup,
     .form = "tunnel password { simple=tunnel_password_form <tunnel_password> | cipher=tunnel_password_form "
             "<tunnel_password:concealed> }",
     .help = "|What they authenticate each other by|Shown as typed|Password|Shown concealed|Password, or its concealed "
             "text",
     .run = StoreSecret,
     .undo = "tunnel password",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kGroup,
     .form = "tunnel timer hello <tunnel_hello>",
     .help = "|Times|Between two signs of life|{}",
     .undo = "tunnel timer hello",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kGroup,
     .form = "tunnel avp-hidden=tunnel_avp_hidden:1",
     .help = "|Conceal attributes",
     .undo = "tunnel avp-hidden",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kGroup,
     .form = "mandatory-chap=mandatory_chap:1",
     .help = "Authenticate users once more, by CHAP",
     .undo = "mandatory-chap",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kGroup,
     .form = "mandatory-lcp=mandatory_lcp:1",
     .help = "Negotiate the link with users once more",
     .undo = "mandatory-lcp",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
};

}  // namespace

std::span<const Command> L2tpCommands() {
  return kCommands;
}

}  // namespace sw::cli
