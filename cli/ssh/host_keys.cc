#include "cli/ssh/host_keys.h"

#include <libssh/libssh.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sw::cli {
namespace {

struct Kind {
  const char* suffix;
  ssh_keytypes_e type;
  int bits;
};
constexpr Kind kKinds[] = {
    {"_ed25519", SSH_KEYTYPE_ED25519, 0},
    {"_ecdsa", SSH_KEYTYPE_ECDSA_P256, 256},
};

Result<SshKey> LoadOrMake(const std::string& path, const Kind& kind, std::string& trouble) {
  ssh_key key = nullptr;
  if (::access(path.c_str(), F_OK) == 0) {
    if (ssh_pki_import_privkey_file(path.c_str(), nullptr, nullptr, nullptr, &key) != SSH_OK)
      return {Code::kDevice, "no usable host key in " + path};
    return SshKey(key);
  }
  if (ssh_pki_generate(kind.type, kind.bits, &key) != SSH_OK) return {Code::kDevice, "no host key can be made"};
  SshKey owned(key);
  const mode_t mask = ::umask(0177);
  const int written = ssh_pki_export_privkey_file(key, nullptr, nullptr, nullptr, path.c_str());
  ::umask(mask);
  if (written != SSH_OK)
    trouble = "cannot write the host key to " + path + ": clients see another key after each start";
  return owned;
}

}  // namespace

void FreeSshKey::operator()(ssh_key_struct* key) const {
  ssh_key_free(key);
}

Result<std::vector<SshKey>> LoadHostKeys(const std::string& path, std::string& trouble) {
  std::vector<SshKey> out;
  for (const Kind& kind : kKinds) {
    Result<SshKey> key = LoadOrMake(path + kind.suffix, kind, trouble);
    if (!key.ok()) return key.status();
    out.push_back(std::move(*key));
  }
  return out;
}

std::string FingerprintOf(ssh_key_struct* key) {
  unsigned char* hash = nullptr;
  std::size_t length = 0;
  if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) != SSH_OK) return {};
  char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length);
  ssh_clean_pubkey_hash(&hash);
  std::string out = text == nullptr ? "" : text;
  ssh_string_free_char(text);
  return out;
}

}  // namespace sw::cli
