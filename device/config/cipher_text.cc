#include "device/config/cipher_text.h"

#include <fmt/format.h>

#include "device/config/key_ring.h"
#include "hal/base64.h"
#include "hal/primitives.h"
#include "hal/suites.h"

namespace sw::device {
namespace {

constexpr std::string_view kConcealed = "$sw1$", kSealed = "$sw2$";

// ------------------------------------------------------------------------------------------------------------- sealed

constexpr int kSuite = 17;  // AES-GCM-256

hal::SealKeys SealKeysOf(const InstallationKey& key) {
  const hal::Suite& suite = *hal::FindSuite(kSuite);
  const SecretBytes prk = hal::HkdfExtract(AsBytes("sw8800 installation"), key.key.view());
  return hal::SplitSealKeys(suite, hal::HkdfExpand(prk, "cipher text", {}, hal::SealKeyBytes(suite)));
}

// Behind the mark: the id of the key, and what it sealed.
struct Parts {
  std::string id;
  Bytes sealed;
};
std::optional<Parts> Take(std::string_view text) {
  if (!text.starts_with(kSealed)) return std::nullopt;
  const std::optional<Bytes> bytes = hal::FromBase64(text.substr(kSealed.size()));
  if (!bytes || bytes->size() <= kKeyIdBytes) return std::nullopt;
  const auto body = bytes->begin() + kKeyIdBytes;
  return Parts{std::string(bytes->begin(), body), Bytes(body, bytes->end())};
}

std::optional<SecretBytes> OpenSealed(std::string_view text) {
  const std::optional<Parts> parts = Take(text);
  if (!parts) return std::nullopt;
  const std::shared_ptr<const KeyRing> ring = Keys();
  const InstallationKey* key = ring->Find(parts->id);
  if (key == nullptr) return std::nullopt;
  return hal::Open(*hal::FindSuite(kSuite), SealKeysOf(*key), AsBytes(kSealed), parts->sealed);
}

// ------------------------------------------------------------------------------ concealed, as earlier programs did it

constexpr std::size_t kTagBytes = 8;

// A tag of the plain text picked the key stream.
Bytes Tag(ByteView plain) {
  const hal::Sha256Digest mac = hal::HmacSha256(AsBytes("sw8800 cipher text, tag"), plain);
  return Bytes(mac.begin(), mac.begin() + kTagBytes);
}

std::optional<SecretBytes> OpenConcealed(std::string_view text) {
  const std::optional<Bytes> bytes = hal::FromBase64(text.substr(kConcealed.size()));
  if (!bytes || bytes->size() < kTagBytes) return std::nullopt;
  const ByteView tag = ByteView(*bytes).first(kTagBytes), body = ByteView(*bytes).subspan(kTagBytes);
  const SecretBytes key = hal::HkdfExtract(AsBytes("sw8800 cipher text"), AsBytes("stream"));
  SecretBytes plain = hal::HkdfExpand(key, "stream", tag, body.size());
  for (std::size_t i = 0; i < body.size(); ++i) plain.span()[i] ^= body[i];
  if (!hal::EqualConstantTime(Tag(plain.view()), tag)) return std::nullopt;
  return plain;
}

}  // namespace

std::string Conceal(std::string_view plain) {
  hal::SystemRandom random;
  const std::shared_ptr<const KeyRing> ring = Keys();
  const InstallationKey& key = ring->sealing();
  Bytes out(key.id.begin(), key.id.end());
  const Bytes sealed =
      hal::Seal(*hal::FindSuite(kSuite), SealKeysOf(key), AsBytes(kSealed), AsBytes(plain), random);
  out.insert(out.end(), sealed.begin(), sealed.end());
  return std::string(kSealed) + hal::Base64(out);
}

std::optional<SecretBytes> Reveal(std::string_view text) {
  return text.starts_with(kConcealed) ? OpenConcealed(text) : OpenSealed(text);
}

std::string WhyClosed(std::string_view text) {
  if (Reveal(text)) return {};
  const std::optional<Parts> parts = Take(text);
  const bool ours = text.starts_with(kConcealed) || text.starts_with(kSealed);
  if (!ours) return "this cipher text is of another make: it is kept as it is, and cannot be opened here";
  if (parts && Keys()->Find(parts->id) == nullptr) {
    return fmt::format(
        "this cipher text needs the key {} of the installation that made it, which is not here: it is kept, and opens "
        "once the line of that key is added to the key file",
        ShownKeyId(parts->id));
  }
  return "this cipher text is damaged: it cannot be opened";
}

bool IsSealed(std::string_view text) {
  return text.starts_with(kSealed);
}

}  // namespace sw::device
