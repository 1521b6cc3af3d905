// What IKE is configured to do.
#include <fmt/format.h>

#include <array>

#include "cli/display/mask.h"
#include "cli/ike/displays.h"

namespace sw::cli {
namespace {

using namespace device;

std::string CipherName(const IkeProposalConfig& p) {
  static constexpr std::array<std::string_view, 2> kCipher = {"DES_CBC", "3DES_CBC"};
  if (p.cipher == IkeCipher::kAes) return fmt::format("AES_CBC_{}", p.key_bits);
  return std::string(kCipher[static_cast<std::size_t>(p.cipher)]);
}
std::string_view HashName(const IkeProposalConfig& p) {
  static constexpr std::array<std::string_view, 3> kHash = {"MD5", "SHA", "SHA2_256"};
  return kHash[static_cast<std::size_t>(p.hash)];
}
std::string GroupName(const IkeProposalConfig& p) {
  const int bits = p.dh_group == 1 ? 768 : p.dh_group == 2 ? 1024 : p.dh_group == 5 ? 1536 : 2048;
  return fmt::format("MODP_{}", bits);
}
struct ProposalView {
  std::string priority;
  IkeProposalConfig proposal;
};
constexpr auto kProposal = Fields<ProposalView>({
    {"priority", "Number, or default", [](auto& v) { return v.priority; }},
    {"authentication", "Method", [](auto& v) { return v.proposal.rsa_signature ? "RSA_SIG" : "PRE_SHARED"; }},
    {"hash", "Algorithm", [](auto& v) { return HashName(v.proposal); }},
    {"encryption", "Algorithm", [](auto& v) { return CipherName(v.proposal); }},
    {"group", "Diffie-Hellman", [](auto& v) { return GroupName(v.proposal); }},
    {"duration_seconds", "Lifetime", [](auto& v) { return v.proposal.duration_seconds; }},
});
ListOf<kProposal> Proposals(const IkeConfig& config) {
  std::vector<ProposalView> out;
  for (const IkeProposalConfig& proposal : config.Offered())
    out.push_back({proposal.number == 0 ? "default" : std::to_string(proposal.number), proposal});
  return List<kProposal>(out);
}
constexpr auto kProposals = Fields<IkeConfig>({
    {"proposals", "By priority", [](auto& v) { return Proposals(v); }},
});

std::string AddressText(Ipv4 address) {
  return address.empty() ? std::string() : address.ToString();
}
std::string RemoteText(const IkePeerConfig& peer) {
  return AddressText(peer.remote_address) + (peer.remote_high.empty() ? "" : " - " + peer.remote_high.ToString());
}
constexpr auto kPeer = Fields<IkePeerConfig>({
    {"name", "Peer", [](auto& v) { return v.name; }},
    {"mode", "main or aggressive", [](auto& v) { return v.aggressive ? "aggressive" : "main"; }},
    {"pre_shared_key",
     "There is one",
     [](auto& v) { return !v.pre_shared_key.text.empty(); },
     {{}, 0, [](const Value& value) { return std::get<bool>(value.held) ? " " + std::string(kMask) : ""; }}},
    {"id_type", "ip or name", [](auto& v) { return v.id_name ? "name" : "ip"; }},
    {"remote_address", "Of the peer, or from - to, or empty", [](auto& v) { return RemoteText(v); }},
    {"local_address", "As configured, or empty", [](auto& v) { return AddressText(v.local_address); }},
    {"remote_name", "As configured, or empty", [](auto& v) { return v.remote_name; }},
    {"nat_traversal", "It is looked for", [](auto& v) { return v.nat_traversal; }},
    {"dpd", "Its name, or empty", [](auto& v) { return v.dpd; }},
    {"certificate_domain", "As configured, or empty", [](auto& v) { return v.certificate_domain; }},
});
constexpr auto kPeers = Fields<IkePeersView>({
    {"peers", "By name", [](auto& v) { return List<kPeer>(v); }},
});

constexpr auto kDpd = Fields<DpdView>({
    {"name", "Dead peer detection", [](auto& v) { return v.dpd->name; }},
    {"references", "Peers that use it", [](auto& v) { return v.references; }},
    {"interval_seconds", "Silence before it asks", [](auto& v) { return v.dpd->interval_seconds; }},
    {"timeout_seconds", "How long it waits", [](auto& v) { return v.dpd->timeout_seconds; }},
});
constexpr auto kDpds = Fields<std::vector<DpdView>>({
    {"dpds", "By name", [](auto& v) { return List<kDpd>(v); }},
});

}  // namespace

constexpr DisplayOf<IkeConfig> kIkeProposalsDisplay(
    kProposals,
    " priority authentication authentication encryption Diffie-Hellman duration\n"
    "              method       algorithm    algorithm     group       (seconds)\n"
    "---------------------------------------------------------------------------\n"
    "{*proposals}  {priority:8} {authentication:14} {hash:11} {encryption:13} {group:14} {duration_seconds}\n{/}");
constexpr DisplayOf<IkePeersView> kIkePeersDisplay(
    kPeers,
    "{*peers}{,}\n{/}{-27}\n IKE Peer: {name}\n   exchange mode: {mode} on phase 1\n   "
    "pre-shared-key:{pre_shared_key}\n"
    "   peer id type: {id_type}\n   peer ip address: {remote_address}\n   local ip address: {local_address}\n"
    "   peer name: {remote_name}\n   nat traversal: {?nat_traversal}enable{:}disable{/}\n   dpd: {dpd}\n"
    "{?certificate_domain}   certificate domain: {certificate_domain}\n{/}{-27}\n{/}");
constexpr DisplayOf<std::vector<DpdView>> kDpdsDisplay(
    kDpds,
    "{*dpds}{,}\n{/}{-27}\n IKE dpd: {name}\n   references: {references}\n   interval-time: {interval_seconds}\n"
    "   time_out: {timeout_seconds}\n{-27}\n{/}");

}  // namespace sw::cli
