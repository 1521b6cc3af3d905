// What IPsec and IKE are configured to do. Syntax: recollection, confirmed by contents lists of later manuals.
#include "cli/commands/tables.h"
#include "cli/render/ipsec.h"
#include "cli/session/session.h"

namespace sw::cli {
namespace {

using device::IpsecConfig;
using device::IpsecPolicyConfig;

const IpsecConfig& ConfigOf(Session& session) {
  return session.device().config().ipsec;
}

// The addresses between which a policy works, as far as the configuration tells.
PolicyUse UseOf(Session& session, const IpsecPolicyConfig& policy) {
  PolicyUse use{.policy = &policy, .interfaces = {}, .local = policy.tunnel_local, .remote = policy.tunnel_remote};
  for (const device::InterfaceConfig& interface : session.device().config().interfaces) {
    if (interface.ipsec_policy != policy.name) continue;
    use.interfaces.push_back(interface.name);
    if (use.local.empty() && !interface.addresses.empty()) use.local = interface.addresses.front().address;
  }
  const auto peer = ConfigOf(session).peers.find(policy.ike_peer);
  if (peer != ConfigOf(session).peers.end()) {
    use.remote = peer->second.remote_address;
    if (!peer->second.local_address.empty()) use.local = peer->second.local_address;
  }
  return use;
}

template <typename Policies>
std::vector<PolicyUse> Chosen(Session& session, const Match& match, const Policies& policies) {
  const std::string name = match.Text("name");
  const std::optional<std::int64_t> number = match.Int("number");
  std::vector<PolicyUse> out;
  for (const auto& [key, policy] : policies) {
    if (!name.empty() && key.first != name) continue;
    if (number && key.second != *number) continue;
    out.push_back(UseOf(session, policy));
  }
  return out;
}

Status PrintOrMissing(Session& session, const std::vector<PolicyUse>& uses, const Match& match,
                      std::string (*text)(const std::vector<PolicyUse>&)) {
  if (uses.empty() && !match.Text("name").empty()) return {Code::kNotFound, "The policy does not exist"};
  if (!uses.empty()) session.Print(text(uses));
  return {};
}

Status DisplayPolicy(Session& session, const Match& match) {
  return PrintOrMissing(session, Chosen(session, match, ConfigOf(session).policies), match,
                        match.Has("brief") ? IpsecPolicyBrief : IpsecPolicyText);
}

Status DisplayTemplate(Session& session, const Match& match) {
  return PrintOrMissing(session, Chosen(session, match, ConfigOf(session).templates), match,
                        match.Has("brief") ? IpsecTemplateBrief : IpsecTemplateText);
}

// Those of a map, or the one that is named.
template <typename Objects, typename Print>
Status DisplayObjects(Session& session, const Match& match, const Objects& objects, std::string_view kind,
                      Print print) {
  const std::string name = match.Text("name");
  std::string out;
  for (const auto& [key, object] : objects) {
    if (name.empty() || key == name) out += (out.empty() ? "" : "\n") + print(object);
  }
  if (out.empty() && !name.empty()) return {Code::kNotFound, std::string(kind) + " " + name + " does not exist"};
  session.Print(out);
  return {};
}

Status DisplayProposal(Session& session, const Match& match) {
  return DisplayObjects(session, match, ConfigOf(session).proposals, "The proposal", IpsecProposalText);
}

Status DisplayDuration(Session& session, const Match&) {
  session.Print(IpsecDurationText(ConfigOf(session)));
  return {};
}

Status DisplayIkeProposal(Session& session, const Match&) {
  session.Print(IkeProposalText(ConfigOf(session)));
  return {};
}

Status DisplayPeer(Session& session, const Match& match) {
  return DisplayObjects(session, match, ConfigOf(session).peers, "The peer", IkePeerText);
}

Status DisplayDpd(Session& session, const Match& match) {
  const auto text = [&](const device::IkeDpdConfig& dpd) {
    std::size_t references = 0;
    for (const auto& [name, peer] : ConfigOf(session).peers) references += peer.dpd == dpd.name ? 1 : 0;
    return IkeDpdText(dpd, references);
  };
  return DisplayObjects(session, match, ConfigOf(session).dpds, "The DPD", text);
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec policy [ brief | name <name:string:1-15> [ <number:int:1-10000> ] ]",
     .help = "|IP security|Policies|One line each|One group|Policy name|Number",
     .run = DisplayPolicy},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec policy-template [ brief | name <name:string:1-15> [ <number:int:1-10000> ] ]",
     .help = "||Templates of policies|One line each|One group|Template name|Number",
     .run = DisplayTemplate},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec proposal [ <name:string:1-15> ]",
     .help = "||How packets are protected|Proposal name",
     .run = DisplayProposal},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec sa duration",
     .help = "||Security associations|Global lifetimes",
     .run = DisplayDuration},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike proposal",
     .help = "|Internet key exchange|Algorithms of ISAKMP SAs",
     .run = DisplayIkeProposal},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike peer [ <name:string:1-15> ]",
     .help = "||Other devices|Peer name",
     .run = DisplayPeer},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike dpd [ <name:string:1-15> ]",
     .help = "||Dead peer detection|DPD name",
     .run = DisplayDpd},
};

}  // namespace

std::span<const Command> IpsecDisplayCommands() {
  return kCommands;
}

}  // namespace sw::cli
