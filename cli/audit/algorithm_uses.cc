#include "cli/audit/algorithm_uses.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/audit/users.h"

namespace sw::cli {
namespace {

using device::IkeCipher;
using device::IkeProposalConfig;
using device::IpsecCipher;
using device::IpsecHash;
using device::IpsecPolicyConfig;
using device::IpsecProposalConfig;
using Found = std::vector<AlgorithmUse>;
using Lines = std::vector<std::string>;

template <typename Hash>  // of IPsec or of IKE
std::optional<Algorithm> OfHash(Hash hash) {
  if (hash == Hash::kMd5) return Algorithm::kMd5;
  if (hash == Hash::kSha1) return Algorithm::kSha1;
  return std::nullopt;
}
std::optional<Algorithm> OfCipher(IpsecCipher cipher) {
  if (cipher == IpsecCipher::kDes) return Algorithm::kDes;
  if (cipher == IpsecCipher::k3Des) return Algorithm::k3Des;
  if (cipher == IpsecCipher::kNone) return Algorithm::kNull;
  return std::nullopt;
}
std::optional<Algorithm> OfCipher(IkeCipher cipher) {
  if (cipher == IkeCipher::kDes) return Algorithm::kDes;
  if (cipher == IkeCipher::k3Des) return Algorithm::k3Des;
  return std::nullopt;
}
std::optional<Algorithm> OfGroup(int group) {
  using hal::DhGroup;
  switch (static_cast<DhGroup>(group)) {
    case DhGroup::kModp768:
      return Algorithm::kModp768;
    case DhGroup::kModp1024:
      return Algorithm::kModp1024;
    case DhGroup::kModp1536:
      return Algorithm::kModp1536;
    case DhGroup::kModp2048:
      return Algorithm::kModp2048;
    case DhGroup::kX25519:
      return Algorithm::kX25519;
    case DhGroup::kHybrid:
    case DhGroup::kNone:
    case DhGroup::kEcp256:
      break;
  }
  return std::nullopt;
}

// Adds what stands in `column` of the hit's row, unless nothing speaks against it.
void Add(Found& out, std::optional<Algorithm> algorithm, Hit hit, std::string_view column, std::string what,
         Lines mend) {
  if (!algorithm) return;
  hit.column = column;
  hit.what = std::move(what);
  if (hit.remedy.empty()) hit.mend = std::move(mend);
  out.push_back({*algorithm, std::move(hit)});
}

// Keys in hexadecimal have the length of their algorithm, so that another one needs other keys.
bool HasFixedKeys(const device::Config& config, const std::string& proposal) {
  for (const auto& [key, policy] : config.ipsec.policies) {
    const bool named = std::ranges::find(policy.proposals, proposal) != policy.proposals.end();
    if (!named || policy.mode != device::IpsecMode::kManual) continue;
    for (const device::ManualSaConfig* sa : {&policy.in_ah, &policy.in_esp, &policy.out_ah, &policy.out_esp})
      if (!sa->authentication.empty() || !sa->encryption.empty()) return true;
  }
  return false;
}

void Proposal(const AuditInput& input, const IpsecProposalConfig& p, Found& out) {
  const std::string object = ProposalText(p);
  Hit hit{.table = "ipsec_proposal", .key = p.name, .object = object, .both_ends = true};
  hit.users = UsersOfProposal(input.config, p.name);
  hit.unused = hit.users.empty();
  if (HasFixedKeys(input.config, p.name))
    hit.remedy = "the manual policies that name it need new keys, as long as the algorithm asks, at both ends";
  const auto lines = [&](std::string_view line) { return Lines{object, fmt::format(" {}", line)}; };
  const Lines hash = lines("esp authentication-algorithm sha2-256");
  if (p.ah()) {
    Add(out, OfHash(p.ah_hash), hit, "ah_hash", "AH authenticates by it",
        lines("ah authentication-algorithm sha2-256"));
  }
  if (p.ah() && !p.esp())
    Add(out, Algorithm::kNull, hit, "transform", "AH alone encrypts nothing",
        {object, " transform esp", " esp encryption-algorithm aes 256", " esp authentication-algorithm sha2-256"});
  if (!p.esp()) return;
  Add(out, OfCipher(p.esp_cipher), hit, "esp_cipher", "ESP encrypts by it", lines("esp encryption-algorithm aes 256"));
  Add(out, OfHash(p.esp_hash), hit, "esp_hash", "ESP authenticates by it", hash);
  const bool encrypts = p.esp_cipher != IpsecCipher::kNone && p.esp_cipher != IpsecCipher::kAesGcm;
  if (encrypts && p.esp_hash == IpsecHash::kNone && !p.ah())
    Add(out, Algorithm::kNoAuthentication, hit, "esp_hash", "ESP encrypts and does not authenticate", hash);
}

void IkeProposal(const AuditInput& input, const IkeProposalConfig& p, Found& out) {
  const bool built_in = p.number == 0;
  const std::string object = built_in ? "the built-in ike proposal" : fmt::format("ike proposal {}", p.number);
  Hit hit{.table = "ike_proposal", .key = std::to_string(p.number), .object = object, .both_ends = true};
  hit.users = Peers(input.config);
  hit.unused = hit.users.empty();
  if (built_in) {
    hit.table = "ike_global";
    hit.key = "1";
    hit.last_resort = !input.config.ike.proposals.empty();
    if (!hit.last_resort)
      hit.remedy = "an ike proposal with algorithms in order, at both ends; then undo ike default-proposal";
  }
  const auto add = [&](std::optional<Algorithm> algorithm, std::string_view column, std::string_view what,
                       std::string_view line) {
    Add(out, algorithm, hit, built_in ? "default_proposal" : column, std::string(what),
        built_in ? Lines{"undo ike default-proposal"} : Lines{object, fmt::format(" {}", line)});
  };
  add(OfCipher(p.cipher), "encryption", "IKE encrypts by it", "encryption-algorithm aes-cbc 256");
  add(OfHash(p.hash), "hash", "IKE authenticates and derives keys by it", "authentication-algorithm sha2-256");
  if (p.dh_group != 14) return add(OfGroup(p.dh_group), "dh_group", "IKE agrees on keys in it", "dh group14");
  hit.remedy = "this device has no larger group for IKE";
  add(OfGroup(p.dh_group), "dh_group", "IKE agrees on keys in it", "");
}

void Pfs(const AuditInput& input, const IpsecPolicyConfig& policy, bool is_template, Found& out) {
  Hit hit{.table = is_template ? "ipsec_policy_template" : "ipsec_policy",
          .key = fmt::format("{} {}", policy.name, policy.number),
          .object = PolicyText(policy, is_template),
          .both_ends = true};
  hit.users = UsersOfPolicy(input.config, policy, is_template);
  if (policy.pfs_group == 14) hit.remedy = "this device has no larger group for IKE";
  Add(out, OfGroup(policy.pfs_group), hit, "pfs", "perfect forward secrecy agrees on keys in it",
      {hit.object, " pfs dh-group14"});
}

// `exchange`: the group of the suite counts, too.
std::vector<Algorithm> WeaknessesOf(const hal::Suite& suite, bool exchange) {
  return cli::WeaknessesOf(suite.cipher, suite.integrity, exchange ? suite.group : hal::DhGroup::kNone);
}

void Suite(Hit hit, int number, bool exchange, std::string_view column, std::string_view what, const Lines& mend,
           Found& out) {
  const hal::Suite* suite = hal::FindSuite(number);
  if (suite == nullptr) return;
  for (const Algorithm algorithm : WeaknessesOf(*suite, exchange))
    Add(out, algorithm, hit, column, fmt::format("{} by suite {}, {}", what, number, suite->name), mend);
}

void DvpnPolicy(const AuditInput& input, const dvpn::Policy& policy, Found& out) {
  const std::string object = "dvpn policy " + policy.name;
  Hit hit{.table = "dvpn_policy", .key = policy.name, .object = object};
  hit.users = UsersOfDvpnPolicy(input.config, policy.name);
  hit.unused = hit.users.empty();
  Suite(hit, policy.session_suite, true, "session_algorithm_suite", "sessions are protected",
        {object, " session algorithm-suite 16"}, out);
  Suite(hit, policy.data_suite, false, "data_algorithm_suite", "data is protected",
        {object, " data algorithm-suite 16"}, out);
}

// A server without a policy issues what a policy starts with.
void DvpnServer(const device::InterfaceConfig& interface, Found& out) {
  const std::string object = "interface " + interface.name;
  const Hit hit{.table = "interface", .key = interface.name, .object = object, .users = {object}};
  const Lines mend = {"dvpn policy strong", " session algorithm-suite 16", " data algorithm-suite 16", "quit", object,
                      " dvpn policy strong"};
  const dvpn::Policy preset;
  Suite(hit, preset.session_suite, true, "dvpn_policy", "without a policy sessions are protected", mend, out);
  Suite(hit, preset.data_suite, false, "dvpn_policy", "without a policy data is protected", mend, out);
}

// What a server lets clients register by: the union of the suites, each weakness once.
void Registration(const AuditInput& input, Found& out) {
  Hit hit{.table = "dvpn_global", .key = "1", .object = "dvpn server", .both_ends = true};
  hit.users = DvpnServers(input.config);
  if (hit.users.empty()) return;
  std::vector<int> accepted = input.config.dvpn.global.registration_suites;
  if (accepted.empty())
    for (const hal::Suite& suite : hal::Suites())
      if (suite.number != hal::kNoneSuite) accepted.push_back(suite.number);
  std::vector<Algorithm> seen;
  for (const int number : accepted) {
    const hal::Suite* suite = hal::FindSuite(number);
    if (suite == nullptr) continue;
    for (const Algorithm algorithm : WeaknessesOf(*suite, true)) {
      if (std::ranges::find(seen, algorithm) != seen.end()) continue;
      seen.push_back(algorithm);
      Add(out, algorithm, hit, "registration_suites",
          fmt::format("clients may register by suite {}, {}", number, suite->name),
          {"dvpn server algorithm-suite 14 16"});
    }
  }
}

}  // namespace

std::vector<Algorithm> WeaknessesOf(hal::Cipher cipher, hal::Integrity integrity, hal::DhGroup group) {
  std::vector<Algorithm> out;
  if (cipher == hal::Cipher::kNull) out.push_back(Algorithm::kNull);
  if (cipher == hal::Cipher::kDesCbc) out.push_back(Algorithm::kDes);
  if (cipher == hal::Cipher::k3DesCbc) out.push_back(Algorithm::k3Des);
  if (integrity == hal::Integrity::kHmacMd5) out.push_back(Algorithm::kMd5);
  if (integrity == hal::Integrity::kHmacSha1) out.push_back(Algorithm::kSha1);
  if (integrity == hal::Integrity::kNone && cipher != hal::Cipher::kNull) out.push_back(Algorithm::kNoAuthentication);
  if (const auto weak = OfGroup(static_cast<int>(group))) out.push_back(*weak);
  return out;
}

std::vector<AlgorithmUse> AlgorithmUses(const AuditInput& input) {
  Found out;
  const device::Config& config = input.config;
  for (const auto& [name, proposal] : config.ipsec.proposals) Proposal(input, proposal, out);
  for (const auto& [number, proposal] : config.ike.proposals) IkeProposal(input, proposal, out);
  if (!config.ike.peers.empty() && config.ike.global.default_proposal) IkeProposal(input, {}, out);
  EachPolicy(config, [&](const IpsecPolicyConfig& policy, bool is_template) { Pfs(input, policy, is_template, out); });
  for (const auto& [name, dvpn_class] : config.dvpn.classes) {
    const std::string object = "dvpn class " + name;
    Hit hit{.table = "dvpn_class", .key = name, .object = object};
    hit.users = UsersOfClass(config, name);
    hit.unused = hit.users.empty();
    Suite(hit, dvpn_class.suite, true, "algorithm_suite", "the registration is protected",
          {object, " algorithm-suite 16"}, out);
  }
  for (const auto& [name, policy] : config.dvpn.policies) DvpnPolicy(input, policy.policy, out);
  for (const device::InterfaceConfig& interface : config.interfaces) {
    const device::TunnelConfig& tunnel = interface.tunnel;
    if (tunnel.dvpn && tunnel.role == dvpn::Role::kServer && tunnel.policy.empty()) DvpnServer(interface, out);
  }
  Registration(input, out);
  return out;
}

}  // namespace sw::cli
