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

// The algorithms of a suite that somebody advises against. `exchange`: its group counts, too.
std::vector<Algorithm> WeaknessesOf(const hal::Suite& suite, bool exchange);

}  // namespace sw::cli
