// What the IKE engine is told to be. Values; durations in seconds as configured. Ranges and defaults: Router 3000
// command reference chapter 6 and the Switch 8800 IPsec guide pages 146, 158, 172, 179, 418.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/secret.h"
#include "hal/certificates.h"
#include "hal/primitives.h"
#include "hal/suites.h"

namespace sw::ipsec::ike {

struct Phase1Proposal {
  int number = 0;  // 0: the built-in default
  hal::Cipher cipher = hal::Cipher::kDesCbc;
  hal::HashAlgorithm hash = hal::HashAlgorithm::kSha1;
  hal::DhGroup group = hal::DhGroup::kModp768;
  bool rsa_signature = false;
  std::uint32_t seconds = 86400;
  friend bool operator==(const Phase1Proposal&, const Phase1Proposal&) = default;
};

struct DpdSettings {
  std::uint32_t interval = 10, timeout = 5;
  friend bool operator==(const DpdSettings&, const DpdSettings&) = default;
};

struct PeerSettings {
  std::string name;
  bool aggressive = false;  // as initiator; a responder follows
  bool name_id = false;     // identifies itself by the local name
  SecretBytes pre_shared_key;
  Ipv4 remote_first, remote_last;  // equal: one address; 0.0.0.0: none configured
  std::string remote_name;         // the other end's identity; empty: any
  Ipv4 local;                      // 0.0.0.0: that of the policy's interface
  bool nat_traversal = false;
  std::optional<DpdSettings> dpd;
  std::shared_ptr<const hal::Credentials> credentials;  // null: no certificates

  bool AtAddress(Ipv4 a) const { return !remote_first.empty() && remote_first <= a && a <= remote_last; }
  bool fixed() const { return !remote_first.empty() && remote_first == remote_last; }
};

struct Settings {
  std::string local_name;
  std::vector<Phase1Proposal> proposals;  // in the order of preference, the built-in default last
  std::map<std::string, PeerSettings> peers;
  std::uint32_t keepalive_interval = 0, keepalive_timeout = 0;  // 0: off
  std::uint32_t nat_keepalive_interval = 20;
  bool check_next_payload = true;
};

}  // namespace sw::ipsec::ike
