// Keys and passwords: how long, how they are kept, and who shares them. What the lengths are measured by is our choice:
// 18 printable characters are the first that can hold 112 bits; RADIUS and HWTACACS keys have at most 16 characters
// here, so that is asked of them; passwords that people type are asked for 12.
#include <fmt/format.h>

#include <map>
#include <optional>

#include "cli/audit/rule.h"
#include "cli/audit/users.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

constexpr std::size_t kLongKey = 18, kServerKey = 16, kPassword = 12;

// Every secret that commands store as a pair of columns: where it stands, and how it is typed anew.
struct SecretRow {
  std::string_view table, column;
  std::string_view view;     // the command that enters the view of its object, before the object's name; empty: none
  std::string_view command;  // up to the form
  std::size_t shortest;      // 0: not judged
  bool both_ends;
  bool bare;              // the command takes a key without `cipher`, and conceals it
  bool for_line = false;  // a user interface
};
constexpr SecretRow kSecrets[] = {
    {"ike_peer", "pre_shared_key", "ike peer ", "pre-shared-key", kLongKey, true, true},
    {"dvpn_class", "pre_shared_key", "dvpn class ", "pre-shared-key", kLongKey, true, true},
    {"dvpn_global", "pre_shared_key", "", "dvpn server pre-shared-key", kLongKey, true, true},
    {"radius_scheme", "authentication_key", "radius scheme ", "key authentication", kServerKey, true, true},
    {"radius_scheme", "accounting_key", "radius scheme ", "key accounting", kServerKey, true, true},
    {"hwtacacs_scheme", "authentication_key", "hwtacacs scheme ", "key authentication", kServerKey, true, true},
    {"hwtacacs_scheme", "authorization_key", "hwtacacs scheme ", "key authorization", kServerKey, true, true},
    {"hwtacacs_scheme", "accounting_key", "hwtacacs scheme ", "key accounting", kServerKey, true, true},
    {"local_user", "password", "local-user ", "password", kPassword, false, false},
    {"user_interface", "password", "user-interface ", "set authentication password", kPassword, false, false, true},
    {"super_password", "password", "", "super password level ", kPassword, false, false},
};

struct SecretUse {
  const SecretRow& row;
  std::string key, object;
  device::Secret secret;
  std::vector<std::string> mend;
};

std::vector<SecretUse> Secrets(const AuditInput& input) {
  std::vector<SecretUse> out;
  for (const SecretRow& row : kSecrets) {
    const configdb::Table& table = *configdb::FindTable(row.table);
    const Result<std::vector<configdb::Row>> rows = input.store.Rows(row.table);
    if (!rows.ok()) continue;
    for (const configdb::Row& each : *rows) {
      device::Secret secret = device::SecretOf(each, row.column, std::string(row.column) + "_form");
      if (!secret.set()) continue;
      const configdb::Key key(each.values.begin(), each.values.begin() + static_cast<std::ptrdiff_t>(table.keys));
      const std::string name = configdb::KeyText(key);
      std::string command(row.command);
      if (command.ends_with(' ')) command += name;
      const std::string typed = fmt::format("{}{} {}", command, row.bare ? "" : " cipher", kNewKey);
      std::string object = row.view.empty() ? command : std::string(row.view) + name;
      std::vector<std::string> mend;
      if (!row.view.empty()) mend.push_back(object);
      mend.push_back((row.view.empty() ? "" : " ") + typed);
      out.push_back({row, name, std::move(object), std::move(secret), std::move(mend)});
    }
  }
  return out;
}

Hit HitOf(const SecretUse& use, std::string what) {
  return {.table = use.row.table,
          .key = use.key,
          .column = use.row.column,
          .object = use.object,
          .what = std::move(what),
          .mend = use.mend};
}

Users UsersOf(const AuditInput& input, const SecretUse& use) {
  if (use.row.table == "ike_peer") return UsersOfPeer(input.config, use.key);
  if (use.row.table == "dvpn_class") return UsersOfClass(input.config, use.key);
  if (use.row.table == "dvpn_global") return DvpnServers(input.config);
  if (use.row.table == "radius_scheme") return DomainsOf(input.config, use.key);
  return {};
}

// The length of a key tells little of it, and is therefore not told: how much is missing is.
void FindShort(const AuditInput& input, std::vector<Hit>& out) {
  for (const SecretUse& use : Secrets(input)) {
    const std::optional<SecretBytes> plain = use.secret.Reveal();
    if (!plain || plain->view().size() >= use.row.shortest) continue;
    Hit hit = HitOf(use, fmt::format("it has fewer than {} characters", use.row.shortest));
    hit.users = UsersOf(input, use);
    hit.both_ends = use.row.both_ends;
    out.push_back(std::move(hit));
  }
}

void FindSimple(const AuditInput& input, std::vector<Hit>& out) {
  for (const SecretUse& use : Secrets(input)) {
    if (use.secret.form != device::SecretForm::kSimple) continue;
    Hit hit = HitOf(use, "it is kept and shown as typed");
    hit.users = UsersOf(input, use);
    hit.remedy =
        "type the same key again in place of <KEY>; it is sealed then by the key of the installation, and a password "
        "of people becomes a hash";
    out.push_back(std::move(hit));
  }
}

void FindShared(const AuditInput& input, std::vector<Hit>& out) {
  std::map<std::string, Users> holders;  // by what the key stands for
  const auto bytes = [](const device::Secret& secret) {
    const std::optional<SecretBytes> plain = secret.Reveal();
    return plain ? std::string(plain->view().begin(), plain->view().end()) : std::string();
  };
  for (const auto& [name, peer] : input.config.ike.peers)
    if (const std::string key = bytes(peer.pre_shared_key); !key.empty()) holders[key].push_back("ike peer " + name);
  for (const auto& [name, peer] : input.config.ike.peers) {
    const std::string key = bytes(peer.pre_shared_key);
    if (key.empty()) continue;
    const bool many = !peer.remote_high.empty() || (peer.remote_address.empty() && peer.remote_name.empty());
    if (holders[key].size() == 1 && !many) continue;
    Hit hit{.table = "ike_peer", .key = name, .column = "pre_shared_key", .object = "ike peer " + name};
    hit.what = many ? "many peers prove themselves by it" : "other peers have the same key";
    hit.both_ends = true;
    hit.users = UsersOfPeer(input.config, name);
    for (const std::string& other : holders[key])
      if (other != hit.object) hit.users.push_back(other);
    if (many) {
      hit.remedy = "an ike peer of its own for each device, with a remote-address and a key, or certificates";
    } else {
      hit.mend = {hit.object, fmt::format(" pre-shared-key {}", kNewKey)};
    }
    out.push_back(std::move(hit));
  }
}

void FindDvpnKey(const AuditInput& input, std::vector<Hit>& out) {
  if (!input.config.dvpn.global.pre_shared_key.set()) return;
  Hit hit{.table = "dvpn_global",
          .key = "1",
          .column = "pre_shared_key",
          .object = "dvpn server pre-shared-key",
          .what = "every client of this server holds it",
          .users = DvpnServers(input.config)};
  hit.remedy =
      "DVPN knows one key for each server; give it to as few clients as can be, and change it when one is lost";
  out.push_back(std::move(hit));
}

void AddDefault(const AuditInput& input, const device::RadiusScheme& scheme,
                const std::array<device::RadiusServerConfig, 2>& servers, std::string_view column,
                std::string_view word, std::vector<Hit>& out) {
  const bool asked = !servers[0].endpoint.address.empty() || !servers[1].endpoint.address.empty();
  const Result<std::optional<configdb::Row>> row = input.store.Find("radius_scheme", {scheme.name});
  if (!asked || !row.ok() || !*row || (*row)->Text(column)) return;
  Hit hit{.table = "radius_scheme", .key = scheme.name, .column = column, .object = "radius scheme " + scheme.name};
  hit.what = fmt::format("no key for {} is configured, so that the one printed in the guide counts", word);
  hit.users = DomainsOf(input.config, scheme.name);
  hit.unused = hit.users.empty();
  hit.mend = {hit.object, fmt::format(" key {} {}", word, kNewKey)};
  hit.both_ends = true;
  out.push_back(std::move(hit));
}

void FindDefault(const AuditInput& input, std::vector<Hit>& out) {
  for (const auto& [name, s] : input.config.aaa.radius) {
    AddDefault(input, s, s.authentication, "authentication_key", "authentication", out);
    AddDefault(input, s, s.accounting, "accounting_key", "accounting", out);
  }
}

bool SameSa(const device::ManualSaConfig& in, const device::ManualSaConfig& out) {
  const auto same = [](const std::string& a, const std::string& b) { return !a.empty() && a == b; };
  return same(in.encryption, out.encryption) || same(in.authentication, out.authentication) || same(in.text, out.text);
}

template <typename Wanted>
void Manual(const AuditInput& input, std::string_view what, std::string_view remedy, Wanted wanted,
            std::vector<Hit>& out) {
  EachPolicy(input.config, [&](const device::IpsecPolicyConfig& policy, bool is_template) {
    if (policy.mode != device::IpsecMode::kManual || !wanted(policy)) return;
    Hit hit{.table = "ipsec_policy",
            .key = fmt::format("{} {}", policy.name, policy.number),
            .column = "mode",
            .object = PolicyText(policy, is_template),
            .what = std::string(what)};
    hit.users = UsersOfPolicy(input.config, policy, is_template);
    hit.both_ends = true;
    hit.remedy = remedy;
    out.push_back(std::move(hit));
  });
}

void FindManual(const AuditInput& input, std::vector<Hit>& out) {
  Manual(
      input, "its keys are typed, live for ever, and nothing is refused as a replay",
      "a policy of mode isakmp, with an ike peer", [](const auto&) { return true; }, out);
}
void FindMirrored(const AuditInput& input, std::vector<Hit>& out) {
  Manual(
      input, "both directions have the same key", "a key of its own for each direction, at both ends",
      [](const auto& p) { return SameSa(p.in_esp, p.out_esp) || SameSa(p.in_ah, p.out_ah); }, out);
}

constexpr Citation kShortDocs[] = {{&kRfc7296, "2.15", ""}, {&kSp800_77, "", ""}};
constexpr Citation kSharedDocs[] = {
    {&kCpace, "", "parties that share one password can be posed as to each other (said of CPace)", Seen::kRead},
    {&kSp800_77, "", ""}};
constexpr Citation kManualDocs[] = {{&kRfc8221, "3", ""}};
constexpr Citation kServerKeyDocs[] = {{&kRfc2865, "", ""}};

constexpr Rule kRules[] = {
    {"key-short",
     "keys",
     Always(Severity::kWarning),
     {521, 331},
     "A key or password is short",
     "Who has recorded a negotiation or a login may try keys without asking anybody; short ones are found.",
     kShortDocs,
     FindShort},
    {"key-simple",
     "keys",
     Always(Severity::kWarning),
     {256, 260},
     "A key or password stands in clear",
     "Whoever sees the configuration, a backup of it or a screen has the key.",
     {},
     FindSimple},
    {"key-shared",
     "keys",
     Always(Severity::kWarning),
     {522, 0},
     "One key for many peers",
     "Each of them can pose as any other, and as this device; one that is lost loses all.",
     kSharedDocs,
     FindShared},
    {"dvpn-server-key",
     "keys",
     Always(Severity::kNote),
     {522, 0},
     "The server's key is known to all clients",
     "A client can pose as the server to the other clients.",
     kSharedDocs,
     FindDvpnKey},
    {"key-default",
     "keys",
     Always(Severity::kError),
     {798, 0},
     "A published key",
     "Whoever knows the guide can answer in place of the server, and read the passwords in requests.",
     kServerKeyDocs,
     FindDefault},
    {"manual-keys",
     "keys",
     Always(Severity::kWarning),
     {321, 324},
     "Manual keys",
     "One key protects everything until somebody types another; recorded packets can be sent again.",
     kManualDocs,
     FindManual},
    {"manual-keys-mirrored",
     "keys",
     Always(Severity::kWarning),
     {323, 0},
     "One key for both directions",
     "What was sent can be sent back, and is taken.",
     kManualDocs,
     FindMirrored},
};

}  // namespace

std::span<const Rule> KeyRules() {
  return kRules;
}

}  // namespace sw::cli
