#include "device/config/cipher_text.h"

#include "hal/base64.h"
#include "hal/primitives.h"

namespace sw::device {
namespace {

constexpr std::string_view kMark = "$sw1$";
constexpr std::size_t kTagBytes = 8;

// A tag of the plain text picks the key stream, so equal texts conceal alike and a changed text is noticed.
Bytes Tag(ByteView plain) {
  const hal::Sha256Digest mac = hal::HmacSha256(AsBytes("sw8800 cipher text, tag"), plain);
  return Bytes(mac.begin(), mac.begin() + kTagBytes);
}

SecretBytes Stream(ByteView tag, std::size_t bytes) {
  const SecretBytes key = hal::HkdfExtract(AsBytes("sw8800 cipher text"), AsBytes("stream"));
  return hal::HkdfExpand(key, "stream", tag, bytes);
}

}  // namespace

std::string Conceal(std::string_view plain) {
  Bytes out = Tag(AsBytes(plain));
  const SecretBytes stream = Stream(out, plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i)
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint8_t>(plain[i]) ^ stream.view()[i]));
  return std::string(kMark) + hal::Base64(out);
}

std::optional<std::string> Reveal(std::string_view text) {
  if (!text.starts_with(kMark)) return std::nullopt;
  const std::optional<Bytes> bytes = hal::FromBase64(text.substr(kMark.size()));
  if (!bytes || bytes->size() < kTagBytes) return std::nullopt;
  const ByteView tag = ByteView(*bytes).first(kTagBytes), body = ByteView(*bytes).subspan(kTagBytes);
  const SecretBytes stream = Stream(tag, body.size());
  std::string plain(body.size(), '\0');
  for (std::size_t i = 0; i < body.size(); ++i) plain[i] = static_cast<char>(body[i] ^ stream.view()[i]);
  if (!hal::EqualConstantTime(Tag(AsBytes(plain)), tag)) return std::nullopt;
  return plain;
}

}  // namespace sw::device
