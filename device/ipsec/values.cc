#include "device/ipsec/values.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <tuple>

#include "device/config/columns.h"

namespace sw::device {
namespace {

using configdb::Row;

Ipv4 AddressOf(const Row& row, std::string_view column) {
  return Ipv4::Parse(row.TextOr(column, "")).value_or(Ipv4());
}
std::uint32_t U32Of(const Row& row, std::string_view column, std::uint32_t preset) {
  return static_cast<std::uint32_t>(row.IntOr(column, preset));
}

IpsecHash HashOf(const Row& row, std::string_view column, IpsecHash preset) {
  const std::string word = row.TextOr(column, "");
  if (word == "none") return IpsecHash::kNone;
  if (word == "md5") return IpsecHash::kMd5;
  if (word == "sha1") return IpsecHash::kSha1;
  if (word == "sha2-256") return IpsecHash::kSha256;
  return preset;
}

IpsecCipher CipherOf(const Row& row) {
  const std::string word = row.TextOr("esp_cipher", "");
  if (word == "none") return IpsecCipher::kNone;
  if (word == "3des") return IpsecCipher::k3Des;
  if (word == "aes") return IpsecCipher::kAes;
  if (word == "aes-gcm") return IpsecCipher::kAesGcm;
  return IpsecCipher::kDes;
}

IpsecProposalConfig ProposalOf(const Row& row) {
  IpsecProposalConfig out;
  out.name = row.TextOr("name", "");
  const std::string transform = row.TextOr("transform", "esp");
  if (transform == "ah") out.transform = IpsecTransform::kAh;
  if (transform == "ah-esp") out.transform = IpsecTransform::kAhEsp;
  out.transport = row.TextOr("encapsulation", "tunnel") == "transport";
  out.ah_hash = HashOf(row, "ah_hash", IpsecHash::kMd5);
  // Guide page 395: beside AH, ESP has no hash unless one is named.
  out.esp_hash = HashOf(row, "esp_hash", out.ah() ? IpsecHash::kNone : IpsecHash::kMd5);
  out.esp_cipher = CipherOf(row);
  if (out.esp_cipher == IpsecCipher::kAesGcm) out.esp_hash = IpsecHash::kNone;
  out.esp_key_bits = IntOf(row, "esp_key_length", out.esp_key_bits);
  out.for_card = row.Text("kind").has_value();
  out.card_assigned = row.Text("card_slot").has_value();
  return out;
}

ManualSaConfig ManualSaOf(const Row& row, const std::string& sa) {
  ManualSaConfig out;
  out.spi = U32Of(row, sa + "_spi", 0);
  out.authentication = row.TextOr(sa + "_auth", "");
  if (sa.ends_with("esp")) out.encryption = row.TextOr(sa + "_cipher", "");
  out.text = row.TextOr(sa + "_string", "");
  return out;
}

// What policies and templates have in common.
IpsecPolicyConfig CommonOf(const Row& row, const IpsecConfig& config) {
  IpsecPolicyConfig out;
  out.name = row.TextOr("name", "");
  out.number = IntOf(row, "number", 0);
  out.acl = IntOf(row, "acl", 0);
  for (const char* column : {"proposal1", "proposal2", "proposal3", "proposal4", "proposal5", "proposal6"})
    if (std::optional<std::string> proposal = row.Text(column)) out.proposals.push_back(std::move(*proposal));
  out.ike_peer = row.TextOr("ike_peer", "");
  out.pfs_group = IntOf(row, "pfs", 0);
  out.own_seconds = row.Int("duration_seconds").has_value();
  out.own_kilobytes = row.Int("duration_kilobytes").has_value();
  out.duration_seconds = U32Of(row, "duration_seconds", config.duration_seconds);
  out.duration_kilobytes = U32Of(row, "duration_kilobytes", config.duration_kilobytes);
  return out;
}

IpsecPolicyConfig PolicyOf(const Row& row, const IpsecConfig& config) {
  IpsecPolicyConfig out = CommonOf(row, config);
  out.from_template = row.TextOr("template", "");
  if (!out.from_template.empty()) out.mode = IpsecMode::kTemplate;
  if (row.TextOr("mode", "") != "manual") return out;
  out.mode = IpsecMode::kManual;
  out.tunnel_local = AddressOf(row, "tunnel_local");
  out.tunnel_remote = AddressOf(row, "tunnel_remote");
  out.in_ah = ManualSaOf(row, "in_ah");
  out.in_esp = ManualSaOf(row, "in_esp");
  out.out_ah = ManualSaOf(row, "out_ah");
  out.out_esp = ManualSaOf(row, "out_esp");
  return out;
}

IkeProposalConfig IkeProposalOf(const Row& row) {
  IkeProposalConfig out;
  out.number = IntOf(row, "number", 0);
  const std::string cipher = row.TextOr("encryption", "des-cbc");
  if (cipher == "3des-cbc") out.cipher = IkeCipher::k3Des;
  if (cipher == "aes-cbc") out.cipher = IkeCipher::kAes;
  out.key_bits = IntOf(row, "key_length", out.key_bits);
  out.rsa_signature = row.TextOr("authentication_method", "pre-share") == "rsa-signature";
  out.hash = HashOf(row, "hash", IpsecHash::kSha1);
  out.dh_group = IntOf(row, "dh_group", out.dh_group);
  out.duration_seconds = U32Of(row, "sa_duration", out.duration_seconds);
  return out;
}

IkePeerConfig PeerOf(const Row& row) {
  IkePeerConfig out;
  out.name = row.TextOr("name", "");
  out.aggressive = row.TextOr("exchange_mode", "main") == "aggressive";
  out.id_name = row.TextOr("id_type", "ip") == "name";
  out.pre_shared_key = SecretOf(row, "pre_shared_key", "pre_shared_key_form");
  out.remote_address = AddressOf(row, "remote_address");
  out.remote_high = AddressOf(row, "remote_high");
  out.remote_name = row.TextOr("remote_name", "");
  out.local_address = AddressOf(row, "local_address");
  out.nat_traversal = row.IntOr("nat_traversal", 0) != 0;
  out.local_multi_subnet = row.Text("local_subnet").has_value();
  out.peer_multi_subnet = row.Text("peer_subnet").has_value();
  out.dpd = row.TextOr("dpd", "");
  out.certificate_domain = row.TextOr("certificate_domain", "");
  return out;
}

Status Refuse(Code code, std::string why) {
  return {code, std::move(why)};
}

std::string NameOf(const IpsecPolicyConfig& policy) {
  return fmt::format("ipsec policy {} {}", policy.name, policy.number);
}

Status ValidateReferences(const IpsecConfig& config, const IpsecPolicyConfig& policy) {
  for (const std::string& proposal : policy.proposals)
    if (!config.proposals.contains(proposal))
      return Refuse(Code::kInUse, fmt::format("ipsec proposal {} is used by {}", proposal, NameOf(policy)));
  if (!policy.ike_peer.empty() && !config.peers.contains(policy.ike_peer))
    return Refuse(Code::kNotFound,
                  fmt::format("ike peer {}, used by {}, does not exist", policy.ike_peer, NameOf(policy)));
  if (policy.mode == IpsecMode::kTemplate && !policy.from_template.empty()) {
    const auto first = config.templates.lower_bound({policy.from_template, 0});
    if (first == config.templates.end() || first->first.first != policy.from_template)
      return Refuse(Code::kInUse,
                    fmt::format("ipsec policy-template {} is used by {}", policy.from_template, NameOf(policy)));
  }
  return {};
}

std::size_t HashDigits(IpsecHash hash) {
  static constexpr std::array<std::size_t, 4> kDigits = {0, 32, 40, 64};
  return kDigits[static_cast<std::size_t>(hash)];
}
std::size_t CipherDigits(const IpsecProposalConfig& proposal) {
  const auto aes = static_cast<std::size_t>(proposal.esp_key_bits) / 4;
  switch (proposal.esp_cipher) {
    case IpsecCipher::kNone:
      return 0;
    case IpsecCipher::kDes:
      return 16;
    case IpsecCipher::k3Des:
      return 48;
    case IpsecCipher::kAes:
      return aes;
    case IpsecCipher::kAesGcm:
      return aes + 8;  // and the salt of RFC 4106
  }
  return 0;
}

Status ValidateKey(const IpsecPolicyConfig& policy, std::string_view what, const std::string& key, std::size_t digits) {
  if (key.empty() || digits == 0 || key.size() == digits) return {};
  return Refuse(Code::kBadValue, fmt::format("{}: the {} key has {} digits, its algorithm takes {}", NameOf(policy),
                                             what, key.size(), digits));
}

Status ValidateManual(const IpsecConfig& config, const IpsecPolicyConfig& policy) {
  if (policy.proposals.empty()) return {};
  const auto found = config.proposals.find(policy.proposals.front());
  if (found == config.proposals.end()) return {};
  const IpsecProposalConfig& proposal = found->second;
  if (proposal.esp_cipher == IpsecCipher::kAesGcm)
    return Refuse(Code::kUnsupported, NameOf(policy) + ": AES-GCM needs keys that are negotiated (RFC 4106)");
  SW_TRY(ValidateKey(policy, "inbound ah authentication", policy.in_ah.authentication, HashDigits(proposal.ah_hash)));
  SW_TRY(ValidateKey(policy, "outbound ah authentication", policy.out_ah.authentication, HashDigits(proposal.ah_hash)));
  SW_TRY(
      ValidateKey(policy, "inbound esp authentication", policy.in_esp.authentication, HashDigits(proposal.esp_hash)));
  SW_TRY(
      ValidateKey(policy, "outbound esp authentication", policy.out_esp.authentication, HashDigits(proposal.esp_hash)));
  SW_TRY(ValidateKey(policy, "inbound esp encryption", policy.in_esp.encryption, CipherDigits(proposal)));
  return ValidateKey(policy, "outbound esp encryption", policy.out_esp.encryption, CipherDigits(proposal));
}

// { SPI, destination, protocol } names an SA (guide page 391).
Status ValidateSpis(const IpsecConfig& config) {
  std::set<std::tuple<std::uint32_t, Ipv4, bool>> seen;
  for (const auto& [key, policy] : config.policies) {
    if (policy.mode != IpsecMode::kManual) continue;
    const std::tuple<const ManualSaConfig*, Ipv4, bool> sas[] = {{&policy.in_ah, policy.tunnel_local, true},
                                                                 {&policy.in_esp, policy.tunnel_local, false},
                                                                 {&policy.out_ah, policy.tunnel_remote, true},
                                                                 {&policy.out_esp, policy.tunnel_remote, false}};
    for (const auto& [sa, destination, ah] : sas) {
      if (sa->spi == 0 || destination.empty()) continue;
      if (!seen.emplace(sa->spi, destination, ah).second)
        return Refuse(Code::kExists, fmt::format("{}: SPI {} to {} is in use for {}", NameOf(policy), sa->spi,
                                                 destination.ToString(), ah ? "ah" : "esp"));
    }
  }
  return {};
}

}  // namespace

std::vector<const IpsecPolicyConfig*> IpsecConfig::Group(std::string_view name) const {
  std::vector<const IpsecPolicyConfig*> out;
  for (auto at = policies.lower_bound({std::string(name), 0}); at != policies.end() && at->first.first == name; ++at)
    out.push_back(&at->second);
  return out;
}

Result<IpsecConfig> LoadIpsec(const configdb::Store& store) {
  IpsecConfig out;
  SW_TRY(EachRow(store, "ipsec_global", [&](const Row& row) {
    out.duration_seconds = U32Of(row, "duration_seconds", out.duration_seconds);
    out.duration_kilobytes = U32Of(row, "duration_kilobytes", out.duration_kilobytes);
  }));
  SW_TRY(EachRow(store, "ipsec_proposal", [&](const Row& row) {
    IpsecProposalConfig proposal = ProposalOf(row);
    out.proposals.emplace(proposal.name, proposal);
  }));
  SW_TRY(EachRow(store, "ipsec_policy", [&](const Row& row) {
    IpsecPolicyConfig policy = PolicyOf(row, out);
    out.policies.emplace(PolicyKey{policy.name, policy.number}, policy);
  }));
  SW_TRY(EachRow(store, "ipsec_policy_template", [&](const Row& row) {
    IpsecPolicyConfig policy = CommonOf(row, out);
    policy.mode = IpsecMode::kTemplate;
    out.templates.emplace(PolicyKey{policy.name, policy.number}, policy);
  }));
  SW_TRY(EachRow(store, "ike_global", [&](const Row& row) {
    out.ike.local_name = row.TextOr("local_name", "");
    out.ike.keepalive_interval = IntOf(row, "keepalive_interval", 0);
    out.ike.keepalive_timeout = IntOf(row, "keepalive_timeout", 0);
    out.ike.nat_keepalive_interval = IntOf(row, "nat_keepalive_interval", out.ike.nat_keepalive_interval);
    out.ike.check_next_payload = row.IntOr("next_payload_unchecked", 0) == 0;
  }));
  SW_TRY(EachRow(store, "ike_proposal", [&](const Row& row) {
    const IkeProposalConfig proposal = IkeProposalOf(row);
    out.ike_proposals.emplace(proposal.number, proposal);
  }));
  SW_TRY(EachRow(store, "ike_peer", [&](const Row& row) {
    IkePeerConfig peer = PeerOf(row);
    out.peers.emplace(peer.name, peer);
  }));
  SW_TRY(EachRow(store, "ike_dpd", [&](const Row& row) {
    IkeDpdConfig dpd{.name = row.TextOr("name", "")};
    dpd.interval_seconds = IntOf(row, "interval_time", dpd.interval_seconds);
    dpd.timeout_seconds = IntOf(row, "time_out", dpd.timeout_seconds);
    out.dpds.emplace(dpd.name, dpd);
  }));
  SW_TRY(EachRow(store, "pki_domain", [&](const Row& row) {
    PkiDomainConfig domain{row.TextOr("name", ""), row.TextOr("local_certificate", ""),
                           row.TextOr("ca_certificate", ""), row.TextOr("private_key", ""), row.TextOr("crl", "")};
    out.pki_domains.emplace(domain.name, domain);
  }));
  return out;
}

Status ValidateIpsec(const IpsecConfig& config, const std::vector<AppliedGroup>& applied) {
  for (const auto& [name, proposal] : config.proposals)
    if (proposal.esp() && proposal.esp_cipher == IpsecCipher::kNone && proposal.esp_hash == IpsecHash::kNone)
      return Refuse(Code::kBadValue,
                    fmt::format("ipsec proposal {}: ESP needs encryption, authentication, or both", name));
  for (const auto* policies : {&config.policies, &config.templates}) {
    for (const auto& [key, policy] : *policies) {
      SW_TRY(ValidateReferences(config, policy));
      if (policy.mode == IpsecMode::kManual) SW_TRY(ValidateManual(config, policy));
    }
  }
  SW_TRY(ValidateSpis(config));
  for (const auto& [name, peer] : config.peers) {
    if (!peer.remote_high.empty() && peer.remote_high < peer.remote_address)
      return Refuse(Code::kBadValue, fmt::format("ike peer {}: the range of remote addresses is empty", name));
    if (!peer.dpd.empty() && !config.dpds.contains(peer.dpd))
      return Refuse(Code::kNotFound, fmt::format("ike dpd {}, used by ike peer {}, does not exist", peer.dpd, name));
    if (!peer.certificate_domain.empty() && !config.pki_domains.contains(peer.certificate_domain))
      return Refuse(Code::kNotFound,
                    fmt::format("pki domain {}, used by ike peer {}, does not exist", peer.certificate_domain, name));
  }
  std::map<std::string, std::string> manual_groups;  // group, interface
  for (const AppliedGroup& one : applied) {
    const std::vector<const IpsecPolicyConfig*> group = config.Group(one.group);
    if (group.empty())
      return Refuse(Code::kNotFound,
                    fmt::format("ipsec policy {}, applied to {}, does not exist", one.group, one.interface));
    const auto manual = [](const IpsecPolicyConfig* policy) { return policy->mode == IpsecMode::kManual; };
    if (std::none_of(group.begin(), group.end(), manual)) continue;
    const auto [first, added] = manual_groups.emplace(one.group, one.interface);
    if (!added)
      return Refuse(Code::kInUse, fmt::format("ipsec policy {} has manual policies and is applied to {} already",
                                              one.group, first->second));
  }
  return {};
}

}  // namespace sw::device
