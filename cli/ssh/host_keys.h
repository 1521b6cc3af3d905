// The host's keys: read from files, made when missing. libssh types stay inside cli/ssh.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hal/base/result.h"

struct ssh_key_struct;

namespace sw::cli {

struct FreeSshKey {
  void operator()(ssh_key_struct* key) const;
};
using SshKey = std::unique_ptr<ssh_key_struct, FreeSshKey>;

// Of the files PATH_ed25519 and PATH_ecdsa, mode 0600. kDevice: a file cannot be read or written.
Result<std::vector<SshKey>> LoadHostKeys(const std::string& path, std::string& trouble);
std::string FingerprintOf(ssh_key_struct* key);  // SHA256:..., as ssh-keygen -l prints it

}  // namespace sw::cli
