// The views of the command line. Sub-views hang directly below system view. A view is one entry of the enumeration and
// one row of kViewRows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sw::cli {

enum class View : std::uint8_t {
  kUser,
  kSystem,
  kGigabitEthernet,
  kLoopBack,
  kTunnel,
  kVirtualTemplate,
  kNull,
  kEncrypt,
  kIspDomain,
  kLocalUser,
  kRadiusScheme,
  kHwtacacsScheme,
  kAclInterface,
  kAclBasic,
  kAclAdvanced,
  kAclMac,
  kIkeProposal,
  kIkePeer,
  kIkeDpd,
  kPkiDomain,
  kIpsecProposal,
  kIpsecCardProposal,
  kIpsecPolicyManual,
  kIpsecPolicyIsakmp,
  kIpsecPolicyTemplate,
  kDvpnClass,
  kDvpnPolicy,
  kL2tpGroup,
  kUserInterface,
  kCount,
};
inline constexpr std::size_t kViews = static_cast<std::size_t>(View::kCount);

using Views = std::uint64_t;  // a set
static_assert(kViews < 64);
constexpr Views In(View view) {
  return Views{1} << static_cast<unsigned>(view);
}
inline constexpr Views kAnyView = (Views{1} << kViews) - 1;
inline constexpr Views kAllButUser = kAnyView & ~In(View::kUser);
inline constexpr Views kInterfaceViews =
    In(View::kGigabitEthernet) | In(View::kLoopBack) | In(View::kTunnel) | In(View::kVirtualTemplate) | In(View::kNull);
inline constexpr Views kAclViews =
    In(View::kAclInterface) | In(View::kAclBasic) | In(View::kAclAdvanced) | In(View::kAclMac);

struct ViewRow {
  View view;
  std::string_view heading;      // the first words of what `?` alone prints: "... view commands:"
  std::string_view prompt = {};  // stands before the object's name in the prompt: [sysname-luser-NAME]
  std::string_view name = {};    // as `command-privilege` calls it; empty: it does not
};
inline constexpr ViewRow kViewRows[] = {
    {View::kUser, "User", "", "shell"},
    {View::kSystem, "System", "", "system"},
    {View::kGigabitEthernet, "GigabitEthernet-interface", "", "gigabitethernet"},
    {View::kLoopBack, "LoopBack-interface", "", "loopback"},
    {View::kTunnel, "Tunnel-interface", "", "tunnel"},
    {View::kVirtualTemplate, "Virtual-Template-interface"},
    {View::kNull, "NULL-interface", "", "null"},
    {View::kEncrypt, "Encrypt-interface", "Encrypt"},
    {View::kIspDomain, "ISP domain", "isp-", "isp"},
    {View::kLocalUser, "Local user", "luser-", "luser"},
    {View::kRadiusScheme, "RADIUS scheme", "radius-"},
    {View::kHwtacacsScheme, "HWTACACS scheme", "hwtacacs-"},
    {View::kAclInterface, "Interface-based ACL", "acl-if-"},
    {View::kAclBasic, "Basic ACL", "acl-basic-"},
    {View::kAclAdvanced, "Advanced ACL", "acl-adv-"},
    {View::kAclMac, "MAC ACL", "acl-ethernetframe-"},
    {View::kIkeProposal, "IKE proposal", "ike-proposal-", "ike-proposal"},
    {View::kIkePeer, "IKE peer", "ike-peer-", "ike-peer"},
    {View::kIkeDpd, "IKE DPD", "ike-dpd-"},
    {View::kPkiDomain, "PKI domain", "pki-domain-"},
    {View::kIpsecProposal, "IPsec proposal", "ipsec-proposal-", "ipsec-proposal"},
    {View::kIpsecCardProposal, "IPsec card proposal", "ipsec-card-proposal-", "ipsec-card-proposal"},
    {View::kIpsecPolicyManual, "Manual IPsec policy", "ipsec-policy-manual-"},
    {View::kIpsecPolicyIsakmp, "ISAKMP IPsec policy", "ipsec-policy-isakmp-"},
    {View::kIpsecPolicyTemplate, "IPsec policy template", "ipsec-policy-template-"},
    {View::kDvpnClass, "DVPN class", "dvpn-class-", "dvpn-class"},
    {View::kDvpnPolicy, "DVPN policy", "dvpn-policy-", "dvpn-policy"},
    {View::kL2tpGroup, "L2TP group", "l2tp", "l2tp-group"},
    {View::kUserInterface, "User interface", "ui-", "user-interface"},
};
consteval bool ViewRowsInOrder() {
  std::size_t at = 0;
  for (const ViewRow& row : kViewRows)
    if (static_cast<std::size_t>(row.view) != at++) return false;
  return at == kViews;
}
static_assert(ViewRowsInOrder(), "one row per view, in the order of the enumeration");

constexpr std::string_view Heading(View view) {
  return kViewRows[static_cast<std::size_t>(view)].heading;
}
constexpr std::string_view PromptWord(View view) {
  return kViewRows[static_cast<std::size_t>(view)].prompt;
}

}  // namespace sw::cli
