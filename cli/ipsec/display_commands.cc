// What IPsec is configured to do, and does. Syntax: recollection, confirmed by contents lists of later manuals.
#include "cli/grammar/named_objects.h"
#include "cli/grammar/sa_protocol.h"
#include "cli/ipsec/displays.h"
#include "cli/ipsec/state_displays.h"
#include "cli/session/operator.h"
#include "cli/session/refusals.h"
#include "cli/subjects.h"
#include "device/config/config.h"
#include "device/device.h"
#include "device/ipsec/host.h"

namespace sw::cli {
namespace {

using device::IpsecConfig;
using device::IpsecPolicyConfig;

const IpsecConfig& ConfigOf(Operator& session) {
  return session.device().config().ipsec;
}

// The addresses between which a policy works, as far as the configuration tells.
PolicyUse UseOf(Operator& session, const IpsecPolicyConfig& policy) {
  PolicyUse use{.policy = &policy, .interfaces = {}, .local = policy.tunnel_local, .remote = policy.tunnel_remote};
  for (const device::InterfaceConfig& interface : session.device().config().interfaces) {
    if (interface.ipsec_policy != policy.name) continue;
    use.interfaces.push_back(interface.name);
    if (use.local.empty() && !interface.addresses.empty()) use.local = interface.addresses.front().address;
  }
  const auto& peers = session.device().config().ike.peers;
  if (const auto peer = peers.find(policy.ike_peer); peer != peers.end()) {
    use.remote = peer->second.remote_address;
    if (!peer->second.local_address.empty()) use.local = peer->second.local_address;
  }
  return use;
}

template <typename Policies>
std::vector<PolicyUse> Chosen(Operator& session, const Match& match, const Policies& policies) {
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

Status ShowPolicies(Operator& session, const PoliciesView& uses, const Match& match,
                    const DisplayOf<PoliciesView>& display, const Layout& brief) {
  if (uses.empty() && !match.Text("name").empty()) return NoSuch("The policy");
  if (match.Has("brief")) {
    session.Show(display, uses, brief);
  } else {
    session.Show(display, uses);
  }
  return {};
}

Status DisplayPolicy(Operator& session, const Match& match) {
  return ShowPolicies(session, Chosen(session, match, ConfigOf(session).policies), match, kPoliciesDisplay,
                      kPoliciesBrief);
}

Status DisplayTemplate(Operator& session, const Match& match) {
  return ShowPolicies(session, Chosen(session, match, ConfigOf(session).templates), match, kTemplatesDisplay,
                      kTemplatesBrief);
}

Status DisplayProposal(Operator& session, const Match& match) {
  const auto proposals = Named(match, ConfigOf(session).proposals, "The proposal");
  if (!proposals.ok()) return proposals.status();
  session.Show(kIpsecProposalsDisplay, *proposals);
  return {};
}

Status DisplayDuration(Operator& session, const Match&) {
  session.Show(kDurationDisplay, ConfigOf(session));
  return {};
}

// Of the remote end or the policy that is named, or all.
Status DisplaySa(Operator& session, const Match& match) {
  BundlesView bundles = session.device().ipsec().gateway().bundles();
  const std::string name = match.Text("name");
  const std::optional<std::int64_t> number = match.Int("number");
  const std::optional<Ipv4> remote = Ipv4::Parse(match.Text("remote"));
  std::erase_if(bundles, [&](const ipsec::BundleView& bundle) {
    return (!name.empty() && bundle.policy != name) || (number && bundle.number != *number) ||
           (remote && bundle.remote != *remote);
  });
  if (match.Has("brief")) {
    session.Show(kIpsecSasDisplay, bundles, kIpsecSasBrief);
  } else {
    session.Show(kIpsecSasDisplay, bundles);
  }
  return {};
}

Status DisplayTunnel(Operator& session, const Match&) {
  session.Show(kIpsecTunnelsDisplay, session.device().ipsec().gateway().bundles());
  return {};
}

Status DisplayStatistics(Operator& session, const Match&) {
  session.Show(kIpsecStatisticsDisplay, session.device().ipsec().gateway().statistics());
  return {};
}

// Guide page 386: `parameters` names the outbound SA, and what belongs to it goes too.
Status ResetSa(Operator& session, const Match& match) {
  ipsec::Gateway::Which which;
  which.remote = Ipv4::Parse(match.Text("remote"));
  which.policy = match.Text("name");
  if (const auto number = match.Int("number")) which.number = static_cast<int>(*number);
  if (const auto spi = match.Int("spi")) {
    const Result<ipsec::SaProtocol> protocol = SaProtocolOf(match.Text("protocol"));
    if (!protocol.ok()) return protocol.status();
    which.protocol = *protocol;
    which.outbound_spi = static_cast<std::uint32_t>(*spi);
  }
  const std::size_t ended = session.device().ipsec().Reset(which);
  if (ended == 0 && which.protocol) return {Code::kNotFound, "There is no such outbound SA"};
  return {};
}

Status ResetStatistics(Operator& session, const Match&) {
  session.device().ipsec().gateway().ResetStatistics();
  return {};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec policy [ brief | name <name:ipsec_policy.name> [ <number:ipsec_policy.number> ] ]",
     .help = "|IP security|Policies|One line each|One group|Policy name|Number",
     .run = DisplayPolicy,
     .shows = &kPoliciesDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec policy-template [ brief | name <name:ipsec_policy_template.name> [ "
             "<number:ipsec_policy.number> ] ]",
     .help = "||Templates of policies|One line each|One group|Template name|Number",
     .run = DisplayTemplate,
     .shows = &kTemplatesDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec proposal [ <name:ipsec_proposal.name> ]",
     .help = "||How packets are protected|Proposal name",
     .run = DisplayProposal,
     .shows = &kIpsecProposalsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec sa [ brief | remote <remote:ip> | policy <name:ipsec_policy.name> [ "
             "<number:ipsec_policy.number> ] ]",
     .help = "||Security associations|One line each|Of one other end|IP address|Of one group|Policy name|Number",
     .run = DisplaySa,
     .shows = &kIpsecSasDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec tunnel",
     .help = "||Pairs of security associations",
     .run = DisplayTunnel,
     .shows = &kIpsecTunnelsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec statistics",
     .help = "||Counters of packets",
     .run = DisplayStatistics,
     .shows = &kIpsecStatisticsDisplay},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset ipsec sa [ remote <remote:ip> | policy <name:ipsec_policy.name> [ <number:ipsec_policy.number> ] | "
             "parameters "
             "<remote:ip> <protocol:string:1-3> <spi:ipsec_policy.in_esp_spi> ]",
     .help = "|IP security|Security associations|Of one other end|IP address|Of one group|Policy name|Number|The pair "
             "of one outbound SA|Other end|ah or esp|Index",
     .run = ResetSa},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset ipsec statistics",
     .help = "||Counters of packets",
     .run = ResetStatistics},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ipsec sa duration",
     .help = "||Security associations|Global lifetimes",
     .run = DisplayDuration,
     .shows = &kDurationDisplay},
};

}  // namespace

std::span<const Command> IpsecDisplayCommands() {
  return kCommands;
}

}  // namespace sw::cli
