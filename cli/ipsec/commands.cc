// IPsec policies, templates and their use on interfaces. Sources: guide pages 146, 147, 158, 161, 383, 389,
// 391 and 395; Router 3000 command reference pages 5-12 to 5-33; numbers of policies, lengths of names but those of
// policies, and the keywords of `pfs` are recollection. SHA-256 and AES-GCM are extensions. What is refused follows
// from rules of those pages; the wording is ours.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

constexpr Views kSystem = In(View::kSystem);
constexpr Views kManual = In(View::kIpsecPolicyManual), kIsakmp = In(View::kIpsecPolicyIsakmp);
constexpr Views kTemplate = In(View::kIpsecPolicyTemplate);
constexpr Views kWithPolicy = In(View::kGigabitEthernet) | In(View::kTunnel);
constexpr Stores kColumns = Stores::kColumns;
constexpr std::string_view kGlobal = "ipsec_global", kProposalTable = "ipsec_proposal", kPolicy = "ipsec_policy";
constexpr std::string_view kTemplateTable = "ipsec_policy_template";

// Router 3000 command reference page 5-17.
constexpr std::size_t kMostPolicies = 100;

Status CheckName(const std::string& name) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0; };
  if (std::ranges::all_of(name, plain)) return {};
  return {Code::kBadValue, "The name of a policy holds letters and digits only"};
}

// What a policy that does not exist yet must satisfy.
Status CheckNewPolicy(const configdb::Store& store, const std::string& name, std::int64_t number,
                      const std::string& from_template) {
  const Result<std::vector<configdb::Row>> group = store.RowsUnder(kPolicy, {name});
  if (!group.ok()) return group.status();
  if (group->size() >= kMostPolicies) {
    return {Code::kBusy, fmt::format("A group has at most {} policies", kMostPolicies)};
  }
  for (const configdb::Row& row : *group) {
    const bool other_is_template = row.Text("template").has_value();
    if (other_is_template == !from_template.empty()) continue;
    if (other_is_template != (*row.Int("number") > number)) {
      return {Code::kBadValue, "A policy from a template must have the largest number of its group"};
    }
  }
  if (from_template.empty()) return {};
  const Result<std::vector<configdb::Row>> templates = store.RowsUnder(kTemplateTable, {from_template});
  if (!templates.ok()) return templates.status();
  if (templates->empty()) return NoSuch(fmt::format("The template {}", from_template));
  return {};
}

Status EnterPolicy(Operator& session, const Match& match) {
  const std::string name = match.Text("name"), mode = match.Text("mode"), from_template = match.Text("template");
  const std::int64_t number = *match.Int("number");
  const configdb::Key key = {name, number};
  SW_TRY(CheckName(name));
  const Result<std::optional<configdb::Row>> found = session.store().Find(kPolicy, key);
  if (!found.ok()) return found.status();
  std::string is_mode = mode;
  if (*found) {
    is_mode = (*found)->TextOr("mode", "");
    const std::string is_template = (*found)->TextOr("template", "");
    const bool same = mode.empty() || (mode == is_mode && from_template == is_template);
    if (!same) return {Code::kInUse, "The mode of a policy cannot be changed: remove the policy first"};
    if (!is_template.empty()) {
      if (mode.empty()) return {Code::kUnsupported, "A policy from a template is configured in its template"};
      return session.Configure([](configdb::Edit&) { return Status(); });
    }
  } else {
    if (mode.empty()) return {Code::kNotFound, "A new policy needs its mode: manual or isakmp"};
    SW_TRY(CheckNewPolicy(session.store(), name, number, from_template));
    const Status made = session.Configure([&](configdb::Edit& edit) -> Status {
      SW_TRY(edit.Ensure(kPolicy, key, {{"mode", mode}}).status());
      return from_template.empty() ? Status() : edit.Set(kPolicy, key, "template", from_template).status();
    });
    SW_TRY(made);
    if (!from_template.empty()) return {};
  }
  session.Enter(is_mode == "manual" ? View::kIpsecPolicyManual : View::kIpsecPolicyIsakmp, key);
  return {};
}

Status EnterTemplate(Operator& session, const Match& match) {
  const std::string name = match.Text("name");
  const configdb::Key key = {name, *match.Int("number")};
  SW_TRY(CheckName(name));
  SW_TRY(session.Configure([&](configdb::Edit& edit) { return edit.Ensure(kTemplateTable, key).status(); }));
  session.Enter(View::kIpsecPolicyTemplate, key);
  return {};
}

// One policy, or all of the group.
Status RemovePolicies(Operator& session, const Match& match) {
  const std::string_view table = match.command->table;
  const std::string name = match.Text("name");
  const std::optional<std::int64_t> number = match.Int("number");
  const Status removed = session.Configure([&](configdb::Edit& edit) -> Status {
    if (number) return RemoveRow(edit, table, {name, *number}, NoSuch(name));
    const Result<std::vector<configdb::Row>> group = edit.store().RowsUnder(table, {name});
    if (!group.ok()) return group.status();
    for (const configdb::Row& row : *group) SW_TRY(edit.Remove(table, {name, *row.Int("number")}).status());
    return group->empty() ? NoSuch(name) : Status();
  });
  SW_TRY(removed);
  constexpr Views kPolicyViews = kManual | kIsakmp | kTemplate;
  if ((In(session.view()) & kPolicyViews) == 0) return {};
  const Result<std::optional<configdb::Row>> still = session.store().Find(table, session.object());
  if (still.ok() && !*still) session.Enter(View::kSystem);
  return {};
}

constexpr std::array<std::string_view, 6> kProposalColumns = {"proposal1", "proposal2", "proposal3",
                                                              "proposal4", "proposal5", "proposal6"};

Status SetProposals(Operator& session, const Match& match) {
  std::vector<std::string> names;
  for (const std::string_view column : kProposalColumns) {
    const std::string name = match.Text(column);
    if (name.empty()) continue;
    if (std::ranges::find(names, name) != names.end()) return {Code::kExists, name + " is named twice"};
    const Result<std::optional<configdb::Row>> row = session.store().Find(kProposalTable, {name});
    if (!row.ok()) return row.status();
    if (!*row) return NoSuch(fmt::format("The proposal {}", name));
    names.push_back(name);
  }
  return StoreColumns(session, match, ColumnsOf(match));
}

// All of them, or those that are named.
Status RemoveProposals(Operator& session, const Match& match) {
  std::vector<std::string> names;
  for (const std::string_view column : kProposalColumns) {
    if (std::string name = match.Text(column); !name.empty()) names.push_back(std::move(name));
  }
  const Result<std::optional<configdb::Row>> row = session.store().Find(match.command->table, session.object());
  if (!row.ok()) return row.status();
  std::vector<std::string> kept;
  for (const std::string_view column : kProposalColumns) {
    std::string one = *row ? (*row)->TextOr(column, "") : "";
    const auto named = std::ranges::find(names, one);
    if (one.empty()) continue;
    if (named != names.end()) {
      names.erase(named);
    } else if (!match.arguments.empty()) {
      kept.push_back(std::move(one));
    }
  }
  if (!names.empty()) return {Code::kNotFound, fmt::format("The policy does not name proposal {}", names.front())};
  std::vector<configdb::Assignment> columns;
  for (std::size_t i = 0; i < kProposalColumns.size(); ++i) {
    columns.push_back({kProposalColumns[i], i < kept.size() ? configdb::Value(kept[i]) : configdb::Value()});
  }
  return StoreColumns(session, match, columns);
}

// "in_esp_auth": a hexadecimal key takes the place of the string key of the same SA, and the other way round.
Status SetManualKey(Operator& session, const Match& match) {
  std::vector<configdb::Assignment> columns = ColumnsOf(match);
  const std::string_view column = columns.front().column;
  const std::string_view sa = column.substr(0, column.rfind('_'));
  const bool text = column.ends_with("_string");
  if (!text) {
    const std::string& key = std::get<std::string>(columns.front().value);
    const auto digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
    if (!std::ranges::all_of(key, digit)) return {Code::kBadValue, "A key is written in hexadecimal digits"};
    // Which length it must be depends on the proposal; device/ipsec/values.h checks that.
    static constexpr std::array<std::size_t, 3> kHashDigits = {32, 40, 64};
    static constexpr std::array<std::size_t, 6> kCipherDigits = {16, 32, 40, 48, 64, 72};
    const std::span<const std::size_t> lengths = column.ends_with("_cipher")
                                                     ? std::span<const std::size_t>(kCipherDigits)
                                                     : std::span<const std::size_t>(kHashDigits);
    if (std::ranges::find(lengths, key.size()) == lengths.end()) {
      return {Code::kBadValue, "No algorithm has keys of this length"};
    }
  }
  const configdb::Table& table = *configdb::FindTable(kPolicy);
  for (const std::string_view kind :
       text ? std::vector<std::string_view>{"_auth", "_cipher"} : std::vector<std::string_view>{"_string"}) {
    const configdb::Column* other = configdb::FindColumn(table, std::string(sa) + std::string(kind));
    if (other != nullptr) columns.push_back({other->name, {}});
  }
  return StoreColumns(session, match, columns);
}

Status ApplyToInterface(Operator& session, const Match& match) {
  const std::string name = match.Text("ipsec_policy");
  const Result<std::optional<configdb::Row>> row = session.store().Find("interface", session.object());
  if (!row.ok()) return row.status();
  const std::string before = *row ? (*row)->TextOr("ipsec_policy", "") : "";
  if (!before.empty() && before != name) {
    return {Code::kInUse, fmt::format("The interface has policy {}: remove it first", before)};
  }
  return StoreColumns(session, match, ColumnsOf(match));
}

Status RemoveFromInterface(Operator& session, const Match& match) {
  const std::string name = match.Text("ipsec_policy");
  const Result<std::optional<configdb::Row>> row = session.store().Find("interface", session.object());
  if (!row.ok()) return row.status();
  if (!name.empty() && (!*row || (*row)->TextOr("ipsec_policy", "") != name)) {
    return {Code::kNotFound, fmt::format("The interface does not have policy {}", name)};
  }
  return StoreColumns(session, match, ColumnsOf(match));
}

// Settings that policies and templates share; their tables differ.
constexpr Command AclRow(Views views, std::string_view table) {
  return {.views = views,
          .form = "security acl <acl>",
          .help = "What is protected|Packets that the ACL permits|Number of an advanced ACL",
          .undo = "security acl",
          .stores = kColumns,
          .table = table};
}
constexpr Command ProposalRow(Views views, std::string_view table) {
  return {.views = views,
          .form =
              "proposal <proposal1> [ <proposal2> [ <proposal3> [ "
              "<proposal4> [ <proposal5> [ <proposal6> ] ] ] ] ]",
          .help = "Proposals to negotiate|The first to try|Second|Third|Fourth|Fifth|Sixth",
          .run = SetProposals,
          .undo =
              "proposal [ <proposal1> [ <proposal2> [ <proposal3> [ "
              "<proposal4> [ <proposal5> [ <proposal6> ] ] ] ] ] ]",
          .undo_run = RemoveProposals,
          .stores = kColumns,
          .table = table};
}
// Guide page 158 prints `ike peer`, later manuals `ike-peer`: both are taken.
constexpr Command PeerRow(Views views, std::string_view table) {
  return {.views = views,
          .form = "{ ike-peer <ike_peer> | ike peer <ike_peer> }",
          .help = "Whom to negotiate with|Peer name|Internet key exchange|Whom to negotiate with|Peer name",
          .undo = "{ ike-peer | ike peer }",
          .stores = kColumns,
          .table = table};
}
constexpr Command PfsRow(Views views, std::string_view table) {
  return {.views = views,
          .form = "pfs { dh-group1=pfs:1 | dh-group2=pfs:2 | dh-group5=pfs:5 | dh-group14=pfs:14 }",
          .help = "Keys from an exchange of their own, off by default|768 bits|1024 bits|1536 bits|2048 bits",
          .undo = "pfs",
          .stores = kColumns,
          .table = table};
}
constexpr Command TimeRow(Views views, std::string_view table) {
  return {.views = views,
          .form = "sa duration time-based <duration_seconds>",
          .help = "Security associations|Longest life, the global one by default|By time|Seconds",
          .undo = "sa duration time-based",
          .stores = kColumns,
          .table = table};
}
constexpr Command TrafficRow(Views views, std::string_view table) {
  return {.views = views,
          .form = "sa duration traffic-based <duration_kilobytes>",
          .help = "Security associations|Longest life, the global one by default|By traffic|Kilobytes",
          .undo = "sa duration traffic-based",
          .stores = kColumns,
          .table = table};
}
constexpr Command ManualRow(std::string_view form, std::string_view help, std::string_view undo,
                            Handler run = nullptr) {
  return {.views = kManual, .form = form, .help = help, .run = run, .undo = undo, .stores = kColumns, .table = kPolicy};
}
constexpr std::string_view kSpiHelp =
    "Security associations|Index of the security association|Of packets that arrive or leave|Protocol|Index";
constexpr std::string_view kAuthHelp =
    "Security associations|Authentication key|Of packets that arrive or leave|Protocol|Hexadecimal digits";
constexpr std::string_view kCipherHelp =
    "Security associations|Encryption key|Of packets that arrive or leave|Protocol|Hexadecimal digits";
constexpr std::string_view kStringHelp =
    "Security associations|Text that all keys are made from|Of packets that arrive or leave|Protocol|Text";

constexpr Command kCommands[] = {
    {.views = kSystem,
     .form = "ipsec sa global-duration time-based <duration_seconds>",
     .help = "IP security|Security associations|Longest life where a policy has none of its own|By time|"
             "{}",
     .undo = "ipsec sa global-duration time-based",
     .stores = kColumns,
     .table = kGlobal},
    {.views = kSystem,
     .form = "ipsec sa global-duration traffic-based <duration_kilobytes>",
     .help = "|||By traffic|{}",
     .undo = "ipsec sa global-duration traffic-based",
     .stores = kColumns,
     .table = kGlobal},

    {.views = kSystem,
     .form = "ipsec policy <name> <number> [ manual=mode | isakmp=mode [ template "
             "<template> ] ]",
     .help = "|What is protected, how, and with whom|Policy name|Number; the smallest is tried first|Keys are "
             "configured|Keys are negotiated|By what a template leaves open, as responder|Template name",
     .run = EnterPolicy,
     .undo = "ipsec policy <name> [ <number> ]",
     .undo_run = RemovePolicies,
     .stores = Stores::kObject,
     .table = kPolicy},
    {.views = kSystem,
     .form = "ipsec policy-template <name> <number>",
     .help = "|A policy that only responds|Template name|Number; the smallest is tried first",
     .run = EnterTemplate,
     .undo = "ipsec policy-template <name> [ <number> ]",
     .undo_run = RemovePolicies,
     .stores = Stores::kObject,
     .table = kTemplateTable},
    AclRow(kManual | kIsakmp, kPolicy),
    AclRow(kTemplate, kTemplateTable),
    {.views = kManual,
     .form = "proposal <proposal1>",
     .help = "How packets are protected|Proposal name",
     .run = SetProposals,
     .undo = "proposal",
     .stores = kColumns,
     .table = kPolicy},
    ProposalRow(kIsakmp, kPolicy),
    ProposalRow(kTemplate, kTemplateTable),
    PeerRow(kIsakmp, kPolicy),
    PeerRow(kTemplate, kTemplateTable),
    PfsRow(kIsakmp, kPolicy),
    PfsRow(kTemplate, kTemplateTable),
    TimeRow(kManual | kIsakmp, kPolicy),
    TimeRow(kTemplate, kTemplateTable),
    TrafficRow(kManual | kIsakmp, kPolicy),
    TrafficRow(kTemplate, kTemplateTable),
    ManualRow("tunnel local <tunnel_local>", "Ends of the tunnel|This one|IP address", "tunnel local"),
    ManualRow("tunnel remote <tunnel_remote>", "Ends of the tunnel|The other one|IP address", "tunnel remote"),
    ManualRow("sa spi inbound ah <in_ah_spi>", kSpiHelp, "sa spi inbound ah"),
    ManualRow("sa spi inbound esp <in_esp_spi>", kSpiHelp, "sa spi inbound esp"),
    ManualRow("sa spi outbound ah <out_ah_spi>", kSpiHelp, "sa spi outbound ah"),
    ManualRow("sa spi outbound esp <out_esp_spi>", kSpiHelp, "sa spi outbound esp"),
    ManualRow("sa string-key inbound ah <in_ah_string>", kStringHelp, "sa string-key inbound ah", SetManualKey),
    ManualRow("sa string-key inbound esp <in_esp_string>", kStringHelp, "sa string-key inbound esp", SetManualKey),
    ManualRow("sa string-key outbound ah <out_ah_string>", kStringHelp, "sa string-key outbound ah", SetManualKey),
    ManualRow("sa string-key outbound esp <out_esp_string>", kStringHelp, "sa string-key outbound esp", SetManualKey),
    ManualRow("sa authentication-hex inbound ah <in_ah_auth>", kAuthHelp, "sa authentication-hex inbound ah",
              SetManualKey),
    ManualRow("sa authentication-hex inbound esp <in_esp_auth>", kAuthHelp, "sa authentication-hex inbound esp",
              SetManualKey),
    ManualRow("sa authentication-hex outbound ah <out_ah_auth>", kAuthHelp, "sa authentication-hex outbound ah",
              SetManualKey),
    ManualRow("sa authentication-hex outbound esp <out_esp_auth>", kAuthHelp, "sa authentication-hex outbound esp",
              SetManualKey),
    ManualRow("sa encryption-hex inbound esp <in_esp_cipher>", kCipherHelp, "sa encryption-hex inbound esp",
              SetManualKey),
    ManualRow("sa encryption-hex outbound esp <out_esp_cipher>", kCipherHelp, "sa encryption-hex outbound esp",
              SetManualKey),

    {.views = kWithPolicy,
     .form = "ipsec policy <ipsec_policy>",
     .help = "IP security|Policies that protect what leaves here|Policy name",
     .run = ApplyToInterface,
     .undo = "ipsec policy [ <ipsec_policy> ]",
     .undo_run = RemoveFromInterface,
     .stores = kColumns,
     .table = "interface"},
};

}  // namespace

std::span<const Command> IpsecCommands() {
  return kCommands;
}

}  // namespace sw::cli
