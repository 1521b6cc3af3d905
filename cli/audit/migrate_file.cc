// A migration of files: what a stage makes of one end, and whether both ends still find each other.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cli/audit/migrate.h"
#include "cli/replay/replay.h"
#include "cli/session/line_reader.h"
#include "device/ipsec/host.h"

namespace sw::cli {
namespace {

using device::Config;
using device::IkePeerConfig;
using device::IpsecPolicyConfig;

struct Loaded {
  Config config;
  bool in_user_view = false;  // behind the last line
};

Result<Loaded> Load(const Grammar& grammar, const hal::Capabilities& crypto, const NamedScript& file) {
  Loaded out;
  const Result<ReplayReport> report =
      CheckScript(grammar, crypto, file.name, file.text, [&](const CheckedScript& checked) {
        out.config = checked.config;
        out.in_user_view = !checked.lines.empty() && checked.lines.back().after == View::kUser;
      });
  if (!report.ok()) return report.status();
  for (const LineReport& line : report->lines)
    if (line.outcome == Outcome::kRefused)
      return Status(Code::kBadValue,
                    fmt::format("{}:{}: {}: {}", file.name, line.number, Escaped(line.text), line.reason));
  return out;
}

bool Owns(const Config& config, const IkePeerConfig& peer) {
  for (const device::InterfaceConfig& interface : config.interfaces)
    for (const Prefix& prefix : interface.addresses) {
      const bool in_range =
          !peer.remote_high.empty() && peer.remote_address <= prefix.address && prefix.address <= peer.remote_high;
      if (in_range || prefix.address == peer.remote_address) return true;
    }
  return !peer.remote_name.empty() &&
         (peer.remote_name == config.ike.global.local_name ||
          (config.ike.global.local_name.empty() && peer.remote_name == config.system.sysname));
}

bool SamePhase1(device::IkeProposalConfig a, const device::IkeProposalConfig& b) {
  a.number = b.number;
  a.duration_seconds = b.duration_seconds;  // the smaller one counts
  if (a.cipher != device::IkeCipher::kAes) a.key_bits = b.key_bits;
  return a == b;
}

std::vector<ipsec::Protection> Protections(const Config& config, const IpsecPolicyConfig& policy) {
  std::vector<ipsec::Protection> out;
  for (const std::string& name : policy.proposals)
    if (const auto found = config.ipsec.proposals.find(name); found != config.ipsec.proposals.end())
      if (const std::optional<ipsec::Protection> protection = device::ProtectionOf(found->second))
        out.push_back(*protection);
  return out;
}

template <typename Visit>
void EachOf(const Config& config, const std::string& peer, Visit visit) {
  for (const auto& [key, policy] : config.ipsec.policies)
    if (policy.mode == device::IpsecMode::kIsakmp && policy.ike_peer == peer) visit(policy);
  for (const auto& [key, policy] : config.ipsec.templates)
    if (policy.ike_peer == peer) visit(policy);
}

bool CommonPolicy(const Config& a, const std::string& peer_a, const Config& b, const std::string& peer_b) {
  bool found = false;
  EachOf(a, peer_a, [&](const IpsecPolicyConfig& one) {
    EachOf(b, peer_b, [&](const IpsecPolicyConfig& other) {
      if (one.pfs_group != other.pfs_group) return;
      const std::vector<ipsec::Protection> theirs = Protections(b, other);
      for (const ipsec::Protection& ours : Protections(a, one))
        found = found || std::ranges::find(theirs, ours) != theirs.end();
    });
  });
  return found;
}

// Not known when cipher text of one of them cannot be opened here.
Agreement SameKey(const std::string& who, const device::Secret& a, const device::Secret& b) {
  const std::optional<SecretBytes> ours = a.Reveal(), theirs = b.Reveal();
  const bool known = ours && theirs;
  return {who + ": the same pre-shared key", known && *ours == *theirs, known};
}

void Agree(const Config& a, const IkePeerConfig& ours, const Config& b, const IkePeerConfig& theirs,
           std::vector<Agreement>& out) {
  const std::string who = fmt::format("ike peer {} and their ike peer {}", ours.name, theirs.name);
  if (ours.pre_shared_key.set() || theirs.pre_shared_key.set())
    out.push_back(SameKey(who, ours.pre_shared_key, theirs.pre_shared_key));
  out.push_back({who + ": the same exchange mode", ours.aggressive == theirs.aggressive});
  bool phase1 = false;
  const std::vector<device::IkeProposalConfig> taken = b.ike.Offered();
  for (const auto& one : a.ike.Offered())
    for (const auto& other : taken) phase1 = phase1 || SamePhase1(one, other);
  out.push_back({who + ": an ike proposal in common", phase1});
  out.push_back(
      {who + ": an ipsec proposal and perfect forward secrecy in common", CommonPolicy(a, ours.name, b, theirs.name)});
}

// DVPN: the class of a client and what the server takes.
void AgreeOnDvpn(const Config& client, const Config& server, std::vector<Agreement>& out) {
  for (const auto& [name, each] : client.dvpn.classes) {
    IkePeerConfig at;
    at.remote_address = each.public_ip;
    if (each.public_ip.empty() || !Owns(server, at)) continue;
    const std::vector<int>& taken = server.dvpn.global.registration_suites;
    out.push_back({fmt::format("dvpn class {}: its server takes suite {}", name, each.suite),
                   taken.empty() || std::ranges::find(taken, each.suite) != taken.end()});
  }
}

}  // namespace

std::vector<Agreement> AgreementsOf(const Config& a, const Config& b) {
  std::vector<Agreement> out;
  for (const auto& [name, ours] : a.ike.peers)
    for (const auto& [other, theirs] : b.ike.peers)
      if (Owns(b, ours) && Owns(a, theirs)) Agree(a, ours, b, theirs, out);
  AgreeOnDvpn(a, b, out);
  AgreeOnDvpn(b, a, out);
  return out;
}

Result<MigrationReport> MigrateFile(const Grammar& grammar, const hal::Capabilities& crypto, const NamedScript& file,
                                    const std::optional<NamedScript>& other, int stage) {
  const Result<Loaded> before = Load(grammar, crypto, file);
  if (!before.ok()) return before.status();
  Migration migration = Migrate(before->config, stage);
  std::string whole = file.text + (before->in_user_view ? "\nsystem-view\n" : "\n#\n");
  for (const std::string& line : migration.lines) whole += line + "\n";
  const Result<Loaded> after = Load(grammar, crypto, {file.name + " after stage " + std::to_string(stage), whole});
  if (!after.ok()) migration.blocked.push_back("the device refuses a line: " + after.status().why());
  bool agreed = true;
  if (other) {
    const Result<Loaded> their = Load(grammar, crypto, *other);
    if (!their.ok()) return their.status();
    const auto note = [&](std::string_view when, const Config& ours) {
      const std::vector<Agreement> all = AgreementsOf(ours, their->config);
      if (all.empty()) migration.blocked.push_back(fmt::format("{}: no peer of the one is the other", other->name));
      agreed = agreed && !all.empty();
      for (const Agreement& each : all) {
        agreed = agreed && (each.holds || !each.known);
        const std::string_view answer = !each.known ? "not known, a key that opens cipher text is not here"
                                        : each.holds ? "yes"
                                                     : "NO";
        migration.remarks.push_back(fmt::format("{} with {}, {}: {}", when, other->name, each.what, answer));
      }
    };
    note("now", before->config);
    if (after.ok()) note("afterwards", after->config);
  }
  MigrationReport out;
  out.ok = agreed && migration.blocked.empty();
  out.script = ScriptText(migration, file.name);
  return out;
}

}  // namespace sw::cli
