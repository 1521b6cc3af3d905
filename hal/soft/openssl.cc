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
    case Integrity::kHmacSha256:
      return "SHA256";
    case Integrity::kAead:
      return nullptr;
  }
  return nullptr;
}

constexpr std::array<const char*, 8> kCipherNames = {nullptr,       "DES-CBC",     "DES-EDE3-CBC", "AES-128-CBC",
                                                     "AES-192-CBC", "AES-256-CBC", "AES-128-GCM",  "AES-256-GCM"};

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
  bool complete = true;
  for (std::size_t i = 1; i < ciphers_.size(); ++i) {
    ciphers_[i].reset(EVP_CIPHER_fetch(context_.get(), kCipherNames[i], nullptr));
    complete = complete && ciphers_[i];
  }
  md5_.reset(EVP_MD_fetch(context_.get(), "MD5", nullptr));
  sha1_.reset(EVP_MD_fetch(context_.get(), "SHA1", nullptr));
  sha256_.reset(EVP_MD_fetch(context_.get(), "SHA256", nullptr));
  hmac_.reset(EVP_MAC_fetch(context_.get(), "HMAC", nullptr));
  hkdf_.reset(EVP_KDF_fetch(context_.get(), "HKDF", nullptr));
  complete = complete && md5_ && sha1_ && sha256_ && hmac_ && hkdf_;
  if (!complete && status_.ok()) status_ = Status(Code::kDevice, "OpenSSL lacks an algorithm: " + LastError());
}

const EVP_CIPHER* Openssl::cipher(Cipher cipher) const {
  return ciphers_[static_cast<std::size_t>(cipher)].get();
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
