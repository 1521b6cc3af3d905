#include "device/config/findings.h"

#include <algorithm>
#include <utility>

#include "config-db/schema.h"
#include "device/config/cipher_text.h"
#include "device/ipsec/host.h"
#include "hal/suites.h"

namespace sw::device {
namespace {

using configdb::Key;
using configdb::Row;

class Finder {
 public:
  Finder(const configdb::Store& store, const Config& config, const hal::Capabilities& crypto)
      : store_(store), config_(config), crypto_(crypto) {}

  Result<std::vector<Finding>> Find() {
    for (const InterfaceConfig& interface : config_.interfaces) SW_TRY(Tunnel(interface));
    for (const auto& [key, policy] : config_.ipsec.policies) SW_TRY(Policy("ipsec_policy", policy));
    for (const auto& [key, policy] : config_.ipsec.templates) SW_TRY(Policy("ipsec_policy_template", policy));
    for (const auto& [name, peer] : config_.ike.peers) Peer(peer);
    Suites();
    Proposals();
    SW_TRY(CipherTexts());
    return std::move(out_);
  }

 private:
  void Add(std::string_view table, Key key, std::string word, std::string reason, bool note = false) {
    out_.push_back({std::string(table), std::move(key), std::move(word), std::move(reason), note});
  }

  Status List(std::string_view table, const Key& key, int number) {
    if (number == 0 || configdb::FindTable("acl") == nullptr) return {};
    const Result<std::optional<Row>> row = store_.Find("acl", {std::int64_t{number}});
    if (!row.ok()) return row.status();
    if (!*row) Add(table, key, std::to_string(number), "acl " + std::to_string(number) + " does not exist");
    return {};
  }

  Status Tunnel(const InterfaceConfig& interface) {
    const Key key = {interface.name};
    if (interface.kind != "Tunnel") return {};
    if (interface.tunnel.dvpn) SW_TRY(List("interface", key, interface.tunnel.acl));
    if (interface.shutdown) return {};
    const Status settings = interface.tunnel.dvpn ? TunnelSettingsOf(config_, interface).status()
                                                  : GreSettingsOf(config_.interfaces, interface).status();
    if (!settings.ok()) Add("interface", key, "", interface.name + " cannot run: " + settings.why());
    return {};
  }

  Status Policy(std::string_view table, const IpsecPolicyConfig& policy) {
    const Key key = {policy.name, std::int64_t{policy.number}};
    const std::string name = "ipsec policy " + policy.name + " " + std::to_string(policy.number);
    const bool is_template = table != "ipsec_policy";
    if (policy.mode == IpsecMode::kTemplate && !is_template) return {};  // the template says the rest
    if (policy.proposals.empty()) Add(table, key, "", name + " names no proposal");
    if (policy.acl == 0 && !is_template) Add(table, key, "", name + " names no ACL");
    SW_TRY(List(table, key, policy.acl));
    if (policy.mode == IpsecMode::kManual) {
      if (policy.tunnel_remote.empty()) Add(table, key, "", name + " names no remote tunnel address");
    } else if (policy.ike_peer.empty()) {
      Add(table, key, "", name + " names no IKE peer");
    }
    return {};
  }

  void Peer(const IkePeerConfig& peer) {
    if (!peer.pre_shared_key.set() && peer.certificate_domain.empty()) {
      Add("ike_peer", {peer.name}, "",
          "ike peer " + peer.name + " has neither a pre-shared key nor a certificate domain");
    }
  }

  void Suite(std::string_view table, const std::string& name, int number) {
    const hal::Suite* suite = hal::FindSuite(number);
    if (suite == nullptr || suite->cipher == hal::Cipher::kNull) return;
    const auto can = [&](const hal::Capability& c) {
      return c.cipher == suite->cipher && c.integrity == suite->integrity;
    };
    if (std::ranges::any_of(crypto_.transforms, can)) return;
    Add(table, {name}, std::to_string(number),
        "suite " + std::to_string(number) + " (" + std::string(suite->name) +
            ") is more than the engine can do: " + crypto_.engine);
  }

  void Proposals() {
    for (const auto& [name, proposal] : config_.ipsec.proposals) {
      if (!proposal.esp()) continue;
      const std::optional<ipsec::Protection> protection = ProtectionOf(proposal);
      const bool null = protection && protection->esp && protection->esp->cipher == hal::Cipher::kNull;
      const auto can = [&](const hal::Capability& c) {
        return protection && protection->esp && c.cipher == protection->esp->cipher &&
               c.integrity == protection->esp->integrity;
      };
      if (null || std::ranges::any_of(crypto_.transforms, can)) continue;
      Add("ipsec_proposal", {name}, "",
          "ipsec proposal " + name + " has algorithms that the engine cannot do: " + crypto_.engine);
    }
  }

  void Suites() {
    for (const auto& [name, c] : config_.dvpn.classes) Suite("dvpn_class", name, c.suite);
    for (const auto& [name, p] : config_.dvpn.policies) {
      Suite("dvpn_policy", name, p.policy.session_suite);
      if (p.policy.data_suite != p.policy.session_suite) Suite("dvpn_policy", name, p.policy.data_suite);
    }
  }

  Status CipherTexts() {
    for (const configdb::Table& table : configdb::Tables()) {
      for (const configdb::Column& column : table.columns) {
        if (!column.secret) continue;
        const std::string form = std::string(column.name) + "_form";
        const Result<std::vector<Row>> rows = store_.Rows(table.name);
        if (!rows.ok()) return rows.status();
        for (const Row& row : *rows) {
          const std::optional<std::string> text = row.Text(column.name);
          if (!text || row.TextOr(form, "") != "cipher") continue;
          std::string why = WhyClosed(*text);
          if (why.empty()) continue;
          const Key key(row.values.begin(), row.values.begin() + static_cast<std::ptrdiff_t>(table.keys));
          Add(table.name, key, "cipher", std::move(why), true);
        }
      }
    }
    return {};
  }

  const configdb::Store& store_;
  const Config& config_;
  const hal::Capabilities& crypto_;
  std::vector<Finding> out_;
};

}  // namespace

Result<std::vector<Finding>> Findings(const configdb::Store& store, const Config& config,
                                      const hal::Capabilities& crypto) {
  return Finder(store, config, crypto).Find();
}

}  // namespace sw::device
