// What PPP users of a Virtual-Template would get, stored and printed only: no engine here speaks PPP. Commands:
// recollection of the siblings; that a Virtual-Template is made on first use: guide page 119.
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kTemplate = In(View::kVirtualTemplate);
constexpr Stores kColumns = Stores::kColumns;
constexpr std::string_view kTable = "interface";

constexpr Command kCommands[] = {
    {.views = kTemplate,
     .form = "remote address { <remote_address> | pool=remote_pool:1 [ <remote_pool_number> ] }",
     .help = "The other end of the link (stored only)|Its address|IP address|One out of a pool|{}",
     .undo = "remote address",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
    {.views = kTemplate,
     .form = "ppp authentication-mode { chap=ppp_authentication | pap=ppp_authentication } [ domain "
             "<ppp_domain> ]",
     .help = "Point-to-point protocol (stored only)|How users are authenticated|By CHAP|By PAP|As users of a domain|"
             "Domain name",
     .undo = "ppp authentication-mode",
     .stores = kColumns,
     .table = kTable,
     .acts = false},
};

}  // namespace

std::span<const Command> TemplateCommands() {
  return kCommands;
}

}  // namespace sw::cli
