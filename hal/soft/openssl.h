// OpenSSL as hal/soft uses it: owning pointers and the algorithms, fetched once into a private library context.
//
// The process's default context is left as it is: DES needs the legacy provider, and loading that into the default
// context would change what every other user of OpenSSL in the process gets. Included by hal/soft/*.cc only.
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>

#include <array>
#include <memory>
#include <string>

#include "hal/base/bytes.h"
#include "hal/base/result.h"
#include "hal/suites.h"

namespace sw::hal {

template <auto Free>
struct OpensslFree {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};
using LibraryContextPtr = std::unique_ptr<OSSL_LIB_CTX, OpensslFree<OSSL_LIB_CTX_free>>;
using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, OpensslFree<OSSL_PROVIDER_unload>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, OpensslFree<EVP_CIPHER_free>>;
using DigestPtr = std::unique_ptr<EVP_MD, OpensslFree<EVP_MD_free>>;
using MacPtr = std::unique_ptr<EVP_MAC, OpensslFree<EVP_MAC_free>>;
using KdfPtr = std::unique_ptr<EVP_KDF, OpensslFree<EVP_KDF_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;
using MacContextPtr = std::unique_ptr<EVP_MAC_CTX, OpensslFree<EVP_MAC_CTX_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, OpensslFree<EVP_KDF_CTX_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_clear_free>>;
using BignumContextPtr = std::unique_ptr<BN_CTX, OpensslFree<BN_CTX_free>>;

// Everything fetched; constant once built, so any thread may read it.
class Openssl {
 public:
  // Built on first use and kept to the end of the process: static objects may still hash while it ends.
  static const Openssl& Get();

  const Status& status() const { return status_; }  // kDevice, with the provider's name, when something is missing
  OSSL_LIB_CTX* context() const { return context_.get(); }
  const EVP_MD* md5() const { return md5_.get(); }
  const EVP_MD* sha1() const { return sha1_.get(); }
  const EVP_MD* sha256() const { return sha256_.get(); }
  EVP_KDF* hkdf() const { return hkdf_.get(); }

  // nullptr for the null cipher and for one whose provider is missing.
  const EVP_CIPHER* cipher(Cipher) const;
  // A keyed HMAC, or null. Reset it with EVP_MAC_init(ctx, nullptr, 0, nullptr): that copies the keyed state.
  MacContextPtr KeyedHmac(const char* digest, ByteView key) const;
  MacContextPtr KeyedHmac(Integrity, ByteView key) const;

 private:
  Openssl();

  // Order matters: what was fetched goes before the providers, and these before the context.
  LibraryContextPtr context_;
  ProviderPtr default_, legacy_;
  std::array<CipherPtr, 8> ciphers_;  // by Cipher
  DigestPtr md5_, sha1_, sha256_;
  MacPtr hmac_;
  KdfPtr hkdf_;
  Status status_;
};

// Ends the process: for calls that fail only when memory is out, where going on would mean weak keys.
[[noreturn]] void OpensslFailed(const char* what);
inline void Require(bool ok, const char* what) {
  if (!ok) OpensslFailed(what);
}

}  // namespace sw::hal
