#include "cli/ipsec/displays.h"

#include <fmt/format.h>

#include <array>

#include "cli/display/mask.h"

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

std::string_view ModeText(IpsecMode mode) {
  static constexpr std::array<std::string_view, 3> kText = {"manual", "isakmp", "template"};
  return kText[static_cast<std::size_t>(mode)];
}

std::string GroupText(const Value& value) {
  const std::string group = PlainText(value);
  return group == "0" ? "None" : "DH group " + group;
}
std::string ZeroAsNothing(const Value& value) {
  const std::string text = PlainText(value);
  return text == "0" ? "" : text;
}
std::string ZeroAsDash(const Value& value) {
  const std::string text = PlainText(value);
  return text == "0" ? "-" : text;
}
std::string SpiText(const Value& value) {
  const auto spi = std::get<std::uint64_t>(value.held);
  return spi == 0 ? "" : fmt::format(" {0} (0x{0:x})", spi);
}
// Keys are named, not shown, to nobody: whether they are there is what an operator looks for.
std::string PresentText(const Value& value) {
  return std::get<bool>(value.held) ? " " + std::string(kMask) : "";
}
constexpr Look kGroup{{}, 0, GroupText}, kPresent{{}, 0, PresentText};

constexpr auto kProposal = Fields<IpsecProposalConfig>({
    {"name", "Proposal", [](auto& v) { return v.name; }},
    {"mode", "transport or tunnel", [](auto& v) { return v.transport ? "transport" : "tunnel"; }},
    {"transform", "Protocols", [](auto& v) { return TransformText(v.transform); }},
    {"ah", "AH is used", [](auto& v) { return v.ah(); }},
    {"ah_authentication", "Algorithm", [](auto& v) { return HashText(v.ah_hash); }},
    {"esp", "ESP is used", [](auto& v) { return v.esp(); }},
    {"esp_authentication", "Algorithm", [](auto& v) { return HashText(v.esp_hash); }},
    {"esp_encryption", "Algorithm", [](auto& v) { return CipherText(v); }},
    {"for_card", "It is for the encryption card", [](auto& v) { return v.for_card; }},
    {"card_assigned", "The card does it", [](auto& v) { return v.card_assigned; }},
});
constexpr auto kProposals = Fields<IpsecProposalsView>({
    {"proposals", "By name", [](auto& v) { return List<kProposal>(v); }},
});

constexpr auto kManualSa = Fields<ManualSaConfig>({
    {"spi", "0: none", [](auto& v) { return v.spi; }, {{}, 0, SpiText}},
    {"string_key", "There is one", [](auto& v) { return !v.text.empty(); }, kPresent},
    {"encryption_key", "There is one", [](auto& v) { return !v.encryption.empty(); }, kPresent},
    {"authentication_key", "There is one", [](auto& v) { return !v.authentication.empty(); }, kPresent},
});
// A policy, or the first one of a group.
struct PolicyView {
  const PolicyUse& use;
  bool first;
};
constexpr auto kPolicy = Fields<PolicyView>({
    {"name", "Group", [](auto& v) { return v.use.policy->name; }},
    {"number", "In the group", [](auto& v) { return v.use.policy->number; }},
    {"label", "name-number", [](auto& v) { return fmt::format("{}-{}", v.use.policy->name, v.use.policy->number); }},
    {"first", "It is the first one shown of its group", [](auto& v) { return v.first; }},
    {"interfaces",
     "That have the group",
     [](auto& v) { return v.use.interfaces; },
     {{},
      0,
      [](const Value& value) {
        return fmt::format("{}", fmt::join(std::get<std::vector<std::string>>(value.held), ", "));
      }}},
    {"mode", "manual, isakmp or template", [](auto& v) { return ModeText(v.use.policy->mode); }},
    {"template", "Its template, or empty", [](auto& v) { return v.use.policy->from_template; }},
    {"acl", "What it protects; 0: none", [](auto& v) { return v.use.policy->acl; }, {{}, 0, ZeroAsNothing}},
    {"brief_acl", "The same, for brief", [](auto& v) { return v.use.policy->acl; }, {{}, 0, ZeroAsDash}},
    {"manual", "Its mode is manual", [](auto& v) { return v.use.policy->mode == IpsecMode::kManual; }},
    {"proposals", "In the order of preference", [](auto& v) { return v.use.policy->proposals; }},
    {"ike_peer", "Of isakmp, or empty", [](auto& v) { return v.use.policy->ike_peer; }},
    {"pfs_group", "DH group; 0: none", [](auto& v) { return v.use.policy->pfs_group; }, kGroup},
    {"duration_seconds", "Lifetime", [](auto& v) { return v.use.policy->duration_seconds; }},
    {"duration_kilobytes", "Lifetime", [](auto& v) { return v.use.policy->duration_kilobytes; }},
    {"tunnel_local", "As configured, or empty", [](auto& v) { return AddressText(v.use.policy->tunnel_local); }},
    {"tunnel_remote", "As configured, or empty", [](auto& v) { return AddressText(v.use.policy->tunnel_remote); }},
    {"local", "As far as it is known, or empty", [](auto& v) { return AddressText(v.use.local); }},
    {"remote", "As far as it is known, or empty", [](auto& v) { return AddressText(v.use.remote); }},
    {"inbound_ah", "Of manual", [](auto& v) { return Part1<kManualSa>(v.use.policy->in_ah); }},
    {"inbound_esp", "Of manual", [](auto& v) { return Part1<kManualSa>(v.use.policy->in_esp); }},
    {"outbound_ah", "Of manual", [](auto& v) { return Part1<kManualSa>(v.use.policy->out_ah); }},
    {"outbound_esp", "Of manual", [](auto& v) { return Part1<kManualSa>(v.use.policy->out_esp); }},
});
ListOf<kPolicy> Policies(const PoliciesView& uses) {
  std::vector<PolicyView> out;
  for (const PolicyUse& use : uses)
    out.push_back({use, out.empty() || out.back().use.policy->name != use.policy->name});
  return List<kPolicy>(out);
}
constexpr auto kPolicies = Fields<PoliciesView>({
    {"policies", "By name and number", [](auto& v) { return Policies(v); }},
});

constexpr auto kDuration = Fields<IpsecConfig>({
    {"duration_kilobytes", "Global lifetime", [](auto& v) { return v.duration_kilobytes; }},
    {"duration_seconds", "Global lifetime", [](auto& v) { return v.duration_seconds; }},
});

#define SW_AH(direction, part)           \
  "{*" part "}    " direction            \
  " AH setting:\n"                       \
  "        AH spi:{spi}\n"               \
  "        AH string-key:{string_key}\n" \
  "        AH authentication hex key :{authentication_key}\n{/}"
#define SW_ESP(direction, part)                       \
  "{*" part "}    " direction                         \
  " ESP setting:\n"                                   \
  "        ESP spi:{spi}\n"                           \
  "        ESP string-key:{string_key}\n"             \
  "        ESP encryption hex key:{encryption_key}\n" \
  "        ESP authentication hex key:{authentication_key}\n{/}"
#define SW_POLICY(kind) \
  "\n  -----------------------------\n  IPsec " kind " name: \"{name}\"\n  sequence number: {number}\n"    \
  "  mode: {mode}\n  -----------------------------\n"                                                       \
  "{?template}    policy template name: {template}\n{:}"                                                    \
  "    security data flow : {acl}\n"                                                                        \
  "{?manual}    proposal name: {proposals}\n    tunnel local address: {tunnel_local}\n"                     \
  "    tunnel remote address: {tunnel_remote}\n" SW_AH("inbound", "inbound_ah")                             \
      SW_ESP("inbound", "inbound_esp") SW_AH("outbound", "outbound_ah") SW_ESP("outbound", "outbound_esp")  \
  "{:}    ike-peer name: {ike_peer}\n    perfect forward secrecy: {pfs_group}\n    proposal name: {proposals}\n" \
  "    ipsec sa local duration(time based): {duration_seconds} seconds\n"                                   \
  "    ipsec sa local duration(traffic based): {duration_kilobytes} kilobytes\n{/}{/}"
#define SW_DOUBLE "===========================================\n"

}  // namespace

constexpr DisplayOf<IpsecProposalsView> kIpsecProposalsDisplay(
    kProposals,
    "{*proposals}{,}\n{/}  IPsec proposal name: {name}\n    encapsulation mode: {mode}\n    transform: {transform}\n"
    "{?ah}    AH protocol: authentication {ah_authentication}\n{/}"
    "{?esp}    ESP protocol: authentication {esp_authentication}, encryption {esp_encryption}\n{/}"
    "{?for_card}    encryption card: {?card_assigned}1/0{:}not assigned{/}\n{/}{/}");
constexpr DisplayOf<PoliciesView> kPoliciesDisplay(
    kPolicies,
    "{*policies}{?first}{,}\n{/}" SW_DOUBLE
    "IPsec Policy Group: \"{name}\"\nUsing interface: {{{interfaces}}\n" SW_DOUBLE "{/}" SW_POLICY("policy") "{/}");
constexpr DisplayOf<PoliciesView> kTemplatesDisplay(kPolicies, "{*policies}" SW_POLICY("policy template") "{/}");
constexpr Layout kPoliciesBrief(
    kPolicies,
    "{?policies}IPsec-Policy-Name     Mode      acl     Local Address   Remote Address\n{-72}\n"
    "{*policies}{label:21} {mode:9} {brief_acl:7} {local:15} {remote}\n{/}{/}");
constexpr Layout kTemplatesBrief(kPolicies,
                                 "{?policies}Policy-template-Name  acl     Remote-Address\n{-72}\n"
                                 "{*policies}{label:21} {brief_acl:7} {remote}\n{/}{/}");
constexpr DisplayOf<IpsecConfig> kDurationDisplay(
    kDuration,
    "ipsec sa global duration (traffic based): {duration_kilobytes} kilobytes\n"
    "ipsec sa global duration (time based): {duration_seconds} seconds\n");

}  // namespace sw::cli
