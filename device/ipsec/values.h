// IPsec and IKE as configured: proposals, policies, templates, peers, dead peer detection, PKI domains. Typed rows and
// what concerns several of them; the engines take their settings from here. Rules: guide pages 146-161, 179, 383-395
// and 418; defaults stand beside the values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config-db/schema.h"
#include "config-db/store.h"
#include "device/config/secret.h"
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

enum class IkeCipher : std::uint8_t { kDes, k3Des, kAes };

struct IkeProposalConfig {
  int number = 0;  // 0: the built-in default, of lowest priority (recollection of an older manual, page 590)
  IkeCipher cipher = IkeCipher::kDes;
  int key_bits = configdb::Preset("ike_proposal", "key_length");  // AES
  bool rsa_signature = false;
  IpsecHash hash = IpsecHash::kSha1;
  int dh_group = configdb::Preset("ike_proposal", "dh_group");
  std::uint32_t duration_seconds = configdb::Preset<std::uint32_t>("ike_proposal", "sa_duration");
  friend bool operator==(const IkeProposalConfig&, const IkeProposalConfig&) = default;
};

struct IkeDpdConfig {
  std::string name;
  int interval_seconds = configdb::Preset("ike_dpd", "interval_time"),
      timeout_seconds = configdb::Preset("ike_dpd", "time_out");
  friend bool operator==(const IkeDpdConfig&, const IkeDpdConfig&) = default;
};

struct IkePeerConfig {
  std::string name;
  bool aggressive = false, id_name = false;
  Secret pre_shared_key;
  Ipv4 remote_address, remote_high;  // high: only for a range
  std::string remote_name;
  Ipv4 local_address;
  bool nat_traversal = false;
  bool local_multi_subnet = false, peer_multi_subnet = false;
  std::string dpd, certificate_domain;
  friend bool operator==(const IkePeerConfig&, const IkePeerConfig&) = default;
};

struct IkeGlobalConfig {
  std::string local_name;                                                                 // empty: the sysname
  int keepalive_interval = 0, keepalive_timeout = 0;                                      // s; 0: off
  int nat_keepalive_interval = configdb::Preset("ike_global", "nat_keepalive_interval");  // s
  bool check_next_payload = true;
  friend bool operator==(const IkeGlobalConfig&, const IkeGlobalConfig&) = default;
};

struct PkiDomainConfig {
  std::string name, local_certificate, ca_certificate, private_key, crl;  // files, PEM
  friend bool operator==(const PkiDomainConfig&, const PkiDomainConfig&) = default;
};

using PolicyKey = std::pair<std::string, int>;  // name and number: a group is what shares the name, in order

struct IpsecConfig {
  std::uint32_t duration_seconds = configdb::Preset<std::uint32_t>("ipsec_global", "duration_seconds");
  std::uint32_t duration_kilobytes = configdb::Preset<std::uint32_t>("ipsec_global", "duration_kilobytes");
  std::map<std::string, IpsecProposalConfig> proposals;
  std::map<PolicyKey, IpsecPolicyConfig> policies;
  std::map<PolicyKey, IpsecPolicyConfig> templates;  // mode kTemplate, with nothing of a manual policy
  IkeGlobalConfig ike;
  std::map<int, IkeProposalConfig> ike_proposals;  // without the built-in default
  std::map<std::string, IkePeerConfig> peers;
  std::map<std::string, IkeDpdConfig> dpds;
  std::map<std::string, PkiDomainConfig> pki_domains;

  std::vector<const IpsecPolicyConfig*> Group(std::string_view name) const;  // in ascending number
};

Result<IpsecConfig> LoadIpsec(const configdb::Store& store);

// `applied`: the policy group of each interface that has one, in display order.
struct AppliedGroup {
  std::string interface, group;
};
// Refuses references to what does not exist, a manual group on two interfaces, two manual SAs with one SPI, protocol
// and destination, keys that do not fit the proposal's algorithms, and ESP with neither cipher nor hash.
Status ValidateIpsec(const IpsecConfig& config, const std::vector<AppliedGroup>& applied);

}  // namespace sw::device
