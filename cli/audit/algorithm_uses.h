// Where a configuration, defaults included, uses an algorithm that some document advises against: proposals of IPsec
// and IKE, perfect forward secrecy, suites of DVPN.
#pragma once

#include <cstdint>
#include <vector>

#include "cli/audit/rule.h"
#include "hal/suites.h"

namespace sw::cli {

enum class Algorithm : std::uint8_t {
  kDes,
  k3Des,
  kNull,
  kMd5,
  kSha1,
  kNoAuthentication,  // ESP that encrypts and does not authenticate
  kModp768,
  kModp1024,
  kModp1536,
  kModp2048,
  kX25519,
};

struct AlgorithmUse {
  Algorithm algorithm;
  Hit hit;
};
std::vector<AlgorithmUse> AlgorithmUses(const AuditInput& input);

// Those of them that somebody advises against. kNone: there is no such group.
std::vector<Algorithm> WeaknessesOf(hal::Cipher cipher, hal::Integrity integrity, hal::DhGroup group);
const Rule& RuleOf(Algorithm algorithm);

}  // namespace sw::cli
