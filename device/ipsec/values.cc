#include "device/ipsec/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "device/config/columns.h"

namespace sw::device {
namespace {

using configdb::Row;

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

Status Refuse(Code code, std::string why) {
  return {code, std::move(why)};
}

std::string TextOf(const IpsecPolicyConfig& policy) {
  return fmt::format("ipsec policy {} {}", policy.name, policy.number);
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
  return Refuse(Code::kBadValue, fmt::format("{}: the {} key has {} digits, its algorithm takes {}", TextOf(policy),
                                             what, key.size(), digits));
}

Status ValidateManual(const IpsecConfig& config, const IpsecPolicyConfig& policy) {
  if (policy.proposals.empty()) return {};
  const auto found = config.proposals.find(policy.proposals.front());
  if (found == config.proposals.end()) return {};
  const IpsecProposalConfig& proposal = found->second;
  if (proposal.esp_cipher == IpsecCipher::kAesGcm)
    return Refuse(Code::kUnsupported, TextOf(policy) + ": AES-GCM needs keys that are negotiated (RFC 4106)");
  SW_TRY(ValidateKey(policy, "inbound ah authentication", policy.in_ah.authentication, HashDigits(proposal.ah_hash)));
  SW_TRY(ValidateKey(policy, "outbound ah authentication", policy.out_ah.authentication, HashDigits(proposal.ah_hash)));
  SW_TRY(
      ValidateKey(policy, "inbound esp authentication", policy.in_esp.authentication, HashDigits(proposal.esp_hash)));
  SW_TRY(
      ValidateKey(policy, "outbound esp authentication", policy.out_esp.authentication, HashDigits(proposal.esp_hash)));
  SW_TRY(ValidateKey(policy, "inbound esp encryption", policy.in_esp.encryption, CipherDigits(proposal)));
  return ValidateKey(policy, "outbound esp encryption", policy.out_esp.encryption, CipherDigits(proposal));
}

// The SAs of a manual policy as far as they are configured.
std::vector<ManualSaName> SasOf(const IpsecPolicyConfig& policy) {
  std::vector<ManualSaName> out;
  if (policy.mode != IpsecMode::kManual) return out;
  for (const auto& [sa, destination, ah] :
       {std::tuple(&policy.in_ah, policy.tunnel_local, true), std::tuple(&policy.in_esp, policy.tunnel_local, false),
        std::tuple(&policy.out_ah, policy.tunnel_remote, true),
        std::tuple(&policy.out_esp, policy.tunnel_remote, false)})
    if (sa->spi != 0 && !destination.empty()) out.push_back({sa->spi, destination, ah});
  return out;
}

void Forget(const IpsecPolicyConfig& policy, IpsecConfig& config) {
  if (policy.mode != IpsecMode::kManual) return;
  if (const auto group = config.manual_groups.find(policy.name); --group->second == 0)
    config.manual_groups.erase(group);
  const PolicyKey key{policy.name, policy.number};
  for (const ManualSaName& sa : SasOf(policy)) {
    auto at = config.manual_sas.lower_bound(sa);
    while (at->second != key) ++at;
    config.manual_sas.erase(at);
  }
}

void Note(const IpsecPolicyConfig& policy, IpsecConfig& config) {
  if (policy.mode != IpsecMode::kManual) return;
  ++config.manual_groups[policy.name];
  for (const ManualSaName& sa : SasOf(policy)) config.manual_sas.emplace(sa, PolicyKey{policy.name, policy.number});
}

PolicyKey PolicyKeyOf(const configdb::Key& key) {
  return {NameOf(key), NumberOf(key.back())};
}

std::vector<const IpsecPolicyConfig*> Named(const std::map<PolicyKey, IpsecPolicyConfig>& policies,
                                            std::string_view name) {
  std::vector<const IpsecPolicyConfig*> out;
  for (auto at = policies.lower_bound({std::string(name), 0}); at != policies.end() && at->first.first == name; ++at)
    out.push_back(&at->second);
  return out;
}

Status ValidateSpis(const IpsecConfig& config, const IpsecPolicyConfig& policy) {
  for (const ManualSaName& sa : SasOf(policy)) {
    if (config.manual_sas.count(sa) < 2) continue;
    const auto [first, end] = config.manual_sas.equal_range(sa);
    PolicyKey last = first->second;
    for (auto at = first; at != end; ++at) last = std::max(last, at->second);
    return Refuse(Code::kExists, fmt::format("ipsec policy {} {}: SPI {} to {} is in use for {}", last.first,
                                             last.second, sa.spi, sa.destination.ToString(), sa.ah ? "ah" : "esp"));
  }
  return {};
}

Status ValidatePolicy(const IpsecConfig& config, const PolicyKey& key) {
  const auto policy = config.policies.find(key);
  if (policy == config.policies.end() || policy->second.mode != IpsecMode::kManual) return {};
  SW_TRY(ValidateManual(config, policy->second));
  return ValidateSpis(config, policy->second);
}

Status ValidateProposal(const IpsecConfig& config, const std::string& name, const IpsecUsers& users) {
  const auto found = config.proposals.find(name);
  if (found == config.proposals.end()) return {};
  const IpsecProposalConfig& proposal = found->second;
  if (proposal.esp() && proposal.esp_cipher == IpsecCipher::kNone && proposal.esp_hash == IpsecHash::kNone)
    return Refuse(Code::kBadValue,
                  fmt::format("ipsec proposal {}: ESP needs encryption, authentication, or both", name));
  for (const PolicyKey& user : users.of_proposal(name)) SW_TRY(ValidatePolicy(config, user));
  return {};
}

Status ValidateGroup(const IpsecConfig& config, const std::string& group, const IpsecUsers& users) {
  if (group.empty() || !config.manual_groups.contains(group)) return {};
  const std::vector<std::string> interfaces = users.of_group(group);
  if (interfaces.size() < 2) return {};
  return Refuse(Code::kInUse, fmt::format("ipsec policy {} has manual policies and is applied to {} already", group,
                                          interfaces.front()));
}

}  // namespace

std::vector<const IpsecPolicyConfig*> IpsecConfig::Group(std::string_view name) const {
  return Named(policies, name);
}
std::vector<const IpsecPolicyConfig*> IpsecConfig::Template(std::string_view name) const {
  return Named(templates, name);
}

void TakeIpsecGlobal(const configdb::Key&, Rows rows, IpsecConfig& config, IpsecDelta& delta) {
  const IpsecConfig preset;
  static const Row kNone;
  const Row& row = rows.empty() ? kNone : rows.front();
  config.duration_seconds = U32Of(row, "duration_seconds", preset.duration_seconds);
  config.duration_kilobytes = U32Of(row, "duration_kilobytes", preset.duration_kilobytes);
  const auto follow = [&](std::map<PolicyKey, IpsecPolicyConfig>& policies, std::set<PolicyKey>& changed) {
    for (auto& [key, policy] : policies) {
      if (policy.own_seconds && policy.own_kilobytes) continue;
      if (!policy.own_seconds) policy.duration_seconds = config.duration_seconds;
      if (!policy.own_kilobytes) policy.duration_kilobytes = config.duration_kilobytes;
      changed.insert(key);
    }
  };
  follow(config.policies, delta.policies);
  follow(config.templates, delta.templates);
}

void TakeIpsecProposal(const configdb::Key& key, Rows rows, IpsecConfig& config, IpsecDelta& delta) {
  delta.proposals.insert(NameOf(key));
  TakeInto(config.proposals, NameOf(key), rows, ProposalOf);
}

void TakeIpsecPolicy(const configdb::Key& key, Rows rows, IpsecConfig& config, IpsecDelta& delta) {
  const PolicyKey typed = PolicyKeyOf(key);
  delta.policies.insert(typed);
  if (const auto before = config.policies.find(typed); before != config.policies.end()) Forget(before->second, config);
  TakeInto(config.policies, typed, rows, [&](const Row& row) { return PolicyOf(row, config); });
  if (!rows.empty()) Note(config.policies.at(typed), config);
}

void TakeIpsecTemplate(const configdb::Key& key, Rows rows, IpsecConfig& config, IpsecDelta& delta) {
  delta.templates.insert(PolicyKeyOf(key));
  TakeInto(config.templates, PolicyKeyOf(key), rows, [&](const Row& row) {
    IpsecPolicyConfig policy = CommonOf(row, config);
    policy.mode = IpsecMode::kTemplate;
    return policy;
  });
}

Status ValidateIpsec(const IpsecConfig& config, const IpsecDelta& delta, const std::set<std::string>& interfaces,
                     const IpsecUsers& users) {
  for (const std::string& name : delta.proposals) SW_TRY(ValidateProposal(config, name, users));
  for (const PolicyKey& key : delta.policies) {
    SW_TRY(ValidatePolicy(config, key));
    SW_TRY(ValidateGroup(config, key.first, users));
  }
  for (const std::string& name : interfaces) SW_TRY(ValidateGroup(config, users.group_of(name), users));
  return {};
}

}  // namespace sw::device
