// IPsec proposals, and those for an encryption card alone. Sources: guide pages 146, 147 and 395; Router 3000 command
// reference pages 5-12 and 5-33. SHA-256 and AES-GCM are extensions. `ipsec card-proposal` and `use encrypt-card` are
// recollection; an older manual (pages 567, 571) has a view of that name. The algorithms there are those of proposals.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/session/binding.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"

namespace sw::cli {
namespace {

constexpr Views kSystem = In(View::kSystem), kCardProposal = In(View::kIpsecCardProposal);
constexpr Views kProposal = In(View::kIpsecProposal) | kCardProposal;
constexpr Stores kColumns = Stores::kColumns;
constexpr std::string_view kProposalTable = "ipsec_proposal";

// Both kinds share their names: policies name either. Whether there is one of this name, of the same kind.
Result<bool> Exists(Operator& session, const Match& match) {
  const std::string name = match.Text("name");
  const Result<std::optional<configdb::Row>> row = session.store().Find(kProposalTable, {name});
  if (!row.ok()) return row.status();
  if (!*row) return false;
  const bool card = (*row)->Text("kind").has_value();
  if (card == (match.command->enters == View::kIpsecCardProposal)) return true;
  return Status(Code::kExists, fmt::format("{} is {} proposal", name, card ? "a card" : "no card"));
}

Status EnterProposal(Operator& session, const Match& match) {
  SW_TRY(Exists(session, match).status());
  const View view = match.command->enters;
  const configdb::Key key = {match.Text("name")};
  std::vector<configdb::Assignment> values;
  if (view == View::kIpsecCardProposal) values.push_back({"kind", "card"});
  SW_TRY(session.Configure([&](configdb::Edit& edit) { return edit.Ensure(kProposalTable, key, values).status(); }));
  session.Enter(view, key);
  return {};
}

Status RemoveProposal(Operator& session, const Match& match) {
  const Result<bool> there = Exists(session, match);
  if (!there.ok()) return there.status();
  const configdb::Key key = {match.Text("name")};
  if (!*there) return NoSuch(match.Text("name"));
  SW_TRY(session.Configure([&](configdb::Edit& edit) { return edit.Remove(kProposalTable, key).status(); }));
  if (session.view() == match.command->enters && session.object() == key) session.Enter(View::kSystem);
  return {};
}

// The hash of ESP as it is kept: NULL where it is the default of the transform (guide page 395).
configdb::Value KeptHash(const std::string& transform, const configdb::Value& hash) {
  return hash == configdb::Value(transform == "esp" ? "md5" : "none") ? configdb::Value() : hash;
}

// Algorithms of protocols that go with the old transform go too.
Status SetTransform(Operator& session, const Match& match) {
  std::vector<configdb::Assignment> columns = ColumnsOf(match);
  const std::string kept = configdb::TextOf(columns.front().value);
  const std::string transform = kept.empty() ? "esp" : kept;
  const Result<std::optional<configdb::Row>> row = session.store().Find(kProposalTable, session.object());
  if (!row.ok()) return row.status();
  if (transform == "esp") columns.push_back({"ah_hash", {}});
  if (transform == "ah") {
    columns.insert(columns.end(), {{"esp_hash", {}}, {"esp_cipher", {}}, {"esp_key_length", {}}});
  } else if (*row) {
    columns.push_back({"esp_hash", KeptHash(transform, (**row)["esp_hash"])});
  }
  return StoreColumns(session, match, columns);
}

// An algorithm only counts for a protocol of the transform.
Status SetAlgorithm(Operator& session, const Match& match) {
  std::vector<configdb::Assignment> columns = ColumnsOf(match);
  const Result<std::optional<configdb::Row>> row = session.store().Find(kProposalTable, session.object());
  if (!row.ok()) return row.status();
  const std::string transform = *row ? (*row)->TextOr("transform", "esp") : "esp";
  const std::string protocol(columns.front().column.substr(0, columns.front().column.find('_')));
  if (transform.find(protocol) == std::string::npos) {
    return {Code::kUnsupported,
            fmt::format("The transform of this proposal is {}: set the transform first", transform)};
  }
  for (configdb::Assignment& assignment : columns) {
    if (assignment.column == "esp_hash") assignment.value = KeptHash(transform, assignment.value);
  }
  return StoreColumns(session, match, columns);
}

constexpr Command kCommands[] = {
    {.views = kSystem,
     .form = "ipsec proposal=kind:NULL <name>",
     .help = "|How packets are protected|Proposal name",
     .run = EnterProposal,
     .undo = "ipsec proposal <name>",
     .undo_run = RemoveProposal,
     .stores = Stores::kObject,
     .table = kProposalTable,
     .enters = View::kIpsecProposal},
    {.views = kSystem,
     .form = "ipsec card-proposal=kind:card <name>",
     .help = "|How packets are protected by an encryption card|Proposal name",
     .run = EnterProposal,
     .undo = "ipsec card-proposal <name>",
     .undo_run = RemoveProposal,
     .stores = Stores::kObject,
     .table = kProposalTable,
     .enters = View::kIpsecCardProposal},
    {.views = kCardProposal,
     .form = "use encrypt-card 1/0=card_slot",
     .help = "Who does the work|Encryption card|Slot of the card",
     .undo = "use encrypt-card",
     .stores = kColumns,
     .table = kProposalTable},
    {.views = kProposal,
     .form = "transform { ah=transform | ah-esp=transform | esp=transform:NULL }",
     .help = "Protocols|Authentication header|ESP inside an authentication header|Encapsulating security payload, the "
             "default",
     .run = SetTransform,
     .undo = "transform",
     .undo_run = SetTransform,
     .stores = kColumns,
     .table = kProposalTable},
    {.views = kProposal,
     .form = "encapsulation-mode { transport=encapsulation | tunnel=encapsulation:NULL }",
     .help = "What is protected of a packet|Its payload|All of it, inside a new IP header; the default",
     .undo = "encapsulation-mode",
     .stores = kColumns,
     .table = kProposalTable},
    {.views = kProposal,
     .form = "ah authentication-algorithm { md5=ah_hash:NULL | sha1=ah_hash | sha2-256=ah_hash }",
     .help = "Authentication header|Hash|HMAC-MD5-96, the default|HMAC-SHA1-96|HMAC-SHA-256-128, an extension",
     .run = SetAlgorithm,
     .undo = "ah authentication-algorithm",
     .stores = kColumns,
     .table = kProposalTable},
    {.views = kProposal,
     .form = "esp authentication-algorithm { md5=esp_hash | sha1=esp_hash | sha2-256=esp_hash }",
     .help = "Encapsulating security payload|Hash|HMAC-MD5-96, the default of transform esp|HMAC-SHA1-96|"
             "HMAC-SHA-256-128, an extension",
     .run = SetAlgorithm,
     .stores = kColumns,
     .table = kProposalTable},
    {.views = kProposal,
     .form = "esp encryption-algorithm { des=esp_cipher:NULL | 3des=esp_cipher | "
             "aes=esp_cipher [ 128=esp_key_length:NULL | 192=esp_key_length:192 | 256=esp_key_length:256 ] | "
             "aes-gcm=esp_cipher [ 128=esp_key_length:NULL | 256=esp_key_length:256 ] }",
     .help = "|Cipher|56 bits, the default|168 bits|128 bits unless a length follows|128 bits, the default|192 bits|"
             "256 bits|Cipher and hash in one, an extension; 128 bits unless a length follows|128 bits, the "
             "default|256 bits",
     .run = SetAlgorithm,
     .stores = kColumns,
     .table = kProposalTable},
    // By way of later manuals: `undo` means none here, not the default, and so it is kept and printed as typed.
    {.views = kProposal,
     .form = "undo esp authentication-algorithm=esp_hash:none",
     .help = "Cancel current setting|Encapsulating security payload|No hash",
     .run = SetAlgorithm,
     .stores = kColumns,
     .table = kProposalTable},
    {.views = kProposal,
     .form = "undo esp encryption-algorithm=esp_cipher:none",
     .help = "Cancel current setting|Encapsulating security payload|No cipher",
     .run = SetAlgorithm,
     .stores = kColumns,
     .table = kProposalTable},
};

}  // namespace

std::span<const Command> IpsecProposalCommands() {
  return kCommands;
}

}  // namespace sw::cli
