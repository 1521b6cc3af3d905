#include <fmt/format.h>

#include <algorithm>

#include "cli/audit/migrate_ipsec.h"
#include "config-db/schema.h"

namespace sw::cli {
namespace {

using device::IkeCipher;
using device::IkeProposalConfig;
using device::IkeHash;

constexpr int kStrongGroup = 14, kStrongBits = 256;

std::string CipherWord(const IkeProposalConfig& p) {
  if (p.cipher == IkeCipher::kAes) return fmt::format("aes-cbc {}", p.key_bits);
  return p.cipher == IkeCipher::k3Des ? "3des-cbc" : "des-cbc";
}
std::string_view HashWord(IkeHash hash) {
  return hash == IkeHash::kSha256 ? "sha2-256" : hash == IkeHash::kMd5 ? "md5" : "sha";
}

// All of a proposal, whatever stood under its number.
void Write(int number, const IkeProposalConfig& p, Migration& out) {
  out.lines.insert(
      out.lines.end(),
      {fmt::format("ike proposal {}", number), " encryption-algorithm " + CipherWord(p),
       fmt::format(" authentication-algorithm {}", HashWord(p.hash)), fmt::format(" dh group{}", p.dh_group),
       fmt::format(" authentication-method {}", p.rsa_signature ? "rsa-signature" : "pre-share"),
       fmt::format(" sa duration {}", p.duration_seconds), "quit"});
}

IkeProposalConfig StrongOf(bool rsa) {
  IkeProposalConfig out;
  out.cipher = IkeCipher::kAes;
  out.key_bits = kStrongBits;
  out.hash = IkeHash::kSha256;
  out.dh_group = kStrongGroup;
  out.rsa_signature = rsa;
  return out;
}

// Proposals of one method, which is never changed: each end has the keys or certificates that it has.
void Method(const device::IkeConfig& config, bool rsa, Migration& out) {
  std::vector<const IkeProposalConfig*> weak, strong;
  for (const auto& [number, p] : config.proposals)
    if (p.rsa_signature == rsa) (IsStrong(p) ? strong : weak).push_back(&p);
  const bool built_in = !rsa && config.global.default_proposal;  // offered last
  if (strong.empty()) {
    if (weak.empty() && !built_in) return;
    if (out.stage != 1) {
      out.blocked.emplace_back("no strong ike proposal is there: stage 1 comes first, at both ends");
      return;
    }
    const int last = config.proposals.empty() ? 0 : config.proposals.rbegin()->first;
    const int most = static_cast<int>(configdb::FindColumn(*configdb::FindTable("ike_proposal"), "number")->high);
    if (last >= most) {
      out.blocked.push_back(fmt::format("ike proposal {} is the last number: there is no room behind it", last));
      return;
    }
    Write(std::min(last + 10, most), StrongOf(rsa), out);
    return;
  }
  if (out.stage == 2 && !weak.empty() && weak.front()->number < strong.front()->number) {
    Write(weak.front()->number, *strong.front(), out);
    Write(strong.front()->number, *weak.front(), out);
    out.remarks.push_back(
        fmt::format("ike proposals {} and {} change places", weak.front()->number, strong.front()->number));
  }
  if (out.stage == 3)
    for (const IkeProposalConfig* p : weak) out.lines.push_back(fmt::format("undo ike proposal {}", p->number));
}

}  // namespace

bool IsStrong(const IkeProposalConfig& p) {
  return p.cipher == IkeCipher::kAes && p.hash == IkeHash::kSha256 && p.dh_group >= kStrongGroup;
}

void MigrateIke(const device::Config& config, Migration& out) {
  if (config.ike.peers.empty()) return;
  bool keys = false, certificates = false;
  for (const auto& [name, peer] : config.ike.peers) {
    keys |= peer.pre_shared_key.set();
    certificates |= !peer.certificate_domain.empty();
  }
  const std::size_t blocked = out.blocked.size();
  if (keys) Method(config.ike, false, out);
  if (certificates) Method(config.ike, true, out);
  if (out.stage != 3 || out.blocked.size() != blocked || !config.ike.global.default_proposal) return;
  out.lines.emplace_back("undo ike default-proposal");
  out.remarks.emplace_back("a peer that knows the built-in ike proposal alone is refused from now on");
}

}  // namespace sw::cli
