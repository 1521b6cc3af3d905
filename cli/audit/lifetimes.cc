// How long keys live, and whether old traffic falls with one key. The limits are those that the documents are
// remembered to have; none of their texts was read.
#include <fmt/format.h>

#include "cli/audit/rule.h"
#include "cli/audit/users.h"

namespace sw::cli {
namespace {

constexpr std::uint32_t kHour = 3600, kIkeLimit = 24 * kHour;
// By profile: SP 800-77 is remembered to say 8 hours, TR-02102-3 to say 4.
constexpr std::array<std::uint32_t, kProfiles> kSaLimit = {8 * kHour, 8 * kHour, 4 * kHour};

std::uint32_t SaLimit(const AuditInput& input) {
  return kSaLimit[static_cast<std::size_t>(input.profile)];
}
std::string Lives(std::uint64_t seconds, std::uint32_t limit) {
  return fmt::format("it lives for {} seconds; {} are enough", seconds, limit);
}

void FindIke(const AuditInput& input, std::vector<Hit>& out) {
  for (const auto& [number, proposal] : input.config.ike.proposals) {
    if (proposal.duration_seconds <= kIkeLimit) continue;
    Hit hit{.table = "ike_proposal", .key = std::to_string(number), .column = "sa_duration"};
    hit.object = fmt::format("ike proposal {}", number);
    hit.what = Lives(proposal.duration_seconds, kIkeLimit);
    hit.users = Peers(input.config);
    hit.mend = {hit.object, fmt::format(" sa duration {}", kIkeLimit)};
    out.push_back(std::move(hit));
  }
}

void FindIpsec(const AuditInput& input, std::vector<Hit>& out) {
  const std::uint32_t limit = SaLimit(input);
  const device::IpsecConfig& ipsec = input.config.ipsec;
  if (ipsec.duration_seconds > limit) {
    Hit hit{.table = "ipsec_global", .key = "1", .column = "duration_seconds", .object = "ipsec sa global-duration"};
    hit.what = Lives(ipsec.duration_seconds, limit);
    hit.mend = {fmt::format("ipsec sa global-duration time-based {}", kHour)};
    EachPolicy(input.config, [&](const device::IpsecPolicyConfig& policy, bool is_template) {
      if (!policy.own_seconds && policy.mode != device::IpsecMode::kManual)
        hit.users.push_back(PolicyText(policy, is_template));
    });
    out.push_back(std::move(hit));
  }
  EachPolicy(input.config, [&](const device::IpsecPolicyConfig& policy, bool is_template) {
    if (!policy.own_seconds || policy.duration_seconds <= limit || policy.mode == device::IpsecMode::kManual) return;
    Hit hit{.table = is_template ? "ipsec_policy_template" : "ipsec_policy", .column = "duration_seconds"};
    hit.key = fmt::format("{} {}", policy.name, policy.number);
    hit.object = PolicyText(policy, is_template);
    hit.what = Lives(policy.duration_seconds, limit);
    hit.users = UsersOfPolicy(input.config, policy, is_template);
    hit.mend = {hit.object, fmt::format(" sa duration time-based {}", kHour)};
    out.push_back(std::move(hit));
  });
}

void FindDvpn(const AuditInput& input, std::vector<Hit>& out) {
  const std::uint32_t limit = SaLimit(input);
  for (const auto& [name, policy] : input.config.dvpn.policies) {
    const auto seconds = static_cast<std::uint64_t>(policy.policy.sa_duration.count());
    if (seconds <= limit) continue;
    Hit hit{.table = "dvpn_policy", .key = name, .column = "data_sa_duration", .object = "dvpn policy " + name};
    hit.what = Lives(seconds, limit);
    hit.users = UsersOfDvpnPolicy(input.config, name);
    hit.mend = {hit.object, fmt::format(" data ipsec-sa duration time-based {}", kHour)};
    out.push_back(std::move(hit));
  }
}

void FindNoPfs(const AuditInput& input, std::vector<Hit>& out) {
  EachPolicy(input.config, [&](const device::IpsecPolicyConfig& policy, bool is_template) {
    if (policy.pfs_group != 0 || policy.mode == device::IpsecMode::kManual) return;
    Hit hit{.table = is_template ? "ipsec_policy_template" : "ipsec_policy", .column = "pfs"};
    hit.key = fmt::format("{} {}", policy.name, policy.number);
    hit.object = PolicyText(policy, is_template);
    hit.what = "its keys come from those of the ISAKMP SA";
    hit.users = UsersOfPolicy(input.config, policy, is_template);
    hit.mend = {hit.object, " pfs dh-group14"};
    hit.both_ends = true;
    out.push_back(std::move(hit));
  });
}

constexpr Citation kLifeDocs[] = {{&kSp800_77, "", ""}, {&kTr02102, "2.1.2", ""}};
constexpr Citation kPfsDocs[] = {
    {&kRfc8247Draft, "security considerations",
     "who breaks the group of IKE, even years later, has the keys of all ESP traffic (in its words)", Seen::kDraftRead},
    {&kRfc2409, "5.5", ""}};

constexpr Rule kRules[] = {
    {"pfs-off",
     "lifetimes",
     Always(Severity::kWarning),
     {324, 0},
     "No perfect forward secrecy",
     "One ISAKMP SA that falls opens all traffic whose keys were negotiated in it.",
     kPfsDocs,
     FindNoPfs},
    {"ike-lifetime",
     "lifetimes",
     Always(Severity::kWarning),
     {324, 0},
     "A long life of ISAKMP SAs",
     "The longer a key lives, the more falls with it.",
     kLifeDocs,
     FindIke},
    {"ipsec-lifetime",
     "lifetimes",
     Always(Severity::kWarning),
     {324, 0},
     "A long life of IPsec SAs",
     "The longer a key lives, the more falls with it.",
     kLifeDocs,
     FindIpsec},
    {"dvpn-lifetime",
     "lifetimes",
     Always(Severity::kWarning),
     {324, 0},
     "A long life of DVPN's SAs",
     "The longer a key lives, the more falls with it.",
     kLifeDocs,
     FindDvpn},
};

}  // namespace

std::span<const Rule> LifetimeRules() {
  return kRules;
}

}  // namespace sw::cli
