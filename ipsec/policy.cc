#include "ipsec/policy.h"

#include "hal/primitives.h"

namespace sw::ipsec {

std::size_t KeyBytes(const Protection& protection, SaProtocol protocol) {
  if (protocol == SaProtocol::kAh) return protection.ah ? Info(*protection.ah).key_bytes : 0;
  if (!protection.esp) return 0;
  return Info(protection.esp->cipher).key_bytes + Info(protection.esp->integrity).key_bytes;
}

SecretBytes KeysFromText(const std::string& text, const Protection& protection, SaProtocol protocol) {
  const SecretBytes secret = hal::HkdfExtract(AsBytes("IPsec string-key"), AsBytes(text));
  return hal::HkdfExpand(secret, protocol == SaProtocol::kAh ? "ah" : "esp", {}, KeyBytes(protection, protocol));
}

}  // namespace sw::ipsec
