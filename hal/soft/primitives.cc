#include "hal/primitives.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "hal/soft/openssl.h"

namespace sw::hal {
namespace {

template <typename Digest>
Digest DigestOf(const EVP_MD* md, ByteView data) {
  Digest out;
  Require(EVP_Digest(data.data(), data.size(), out.data(), nullptr, md, nullptr) == 1, "EVP_Digest");
  return out;
}

OSSL_PARAM OctetParam(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}

SecretBytes Hkdf(int mode, const char* second_name, ByteView key, ByteView second, std::size_t bytes) {
  SecretBytes out(bytes);
  KdfContextPtr kdf(EVP_KDF_CTX_new(Openssl::Get().hkdf()));
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
      OctetParam(OSSL_KDF_PARAM_KEY, key),
      OctetParam(second_name, second),
      OSSL_PARAM_construct_end(),
  };
  if (second.empty()) params[3] = OSSL_PARAM_construct_end();
  Require(kdf != nullptr && EVP_KDF_derive(kdf.get(), out.span().data(), bytes, params) == 1, "HKDF");
  return out;
}

}  // namespace

Status CheckPrimitives() {
  return Openssl::Get().status();
}

void SystemRandom::Fill(ByteSpan out) {
  Require(RAND_bytes_ex(Openssl::Get().context(), out.data(), out.size(), 0) == 1, "no entropy");
}

Sha256Digest Sha256(ByteView data) {
  return DigestOf<Sha256Digest>(Openssl::Get().sha256(), data);
}
Md5Digest Md5(ByteView data) {
  return DigestOf<Md5Digest>(Openssl::Get().md5(), data);
}

namespace {

void HmacInto(const char* digest, ByteView key, ByteView data, ByteSpan out) {
  MacContextPtr mac = Openssl::Get().KeyedHmac(digest, key);
  Require(mac != nullptr && EVP_MAC_update(mac.get(), data.data(), data.size()) == 1 &&
              EVP_MAC_final(mac.get(), out.data(), nullptr, out.size()) == 1,
          "HMAC");
}

const EVP_MD* DigestOf(HashAlgorithm hash) {
  const Openssl& openssl = Openssl::Get();
  const std::array<const EVP_MD*, 3> digests = {openssl.md5(), openssl.sha1(), openssl.sha256()};
  return digests[static_cast<std::size_t>(hash)];
}

bool Cbc(Cipher cipher, ByteView key, ByteView iv, ByteSpan data, bool encrypt) {
  const CipherInfo& info = Info(cipher);
  const EVP_CIPHER* algorithm = Openssl::Get().cipher(cipher);
  if (info.aead || algorithm == nullptr || key.size() != info.key_bytes || iv.size() != info.iv_bytes ||
      data.size() % info.block_bytes != 0) {
    return false;
  }
  CipherContextPtr context(EVP_CIPHER_CTX_new());
  int length = 0;
  Require(context != nullptr &&
              EVP_CipherInit_ex2(context.get(), algorithm, key.data(), iv.data(), encrypt ? 1 : 0, nullptr) == 1 &&
              EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
              EVP_CipherUpdate(context.get(), data.data(), &length, data.data(), static_cast<int>(data.size())) == 1,
          "cipher");
  return true;
}

}  // namespace

Sha256Digest HmacSha256(ByteView key, ByteView data) {
  Sha256Digest out;
  HmacInto("SHA256", key, data, out);
  return out;
}

std::size_t HashBytes(HashAlgorithm hash) {
  static constexpr std::array<std::size_t, 3> kBytes = {16, 20, 32};
  return kBytes[static_cast<std::size_t>(hash)];
}

Bytes Hash(HashAlgorithm hash, ByteView data) {
  Bytes out(HashBytes(hash));
  Require(EVP_Digest(data.data(), data.size(), out.data(), nullptr, DigestOf(hash), nullptr) == 1, "EVP_Digest");
  return out;
}

SecretBytes Hmac(HashAlgorithm hash, ByteView key, ByteView data) {
  static constexpr std::array<const char*, 3> kNames = {"MD5", "SHA1", "SHA256"};
  SecretBytes out(HashBytes(hash));
  HmacInto(kNames[static_cast<std::size_t>(hash)], key, data, out.span());
  return out;
}

bool CbcEncrypt(Cipher cipher, ByteView key, ByteView iv, ByteSpan data) {
  return Cbc(cipher, key, iv, data, true);
}
bool CbcDecrypt(Cipher cipher, ByteView key, ByteView iv, ByteSpan data) {
  return Cbc(cipher, key, iv, data, false);
}

bool EqualConstantTime(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

SecretBytes HkdfExtract(ByteView salt, ByteView input) {
  return Hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, OSSL_KDF_PARAM_SALT, input, salt, Sha256Digest{}.size());
}

SecretBytes HkdfExpand(const SecretBytes& prk, std::string_view label, ByteView context, std::size_t bytes) {
  if (bytes == 0) return {};
  Bytes info(label.begin(), label.end());
  info.insert(info.end(), context.begin(), context.end());
  return Hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, OSSL_KDF_PARAM_INFO, prk.view(), info, bytes);
}

}  // namespace sw::hal
