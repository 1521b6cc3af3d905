#include "hal/soft/openssl.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <cstdio>
#include <cstdlib>

namespace sw::hal {
namespace {

const char* DigestName(Integrity integrity) {
  switch (integrity) {
    case Integrity::kNone:
      return nullptr;
    case Integrity::kHmacMd5:
      return "MD5";
    case Integrity::kHmacSha1:
      return "SHA1";
  }
  return nullptr;
}

std::string LastError() {
  char text[256];
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof text);
  ERR_clear_error();
  return text;
}

}  // namespace

const Openssl& Openssl::Get() {
  static const Openssl* const instance = new Openssl;
  return *instance;
}

Openssl::Openssl() : context_(OSSL_LIB_CTX_new()) {
  Require(context_ != nullptr, "OSSL_LIB_CTX_new");
  default_.reset(OSSL_PROVIDER_load(context_.get(), "default"));
  if (default_ == nullptr) status_ = Status(Code::kDevice, "OpenSSL's default provider does not load: " + LastError());
  legacy_.reset(OSSL_PROVIDER_load(context_.get(), "legacy"));
  if (legacy_ == nullptr && status_.ok()) {
    status_ = Status(Code::kDevice, "OpenSSL's legacy provider, which has DES, does not load: " + LastError());
  }
  des_.reset(EVP_CIPHER_fetch(context_.get(), "DES-CBC", nullptr));
  triple_des_.reset(EVP_CIPHER_fetch(context_.get(), "DES-EDE3-CBC", nullptr));
  aes128_.reset(EVP_CIPHER_fetch(context_.get(), "AES-128-CBC", nullptr));
  md5_.reset(EVP_MD_fetch(context_.get(), "MD5", nullptr));
  sha256_.reset(EVP_MD_fetch(context_.get(), "SHA256", nullptr));
  hmac_.reset(EVP_MAC_fetch(context_.get(), "HMAC", nullptr));
  hkdf_.reset(EVP_KDF_fetch(context_.get(), "HKDF", nullptr));
  const bool complete = des_ && triple_des_ && aes128_ && md5_ && sha256_ && hmac_ && hkdf_;
  if (!complete && status_.ok()) status_ = Status(Code::kDevice, "OpenSSL lacks an algorithm: " + LastError());
}

const EVP_CIPHER* Openssl::cipher(Cipher cipher) const {
  switch (cipher) {
    case Cipher::kNull:
      return nullptr;
    case Cipher::kDesCbc:
      return des_.get();
    case Cipher::k3DesCbc:
      return triple_des_.get();
    case Cipher::kAesCbc:
      return aes128_.get();
  }
  return nullptr;
}

MacContextPtr Openssl::KeyedHmac(const char* digest, ByteView key) const {
  if (digest == nullptr) return nullptr;
  MacContextPtr mac(EVP_MAC_CTX_new(hmac_.get()));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
      OSSL_PARAM_construct_end(),
  };
  // A null key means "keep the old one" to OpenSSL, so an empty key still needs an address.
  static constexpr std::uint8_t kEmpty = 0;
  const std::uint8_t* bytes = key.empty() ? &kEmpty : key.data();
  if (mac == nullptr || EVP_MAC_init(mac.get(), bytes, key.size(), params) != 1) return nullptr;
  return mac;
}

MacContextPtr Openssl::KeyedHmac(Integrity integrity, ByteView key) const {
  return KeyedHmac(DigestName(integrity), key);
}

void OpensslFailed(const char* what) {
  std::fprintf(stderr, "sw8800: OpenSSL failed: %s: %s\n", what, LastError().c_str());
  std::abort();
}

}  // namespace sw::hal
