// IPsec as configured: proposals, policies, templates. Typed rows and what concerns several of them; the gateway takes
// its settings from here. Rules: guide pages 383-395 and 418.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config-db/schema.h"
#include "device/config/rows.h"
#include "hal/base/address.h"
#include "hal/base/result.h"

namespace sw::device {

enum class IpsecTransform : std::uint8_t { kEsp, kAh, kAhEsp };
enum class IpsecHash : std::uint8_t { kNone, kMd5, kSha1, kSha256 };
enum class IpsecCipher : std::uint8_t { kNone, kDes, k3Des, kAes, kAesGcm };

struct IpsecProposalConfig {
  std::string name;
  IpsecTransform transform = IpsecTransform::kEsp;
  bool transport = false;                // otherwise tunnel mode
  IpsecHash ah_hash = IpsecHash::kMd5;   // counts with AH only
  IpsecHash esp_hash = IpsecHash::kMd5;  // as it counts: none by default beside AH, none with AES-GCM
  IpsecCipher esp_cipher = IpsecCipher::kDes;
  int esp_key_bits = configdb::Preset("ipsec_proposal", "esp_key_length");  // AES
  bool for_card = false;       // ipsec card-proposal: an encryption card's affair alone
  bool card_assigned = false;  // use encrypt-card
  bool ah() const { return transform != IpsecTransform::kEsp; }
  bool esp() const { return transform != IpsecTransform::kAh; }
  friend bool operator==(const IpsecProposalConfig&, const IpsecProposalConfig&) = default;
};

// One SA of a manual policy. Hexadecimal keys as typed; `text` is set instead of both, or not at all.
struct ManualSaConfig {
  std::uint32_t spi = 0;  // 0: not configured
  std::string authentication, encryption, text;
  friend bool operator==(const ManualSaConfig&, const ManualSaConfig&) = default;
};

enum class IpsecMode : std::uint8_t { kManual, kIsakmp, kTemplate };

struct IpsecPolicyConfig {
  std::string name;
  int number = 0;
  IpsecMode mode = IpsecMode::kIsakmp;
  std::string from_template;  // kTemplate
  int acl = 0;                // 0: none
  std::vector<std::string> proposals;
  std::string ike_peer;
  int pfs_group = 0;  // 0: off
  // Of the policy, or else the global ones, which are filled in here.
  std::uint32_t duration_seconds = 0, duration_kilobytes = 0;
  bool own_seconds = false, own_kilobytes = false;
  Ipv4 tunnel_local, tunnel_remote;               // manual
  ManualSaConfig in_ah, in_esp, out_ah, out_esp;  // manual
  friend bool operator==(const IpsecPolicyConfig&, const IpsecPolicyConfig&) = default;
};

using PolicyKey = std::pair<std::string, int>;  // name and number: a group is what shares the name, in order

// { SPI, destination, protocol } names an SA (guide page 391); `ah`: otherwise ESP.
struct ManualSaName {
  std::uint32_t spi = 0;
  Ipv4 destination;
  bool ah = false;
  friend auto operator<=>(const ManualSaName&, const ManualSaName&) = default;
};

struct IpsecConfig {
  std::uint32_t duration_seconds = configdb::Preset<std::uint32_t>("ipsec_global", "duration_seconds");
  std::uint32_t duration_kilobytes = configdb::Preset<std::uint32_t>("ipsec_global", "duration_kilobytes");
  std::map<std::string, IpsecProposalConfig> proposals;
  std::map<PolicyKey, IpsecPolicyConfig> policies;
  std::map<PolicyKey, IpsecPolicyConfig> templates;  // mode kTemplate, with nothing of a manual policy
  std::map<std::string, std::size_t> manual_groups;  // how many manual policies each has
  std::multimap<ManualSaName, PolicyKey> manual_sas;

  std::vector<const IpsecPolicyConfig*> Group(std::string_view name) const;  // in ascending number
  std::vector<const IpsecPolicyConfig*> Template(std::string_view name) const;
};

struct IpsecDelta {
  std::set<std::string> proposals;
  std::set<PolicyKey> policies, templates;
};

void TakeIpsecGlobal(const configdb::Key&, Rows rows, IpsecConfig& config, IpsecDelta& delta);
void TakeIpsecProposal(const configdb::Key& key, Rows rows, IpsecConfig& config, IpsecDelta& delta);
void TakeIpsecPolicy(const configdb::Key& key, Rows rows, IpsecConfig& config, IpsecDelta& delta);
void TakeIpsecTemplate(const configdb::Key& key, Rows rows, IpsecConfig& config, IpsecDelta& delta);

// What a check must know of others: the policies that use a proposal, the interfaces that a group is applied to, in
// display order.
struct IpsecUsers {
  std::function<std::vector<PolicyKey>(const std::string& proposal)> of_proposal;
  std::function<std::vector<std::string>(const std::string& group)> of_group;
  std::function<std::string(const std::string& interface)> group_of;  // empty: none
};
// Refuses, among what changed: a manual group on two interfaces, two manual SAs with one SPI, protocol and destination,
// keys that do not fit the proposal's algorithms, and ESP with neither cipher nor hash.
Status ValidateIpsec(const IpsecConfig& config, const IpsecDelta& delta, const std::set<std::string>& interfaces,
                     const IpsecUsers& users);

}  // namespace sw::device
