// The stages of a migration, for IKE and IPsec.
#pragma once

#include "cli/audit/migrate.h"

namespace sw::cli {

// Proposals of IKE: a strong one behind the weak ones; before them; alone, without the built-in one.
void MigrateIke(const device::Config& config, Migration& out);
// Proposals of IPsec, in the lists of policies; and perfect forward secrecy, by a second policy for the same traffic:
// whoever answers takes any policy that fits.
void MigrateIpsec(const device::Config& config, Migration& out);

// As strong as the lines of a migration make them.
bool IsStrong(const device::IkeProposalConfig& proposal);
bool IsStrong(const device::IpsecProposalConfig& proposal);
bool IsStrong(const device::IpsecPolicyConfig& policy);  // its perfect forward secrecy

}  // namespace sw::cli
