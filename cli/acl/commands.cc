// Access control lists. Sources: guide pages 65-75 and 318, Router 3000 command reference pages 1105-1106; `reset acl
// counter`, the step of 1 and the prompt of interface-based lists are recollection.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/acl/displays.h"
#include "cli/acl/rule.h"
#include "cli/configuration/text.h"
#include "cli/grammar/interface_name.h"
#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/acl/acl_table.h"
#include "device/device.h"

namespace sw::cli {
namespace {

using configdb::Key;
using configdb::Row;

View ViewOf(std::int64_t number) {
  constexpr View kViewsOfKinds[] = {View::kAclInterface, View::kAclBasic, View::kAclAdvanced, View::kAclMac};
  return kViewsOfKinds[number / 1000 - 1];
}

Status EnterAcl(Operator& session, const Match& match) {
  const std::int64_t number = *match.Int("number");
  const Argument* order = match.Find("match_order");
  const Status done = session.Configure([&](configdb::Edit& edit) -> Status {
    SW_TRY(edit.Ensure("acl", {number}).status());
    if (order == nullptr) return {};
    const configdb::Value value = order->value == "auto" ? configdb::Value("auto") : configdb::Value();
    const Result<bool> changed = edit.Set("acl", {number}, "match_order", value);
    if (!changed.ok() || !*changed) return changed.status();
    const Result<std::optional<Row>> rule = edit.store().Last("acl_rule", {number});
    if (!rule.ok()) return rule.status();
    return *rule ? Status(Code::kInUse, "The match order can be changed only while the ACL has no rules") : Status();
  });
  if (done.ok()) session.Enter(ViewOf(number), {number});
  return done;
}

Status RemoveAcl(Operator& session, const Match& match) {
  std::vector<std::int64_t> numbers;
  if (const auto number = match.Int("number")) numbers.push_back(*number);
  const Status done = session.Configure([&](configdb::Edit& edit) -> Status {
    if (numbers.empty()) {
      const Result<std::vector<Row>> rows = edit.store().Rows("acl");
      if (!rows.ok()) return rows.status();
      for (const Row& row : *rows) numbers.push_back(*row.Int("number"));
    }
    for (std::int64_t number : numbers) SW_TRY(RemoveRow(edit, "acl", {number}, NoSuch("The ACL")));
    return {};
  });
  const bool here = done.ok() && (In(session.view()) & kAclViews) != 0 &&
                    std::ranges::find(numbers, std::get<std::int64_t>(session.object().front())) != numbers.end();
  if (here) session.Enter(View::kSystem);
  return done;
}

// The line of each rule by its number, as the configuration has it; `table`: of the rules or of the remarks on them.
Result<std::map<int, std::string>> RuleTexts(Operator& session, std::string_view table, std::int64_t number) {
  const Result<std::vector<Row>> rows = session.store().RowsUnder(table, {number});
  if (!rows.ok()) return rows.status();
  const Form* form = nullptr;
  for (const Grammar::Entry& entry : session.grammar().entries()) {
    if (!entry.undo && entry.command->table == table && (entry.command->views & In(ViewOf(number))) != 0) {
      form = &entry.form;
    }
  }
  std::map<int, std::string> out;
  for (const Row& row : *rows) out[static_cast<int>(*row.Int("rule"))] = PrintCommand(*form, row).value_or("");
  return out;
}

Status DisplayAcl(Operator& session, const Match& match) {
  const auto& lists = session.device().acls().lists();
  const auto wanted = match.Int("number");
  if (wanted && !lists.contains(static_cast<int>(*wanted))) return NoSuch("The ACL");
  AclsView shown{!wanted, 0, {}};
  for (const auto& [number, list] : lists) {
    shown.filled += list->size() != 0 ? 1 : 0;
    if (wanted && number != *wanted) continue;
    Result<std::map<int, std::string>> texts = RuleTexts(session, "acl_rule", number);
    if (!texts.ok()) return texts.status();
    Result<std::map<int, std::string>> remarks = RuleTexts(session, "acl_comment", number);
    if (!remarks.ok()) return remarks.status();
    const Result<std::optional<Row>> row = session.store().Find("acl", {number});
    if (!row.ok()) return row.status();
    const std::int64_t preset = configdb::Preset<std::int64_t>("acl", "step");
    const std::int64_t step = *row ? (*row)->IntOr("step", preset) : preset;
    AclView view{number, list->order() == ipsec::Acl::Order::kAuto, static_cast<int>(step), {}};
    for (const ipsec::Acl::Entry& entry : list->entries()) {
      const bool sees_packets = number < device::kFirstMacAcl;
      view.rules.push_back({std::move((*texts)[entry.rule.id]), std::move((*remarks)[entry.rule.id]),
                            sees_packets ? std::optional(entry.matches) : std::nullopt, !entry.active});
    }
    shown.acls.push_back(std::move(view));
  }
  session.Show(kAclsDisplay, shown);
  return {};
}

Status ResetCounter(Operator& session, const Match& match) {
  const auto wanted = match.Int("number");
  device::AclTable& acls = session.device().acls();
  if (wanted && acls.Find(static_cast<int>(*wanted)) == nullptr) return NoSuch("The ACL");
  for (const auto& [number, list] : acls.lists()) {
    if (!wanted || number == *wanted) list->ResetCounters();
  }
  return {};
}

// The pieces forms are made of; SW_BEFORE is what every rule has in common.
#define SW_BEFORE "rule [ <rule> ] { permit=action | deny=action } "
#define SW_BEFORE_HELP "A rule of this ACL|Rule number|Packets that fit are permitted|Packets that fit are denied|"
#define SW_SOURCE "source { <source> <source_wildcard:wildcard> | any }"
#define SW_SOURCE_HELP "Source of the packet|Address|Bits of the address that do not matter, 0 for a host|Any address"
#define SW_DESTINATION "destination { <destination> <destination_wildcard:wildcard> | any }"
#define SW_DESTINATION_HELP \
  "Destination of the packet|Address|Bits of the address that do not matter, 0 for a host|Any address"
#define SW_PORT(word, column, names)                                                                                \
  word " { { eq=" column "_op | gt=" column "_op | lt=" column "_op | neq=" column "_op } <" column ":named:" names \
       "> | range=" column "_op <" column ":named:" names "> <" column "_last:named:" names "> }"
#define SW_PORT_HELP(what) \
  what "|This port|Ports above|Ports below|All ports but this|Port|From one port to another|Port|Port"
#define SW_TOS "dscp <dscp:named:dscp> | precedence <precedence:named:precedence> | tos <tos:named:tos>"
#define SW_TOS_HELP                                                                                       \
  "Differentiated services code point|Value|Precedence, the first bits of type of service|Value|Type of " \
  "service, the bits behind the precedence|Value"
#define SW_END "time-range <time_range> | logging=logging:1"
#define SW_END_HELP "While a time range is active|Its name|Report what fits"
#define SW_FRAGMENT "fragment=fragment:1"
#define SW_FRAGMENT_HELP "Later fragments only"
#define SW_ADDRESSES SW_SOURCE " | " SW_DESTINATION " | "
#define SW_ADDRESSES_HELP SW_SOURCE_HELP "|" SW_DESTINATION_HELP "|"
#define SW_LAST " | " SW_TOS " | " SW_END " | " SW_FRAGMENT " ]* "
#define SW_LAST_HELP "|" SW_TOS_HELP "|" SW_END_HELP "|" SW_FRAGMENT_HELP

constexpr std::string_view kAdvancedForm = SW_BEFORE "{ { tcp=protocol:6 | <protocol:6..6> } [ " SW_ADDRESSES SW_PORT(
    "source-port", "source_port",
    "tcp-port") " | " SW_PORT("destination-port", "destination_port",
                              "tcp-port") " | established=established:1" SW_LAST
                                          "| { udp=protocol:17 | <protocol:17..17> } [ " SW_ADDRESSES SW_PORT(
                                              "source-port", "source_port",
                                              "udp-port") " | " SW_PORT("destination-port", "destination_port",
                                                                        "udp-port") SW_LAST
    "| { icmp=protocol:1 | <protocol:1..1> } [ " SW_ADDRESSES
    "icmp-type { <icmp_type:named:icmp-type> | <icmp_number:int:0-255> <icmp_code:int:0-255> }" SW_LAST
    "| { gre=protocol:47 | igmp=protocol:2 | ip=protocol:NULL | ipinip=protocol:4 | ospf=protocol:89 | "
    "<protocol> } [ " SW_ADDRESSES SW_TOS " | " SW_END " | " SW_FRAGMENT " ]* }";

constexpr std::string_view kAdvancedHelp = SW_BEFORE_HELP
    "Transmission control protocol|The same|" SW_ADDRESSES_HELP SW_PORT_HELP("Port of the source") "|" SW_PORT_HELP(
        "Port of the destination") "|Packets of an established connection" SW_LAST_HELP
                                   "|User datagram protocol|The same|" SW_ADDRESSES_HELP SW_PORT_HELP(
                                       "Port of the source") "|" SW_PORT_HELP("Port of the destination") SW_LAST_HELP
    "|Internet control message protocol|The same|" SW_ADDRESSES_HELP
    "Kind of message|Type and code|Type|Code" SW_LAST_HELP
    "|GRE tunnels|Internet group management protocol|Any protocol|IP in IP|OSPF routing protocol|Protocol "
    "number|" SW_ADDRESSES_HELP SW_TOS_HELP "|" SW_END_HELP "|" SW_FRAGMENT_HELP;

constexpr Command kCommands[] = {
    {.views = In(View::kSystem),
     .form = "acl number <number> [ match-order { config=match_order:NULL | auto=match_order } ]",
     .help = "Access control list|By number|Interface-based 1000-1999, basic 2000-2999, advanced 3000-3999, MAC "
             "4000-4999|Order of its rules|By rule number, the default|The narrowest first",
     .run = EnterAcl,
     .undo = "acl number <number>",
     .undo_run = RemoveAcl,
     .stores = Stores::kObject,
     .table = "acl"},
    {.views = In(View::kSystem),
     .form = "undo acl all",
     .help = "Cancel current setting|Access control list|Every list",
     .run = RemoveAcl,
     .offline = true},
    {.views = kAclViews,
     .form = "description <description>",
     .help = "Describe the ACL|Text to the end of the line",
     .undo = "description",
     .stores = Stores::kColumns,
     .table = "acl"},
    {.views = kAclViews,
     .form = "step <step>",
     .help = "Distance of the numbers that rules are given|{}",
     .undo = "step",
     .stores = Stores::kColumns,
     .table = "acl"},
    {.views = In(View::kAclBasic),
     .form = SW_BEFORE "[ " SW_SOURCE " | " SW_END " | " SW_FRAGMENT " ]*",
     .help = SW_BEFORE_HELP SW_SOURCE_HELP "|" SW_END_HELP "|" SW_FRAGMENT_HELP,
     .run = StoreRule,
     .undo = "rule <rule> [ source | time-range | logging | fragment ]*",
     .undo_run = RemoveRule,
     .stores = Stores::kList,
     .table = "acl_rule"},
    {.views = In(View::kAclAdvanced),
     .form = kAdvancedForm,
     .help = kAdvancedHelp,
     .run = StoreRule,
     .undo = "rule <rule> [ source | destination | source-port | destination-port | icmp-type | dscp | "
             "precedence | tos | established | time-range | logging | fragment ]*",
     .undo_run = RemoveRule,
     .stores = Stores::kList,
     .table = "acl_rule"},
    {.views = In(View::kAclInterface),
     .form = SW_BEFORE "interface { <interface:interface> | any=interface:NULL } [ " SW_END " ]*",
     .help = SW_BEFORE_HELP "Where the packet came in|Any interface|" SW_END_HELP,
     .run = StoreRule,
     .undo = "rule <rule> [ time-range | logging ]*",
     .undo_run = RemoveRule,
     .stores = Stores::kList,
     .table = "acl_rule"},
    {.views = In(View::kAclMac),
     .form = SW_BEFORE "[ type <type_code> <type_mask> | lsap <lsap_code> <lsap_mask> | source-mac "
                       "<source_mac> <source_mac_mask> | dest-mac <dest_mac> <dest_mac_mask> | " SW_END " ]*",
     .help = SW_BEFORE_HELP
     "Ethernet type|Type|Bits that matter|Link service access points|Both of them|Bits that "
     "matter|Source of the frame|Address|Bits that matter|Destination of the frame|Address|Bits that "
     "matter|" SW_END_HELP,
     .run = StoreRule,
     .undo = "rule <rule> [ type | lsap | source-mac | dest-mac | time-range | logging ]*",
     .undo_run = RemoveRule,
     .stores = Stores::kList,
     .table = "acl_rule"},
    {.views = kAclViews,
     .form = "rule <rule> comment <comment>",
     .help = "|Rule number|Describe the rule|Text to the end of the line",
     .run = StoreComment,
     .undo = "rule <rule> comment",
     .stores = Stores::kList,
     .table = "acl_comment"},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display acl { all | <number:acl.number> }",
     .help = "|Access control lists with their counters|Every list|ACL number",
     .run = DisplayAcl,
     .shows = &kAclsDisplay},
    {.views = In(View::kUser),
     .level = kMonitor,
     .form = "reset acl counter { all | <number:acl.number> }",
     .help = "Set counters back|Access control lists|Counters of their rules|Every list|ACL number",
     .run = ResetCounter},
};

}  // namespace

std::span<const Command> AclCommands() {
  return kCommands;
}

}  // namespace sw::cli
