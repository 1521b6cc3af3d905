// IKE as configured: proposals, peers, dead peer detection, and the PKI domains that peers name. The engine takes its
// settings from here. Rules: guide pages 146-161 and 179.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config-db/schema.h"
#include "device/config/rows.h"
#include "device/config/secret.h"
#include "hal/base/address.h"
#include "hal/base/result.h"

namespace sw::device {

enum class IkeCipher : std::uint8_t { kDes, k3Des, kAes };
enum class IkeHash : std::uint8_t { kMd5, kSha1, kSha256 };

struct IkeProposalConfig {
  int number = 0;  // 0: the built-in default, of lowest priority (recollection of an older manual, page 590)
  IkeCipher cipher = IkeCipher::kDes;
  int key_bits = configdb::Preset("ike_proposal", "key_length");  // AES
  bool rsa_signature = false;
  IkeHash hash = IkeHash::kSha1;
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
  bool default_proposal = true;  // it is offered last
  friend bool operator==(const IkeGlobalConfig&, const IkeGlobalConfig&) = default;
};

struct PkiDomainConfig {
  std::string name, local_certificate, ca_certificate, private_key, crl;  // files, PEM
  friend bool operator==(const PkiDomainConfig&, const PkiDomainConfig&) = default;
};

struct IkeConfig {
  IkeGlobalConfig global;
  std::map<int, IkeProposalConfig> proposals;  // without the built-in default
  std::map<std::string, IkePeerConfig> peers;
  std::map<std::string, IkeDpdConfig> dpds;
  std::map<std::string, PkiDomainConfig> pki_domains;

  Ipv4 RemoteOf(const std::string& peer) const;  // empty: no such peer, or not one address alone
  std::vector<IkeProposalConfig> Offered() const;  // by priority; the built-in default last, unless it is taken out
};

struct IkeDelta {
  bool global = false;  // what concerns all peers
  std::set<std::string> peers, dpds, pki_domains;
};

void TakeIkeGlobal(const configdb::Key&, Rows rows, IkeConfig& config, IkeDelta& delta);
void TakeIkeProposal(const configdb::Key& key, Rows rows, IkeConfig& config, IkeDelta& delta);
void TakeIkePeer(const configdb::Key& key, Rows rows, IkeConfig& config, IkeDelta& delta);
void TakeIkeDpd(const configdb::Key& key, Rows rows, IkeConfig& config, IkeDelta& delta);
void TakePkiDomain(const configdb::Key& key, Rows rows, IkeConfig& config, IkeDelta& delta);

// Refuses, among what changed, an empty range of remote addresses.
Status ValidateIke(const IkeConfig& config, const IkeDelta& delta);

}  // namespace sw::device
