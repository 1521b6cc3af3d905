// The keys of this installation: what the texts behind `cipher` are sealed by (device/config/cipher_text.h).
//
// They stand in a file of mode 0600 beside the database, which is made at the first start, and in the credential
// `sw8800.key` of the service manager where there is one; that one comes first. A file has a key a line, 32 bytes in
// base64; a line that begins with # is a remark. The first key seals, all of them open: a configuration is carried to
// another installation by adding this one's line to the other's file. Our choice.
//
// A process has one ring, whatever devices are in it; until it is given one it has a key that ends with it. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/random.h"
#include "hal/base/result.h"
#include "hal/base/secret.h"

namespace sw::device {

struct InstallationKey {
  std::string id;  // kKeyIdBytes of what HKDF makes of the key: says which one a text needs, and nothing else of it
  SecretBytes key;
};
inline constexpr std::size_t kKeyIdBytes = 4;
std::string ShownKeyId(std::string_view id);  // in hexadecimal

class KeyRing {
 public:
  static Result<KeyRing> Parse(std::string_view text);  // kBadValue: which line is no key
  static KeyRing WithNewKey(Random& random);
  const InstallationKey& sealing() const { return keys_.front(); }
  const InstallationKey* Find(std::string_view id) const;  // null: not here
  void Append(KeyRing others);
  SecretBytes Text() const;  // as it stands in a file

 private:
  std::vector<InstallationKey> keys_;  // never empty
};

std::shared_ptr<const KeyRing> Keys();
void UseKeys(KeyRing keys);

enum class MissingKey : std::uint8_t { kIsMade, kIsAnError };
// The ring of the installation that has this database, for the process. Refused: the ring stays as it was; one line
// says why. kNotFound: there is none, and none is made.
Status UseKeysOf(const std::string& database, MissingKey missing);
std::string KeyFileOf(const std::string& database);

}  // namespace sw::device
