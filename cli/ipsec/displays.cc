#include "cli/ipsec/displays.h"

#include <fmt/format.h>

#include <array>

namespace sw::cli {
namespace {

using namespace device;

std::string_view HashText(IpsecHash hash) {
  static constexpr std::array<std::string_view, 4> kText = {"not used", "md5-hmac-96", "sha1-hmac-96",
                                                            "sha2-256-hmac-128"};
  return kText[static_cast<std::size_t>(hash)];
}

std::string CipherText(const IpsecProposalConfig& proposal) {
  switch (proposal.esp_cipher) {
    case IpsecCipher::kNone:
      return "not used";
    case IpsecCipher::kDes:
      return "des";
    case IpsecCipher::k3Des:
      return "3des";
    case IpsecCipher::kAes:
      return fmt::format("{}-bits aes", proposal.esp_key_bits);
    case IpsecCipher::kAesGcm:
      return fmt::format("{}-bits aes-gcm", proposal.esp_key_bits);
  }
  return {};
}

std::string_view TransformText(IpsecTransform transform) {
  static constexpr std::array<std::string_view, 3> kText = {"esp-new", "ah-new", "ah-esp-new"};
  return kText[static_cast<std::size_t>(transform)];
}

std::string AddressText(Ipv4 address) {
  return address.empty() ? std::string() : address.ToString();
}

std::string PfsText(int group) {
  return group == 0 ? "None" : fmt::format("DH group {}", group);
}

std::string_view ModeText(IpsecMode mode) {
  static constexpr std::array<std::string_view, 3> kText = {"manual", "isakmp", "template"};
  return kText[static_cast<std::size_t>(mode)];
}

std::string Joined(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

std::string Spi(std::string_view protocol, std::uint32_t spi) {
  return spi == 0 ? fmt::format("        {} spi:\n", protocol)
                  : fmt::format("        {} spi: {} (0x{:x})\n", protocol, spi, spi);
}

// Keys are named, not shown: whether they are there is what an operator looks for.
std::string_view Present(const std::string& key) {
  return key.empty() ? "" : " ******";
}

std::string ManualText(std::string_view direction, const ManualSaConfig& ah, const ManualSaConfig& esp) {
  std::string out = fmt::format("    {} AH setting:\n{}", direction, Spi("AH", ah.spi));
  out += fmt::format("        AH string-key:{}\n        AH authentication hex key :{}\n", Present(ah.text),
                     Present(ah.authentication));
  out += fmt::format("    {} ESP setting:\n{}", direction, Spi("ESP", esp.spi));
  out += fmt::format(
      "        ESP string-key:{}\n        ESP encryption hex key:{}\n        ESP authentication hex key:{}\n",
      Present(esp.text), Present(esp.encryption), Present(esp.authentication));
  return out;
}

std::string NegotiatedText(const IpsecPolicyConfig& policy) {
  return fmt::format(
      "    ike-peer name: {}\n    perfect forward secrecy: {}\n    proposal name: {}\n"
      "    ipsec sa local duration(time based): {} seconds\n"
      "    ipsec sa local duration(traffic based): {} kilobytes\n",
      policy.ike_peer, PfsText(policy.pfs_group), Joined(policy.proposals, " "), policy.duration_seconds,
      policy.duration_kilobytes);
}

std::string OnePolicy(const PolicyUse& use, std::string_view kind) {
  const IpsecPolicyConfig& policy = *use.policy;
  std::string out = fmt::format(
      "\n  -----------------------------\n  IPsec {} name: \"{}\"\n  sequence number: {}\n  mode: {}\n"
      "  -----------------------------\n",
      kind, policy.name, policy.number, ModeText(policy.mode));
  if (!policy.from_template.empty()) return out + fmt::format("    policy template name: {}\n", policy.from_template);
  out += fmt::format("    security data flow : {}\n", policy.acl == 0 ? std::string() : std::to_string(policy.acl));
  if (policy.mode != IpsecMode::kManual) return out + NegotiatedText(policy);
  out +=
      fmt::format("    proposal name: {}\n    tunnel local address: {}\n    tunnel remote address: {}\n",
                  Joined(policy.proposals, " "), AddressText(policy.tunnel_local), AddressText(policy.tunnel_remote));
  return out + ManualText("inbound", policy.in_ah, policy.in_esp) +
         ManualText("outbound", policy.out_ah, policy.out_esp);
}

constexpr std::string_view kRule = "===========================================\n";
constexpr std::string_view kBriefRule = "------------------------------------------------------------------------\n";

std::string AclText(int acl) {
  return acl == 0 ? "-" : std::to_string(acl);
}

}  // namespace

std::string IpsecProposalText(const IpsecProposalConfig& proposal) {
  std::string out =
      fmt::format("  IPsec proposal name: {}\n    encapsulation mode: {}\n    transform: {}\n", proposal.name,
                  proposal.transport ? "transport" : "tunnel", TransformText(proposal.transform));
  if (proposal.ah()) out += fmt::format("    AH protocol: authentication {}\n", HashText(proposal.ah_hash));
  if (proposal.esp()) {
    out += fmt::format("    ESP protocol: authentication {}, encryption {}\n", HashText(proposal.esp_hash),
                       CipherText(proposal));
  }
  if (proposal.for_card)
    out += fmt::format("    encryption card: {}\n", proposal.card_assigned ? "1/0" : "not assigned");
  return out;
}

std::string IpsecPolicyText(const std::vector<PolicyUse>& policies) {
  std::string out, group;
  for (const PolicyUse& use : policies) {
    if (use.policy->name != group) {
      group = use.policy->name;
      out += fmt::format("{}{}IPsec Policy Group: \"{}\"\nUsing interface: {{{}}}\n{}", out.empty() ? "" : "\n", kRule,
                         group, Joined(use.interfaces, ", "), kRule);
    }
    out += OnePolicy(use, "policy");
  }
  return out;
}

std::string IpsecPolicyBrief(const std::vector<PolicyUse>& policies) {
  std::string out =
      fmt::format("IPsec-Policy-Name     Mode      acl     Local Address   Remote Address\n{}", kBriefRule);
  for (const PolicyUse& use : policies) {
    out += fmt::format("{:<21} {:<9} {:<7} {:<15} {}\n", fmt::format("{}-{}", use.policy->name, use.policy->number),
                       ModeText(use.policy->mode), AclText(use.policy->acl), AddressText(use.local),
                       AddressText(use.remote));
  }
  return out;
}

std::string IpsecTemplateText(const std::vector<PolicyUse>& templates) {
  std::string out;
  for (const PolicyUse& use : templates) out += OnePolicy(use, "policy template");
  return out;
}

std::string IpsecTemplateBrief(const std::vector<PolicyUse>& templates) {
  std::string out = fmt::format("Policy-template-Name  acl     Remote-Address\n{}", kBriefRule);
  for (const PolicyUse& use : templates) {
    out += fmt::format("{:<21} {:<7} {}\n", fmt::format("{}-{}", use.policy->name, use.policy->number),
                       AclText(use.policy->acl), AddressText(use.remote));
  }
  return out;
}

std::string IpsecDurationText(const IpsecConfig& config) {
  return fmt::format(
      "ipsec sa global duration (traffic based): {} kilobytes\nipsec sa global duration (time based): {} seconds\n",
      config.duration_kilobytes, config.duration_seconds);
}

std::string IkeProposalText(const IpsecConfig& config) {
  std::string out =
      " priority authentication authentication encryption Diffie-Hellman duration\n"
      "              method       algorithm    algorithm     group       (seconds)\n"
      "---------------------------------------------------------------------------\n";
  const auto line = [&out](const std::string& priority, const IkeProposalConfig& p) {
    static constexpr std::array<std::string_view, 4> kHash = {"NONE", "MD5", "SHA", "SHA2_256"};
    static constexpr std::array<std::string_view, 2> kCipher = {"DES_CBC", "3DES_CBC"};
    const std::string cipher = p.cipher == IkeCipher::kAes ? fmt::format("AES_CBC_{}", p.key_bits)
                                                           : std::string(kCipher[static_cast<std::size_t>(p.cipher)]);
    const int bits = p.dh_group == 1 ? 768 : p.dh_group == 2 ? 1024 : p.dh_group == 5 ? 1536 : 2048;
    out +=
        fmt::format("  {:<8} {:<14} {:<11} {:<13} {:<14} {}\n", priority, p.rsa_signature ? "RSA_SIG" : "PRE_SHARED",
                    kHash[static_cast<std::size_t>(p.hash)], cipher, fmt::format("MODP_{}", bits), p.duration_seconds);
  };
  for (const auto& [number, proposal] : config.ike_proposals) line(std::to_string(number), proposal);
  line("default", IkeProposalConfig());
  return out;
}

std::string IkePeerText(const IkePeerConfig& peer) {
  constexpr std::string_view kPeerRule = "---------------------------\n";
  std::string address = AddressText(peer.remote_address);
  if (!peer.remote_high.empty()) address += " - " + peer.remote_high.ToString();
  std::string out = fmt::format(
      "{} IKE Peer: {}\n   exchange mode: {} on phase 1\n   pre-shared-key:{}\n   peer id type: {}\n"
      "   peer ip address: {}\n   local ip address: {}\n   peer name: {}\n   nat traversal: {}\n   dpd: {}\n",
      kPeerRule, peer.name, peer.aggressive ? "aggressive" : "main", Present(peer.pre_shared_key.text),
      peer.id_name ? "name" : "ip", address, AddressText(peer.local_address), peer.remote_name,
      peer.nat_traversal ? "enable" : "disable", peer.dpd);
  if (!peer.certificate_domain.empty()) out += fmt::format("   certificate domain: {}\n", peer.certificate_domain);
  return out + std::string(kPeerRule);
}

std::string IkeDpdText(const IkeDpdConfig& dpd, std::size_t references) {
  constexpr std::string_view kDpdRule = "---------------------------\n";
  return fmt::format("{} IKE dpd: {}\n   references: {}\n   interval-time: {}\n   time_out: {}\n{}", kDpdRule, dpd.name,
                     references, dpd.interval_seconds, dpd.timeout_seconds, kDpdRule);
}

}  // namespace sw::cli
