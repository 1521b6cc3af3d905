#include "cli/audit/migrate_ipsec.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "cli/audit/users.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

using device::IpsecCipher;
using device::IpsecHash;
using device::IpsecPolicyConfig;
using device::IpsecProposalConfig;

constexpr int kStrongGroup = 14, kStrongBits = 256;
constexpr std::size_t kMostProposals = 6;  // of a policy

// The same transform and mode, with algorithms that are in order.
IpsecProposalConfig StrongOf(IpsecProposalConfig p) {
  if (p.ah()) p.ah_hash = IpsecHash::kSha256;
  if (!p.esp()) return p;
  if (p.esp_cipher == IpsecCipher::kAesGcm) return p;
  if (p.esp_cipher != IpsecCipher::kAes) {
    p.esp_cipher = IpsecCipher::kAes;
    p.esp_key_bits = kStrongBits;
  }
  if (p.esp_hash != IpsecHash::kNone || !p.ah()) p.esp_hash = IpsecHash::kSha256;
  return p;
}

bool Same(IpsecProposalConfig a, const IpsecProposalConfig& b) {
  a.name = b.name;
  return a == b;
}

class Lists {
 public:
  Lists(const device::Config& config, Migration& out) : config_(config), out_(out) {}

  void Run() {
    EachPolicy(config_, [&](const IpsecPolicyConfig& policy, bool is_template) {
      if (policy.mode == device::IpsecMode::kManual) return Manual(policy, is_template);
      List(policy, is_template);
    });
    Forget();
  }
  // What a policy names after the stage.
  std::vector<std::string> After(const IpsecPolicyConfig& policy) {
    std::vector<std::string> out = policy.proposals;
    if (out_.stage == 1)
      for (const std::string& name : policy.proposals)
        if (const std::string strong = Twin(name); std::ranges::find(out, strong) == out.end()) out.push_back(strong);
    const auto weak = [&](const std::string& name) { return !Strong(name); };
    if (out_.stage == 2)
      std::stable_partition(out.begin(), out.end(), [&](const std::string& name) { return Strong(name); });
    if (out_.stage == 3 && !std::ranges::all_of(out, weak)) std::erase_if(out, weak);
    return out;
  }

 private:
  bool Strong(const std::string& name) const {
    const auto found = config_.ipsec.proposals.find(name);
    return found == config_.ipsec.proposals.end() || IsStrong(found->second);
  }

  void List(const IpsecPolicyConfig& policy, bool is_template) {
    const std::string text = PolicyText(policy, is_template);
    const std::vector<std::string> after = After(policy);
    if (after.size() > kMostProposals) {
      out_.blocked.push_back(fmt::format("{} names {} proposals already: there is no room for a strong one beside",
                                         text, policy.proposals.size()));
      return;
    }
    if (out_.stage > 1 && !after.empty() && std::ranges::none_of(after, [&](const auto& n) { return Strong(n); }))
      out_.blocked.push_back(text + " names no strong proposal: stage 1 comes first, at both ends");
    for (const std::string& name : policy.proposals)
      if (std::ranges::find(after, name) == after.end()) dropped_.insert(name);
    if (after == policy.proposals) return;
    out_.lines.insert(out_.lines.end(), {text, fmt::format(" proposal {}", fmt::join(after, " ")), "quit"});
  }

  void Manual(const IpsecPolicyConfig& policy, bool is_template) {
    kept_.insert(policy.proposals.begin(), policy.proposals.end());
    for (const std::string& name : policy.proposals)
      if (!Strong(name))
        out_.blocked.push_back(fmt::format(
            "{} is manual and names the weak proposal {}: new algorithms and keys at both ends, in one window",
            PolicyText(policy, is_template), name));
  }

  // The strong proposal beside a weak one; makes it when there is none. Its own name when it is strong.
  std::string Twin(const std::string& name) {
    const auto found = config_.ipsec.proposals.find(name);
    if (found == config_.ipsec.proposals.end() || IsStrong(found->second)) return name;
    if (const auto made = twins_.find(name); made != twins_.end()) return made->second;
    const IpsecProposalConfig strong = StrongOf(found->second);
    for (const auto& [other, p] : config_.ipsec.proposals)
      if (Same(p, strong)) return twins_[name] = other;
    for (const auto& [other, p] : made_)
      if (Same(p, strong)) return twins_[name] = other;
    std::string fresh = "strong";
    for (int n = 2; config_.ipsec.proposals.contains(fresh) || made_.contains(fresh); ++n)
      fresh = fmt::format("strong{}", n);
    made_[fresh] = strong;
    Write(fresh, strong);
    return twins_[name] = fresh;
  }

  void Write(const std::string& name, const IpsecProposalConfig& p) {
    out_.lines.push_back(fmt::format("ipsec {}proposal {}", p.for_card ? "card-" : "", name));
    const auto line = [&](std::string text) { out_.lines.push_back(" " + std::move(text)); };
    if (p.card_assigned) line("use encrypt-card 1/0");
    if (p.ah()) line(p.esp() ? "transform ah-esp" : "transform ah");
    if (p.transport) line("encapsulation-mode transport");
    if (p.ah()) line("ah authentication-algorithm sha2-256");
    if (p.esp() && p.esp_cipher == IpsecCipher::kAesGcm)
      line(fmt::format("esp encryption-algorithm aes-gcm {}", p.esp_key_bits));
    if (p.esp() && p.esp_cipher == IpsecCipher::kAes)
      line(fmt::format("esp encryption-algorithm aes {}", p.esp_key_bits));
    if (p.esp() && p.esp_hash == IpsecHash::kSha256) line("esp authentication-algorithm sha2-256");
    out_.lines.emplace_back("quit");
  }

  // Weak proposals that no policy names any more.
  void Forget() {
    EachPolicy(config_, [&](const IpsecPolicyConfig& policy, bool) {
      for (const std::string& name : After(policy)) kept_.insert(name);
    });
    for (const std::string& name : dropped_)
      if (!kept_.contains(name)) out_.lines.push_back("undo " + ProposalText(config_.ipsec.proposals.at(name)));
  }

  const device::Config& config_;
  Migration& out_;
  std::map<std::string, std::string> twins_;
  std::map<std::string, IpsecProposalConfig> made_;
  std::set<std::string> dropped_, kept_;
};

// Perfect forward secrecy of the policies for one peer and one list in a group.
class Secrecy {
 public:
  Secrecy(const device::Config& config, Lists& lists, Migration& out) : config_(config), lists_(lists), out_(out) {}

  void Run() {
    EachPolicy(config_, [&](const IpsecPolicyConfig& policy, bool is_template) {
      if (policy.mode != device::IpsecMode::kManual && !IsStrong(policy) && !policy.ike_peer.empty())
        Policy(policy, is_template);
    });
  }

 private:
  const std::map<device::PolicyKey, IpsecPolicyConfig>& Table(bool is_template) const {
    return is_template ? config_.ipsec.templates : config_.ipsec.policies;
  }
  const IpsecPolicyConfig* StrongTwin(const IpsecPolicyConfig& policy, bool is_template) const {
    for (const auto& [key, other] : Table(is_template))
      if (other.name == policy.name && other.mode == policy.mode && other.acl == policy.acl &&
          other.ike_peer == policy.ike_peer && IsStrong(other))
        return &other;
    return nullptr;
  }
  // Behind the policy, and in front of one from a template, which must be the last.
  std::optional<int> Room(const IpsecPolicyConfig& policy, bool is_template) {
    const auto& table = Table(is_template);
    const int most = static_cast<int>(configdb::FindColumn(*configdb::FindTable("ipsec_policy"), "number")->high);
    for (int number = policy.number + 1; number <= most; ++number) {
      const auto found = table.find({policy.name, number});
      if (found == table.end()) {
        if (taken_.insert({is_template, policy.name, number}).second) return number;
        continue;
      }
      if (!found->second.from_template.empty()) return std::nullopt;
    }
    return std::nullopt;
  }

  void Policy(const IpsecPolicyConfig& policy, bool is_template) {
    const std::string text = PolicyText(policy, is_template);
    const IpsecPolicyConfig* twin = StrongTwin(policy, is_template);
    if (out_.stage == 1 && twin == nullptr) return Beside(policy, is_template);
    if (twin == nullptr) {
      out_.blocked.push_back(text + " has no policy with perfect forward secrecy beside it: stage 1 comes first");
      return;
    }
    if (out_.stage == 2 && policy.number < twin->number) {
      const std::string before = policy.pfs_group == 0 ? "undo pfs" : fmt::format("pfs dh-group{}", policy.pfs_group);
      out_.lines.insert(out_.lines.end(), {text, fmt::format(" pfs dh-group{}", kStrongGroup), "quit",
                                           PolicyText(*twin, is_template), " " + before, "quit"});
    }
    if (out_.stage == 3) out_.lines.push_back("undo " + text);
  }

  void Beside(const IpsecPolicyConfig& policy, bool is_template) {
    const std::optional<int> number = Room(policy, is_template);
    if (!number) {
      out_.blocked.push_back(PolicyText(policy, is_template) + ": its group has no number behind it for a second one");
      return;
    }
    IpsecPolicyConfig second = policy;
    second.number = *number;
    out_.lines.push_back(PolicyText(second, is_template) + (is_template ? "" : " isakmp"));
    const auto line = [&](std::string text) { out_.lines.push_back(" " + std::move(text)); };
    if (policy.acl != 0) line(fmt::format("security acl {}", policy.acl));
    line("ike-peer " + policy.ike_peer);
    const std::vector<std::string> proposals = lists_.After(policy);
    if (!proposals.empty() && proposals.size() <= kMostProposals)
      line(fmt::format("proposal {}", fmt::join(proposals, " ")));
    if (policy.own_seconds) line(fmt::format("sa duration time-based {}", policy.duration_seconds));
    if (policy.own_kilobytes) line(fmt::format("sa duration traffic-based {}", policy.duration_kilobytes));
    line(fmt::format("pfs dh-group{}", kStrongGroup));
    out_.lines.emplace_back("quit");
  }

  const device::Config& config_;
  Lists& lists_;
  Migration& out_;
  std::set<std::tuple<bool, std::string, int>> taken_;  // by policies of this script
};

}  // namespace

bool IsStrong(const IpsecProposalConfig& p) {
  return Same(StrongOf(p), p);
}

bool IsStrong(const IpsecPolicyConfig& policy) {
  return policy.pfs_group >= kStrongGroup;
}

void MigrateIpsec(const device::Config& config, Migration& out) {
  Lists lists(config, out);
  lists.Run();
  Secrecy(config, lists, out).Run();
}

}  // namespace sw::cli
