#include "hal/certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "hal/base/file.h"
#include "hal/soft/openssl.h"

namespace sw::hal {
namespace {

using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using NamePtr = std::unique_ptr<X509_NAME, OpensslFree<X509_NAME_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, OpensslFree<X509_CRL_free>>;
using StorePtr = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>>;

constexpr int kMinBits = 1024,
              kMaxBits = 8192;  // our choice: what is smaller proves nothing, what is larger only costs

template <typename T>
Bytes Der(const T* object, int (*encode)(const T*, unsigned char**)) {
  const int size = encode(object, nullptr);
  if (size <= 0) return {};
  Bytes out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  encode(object, &at);
  return out;
}
Bytes NameDer(const X509* certificate) {
  return Der<X509_NAME>(X509_get_subject_name(certificate), i2d_X509_NAME);
}

bool Fits(EVP_PKEY* key) {
  return key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= kMinBits &&
         EVP_PKEY_get_bits(key) <= kMaxBits;
}

class X509Certificate final : public Certificate {
 public:
  explicit X509Certificate(X509Ptr certificate) : certificate_(std::move(certificate)) {}

  bool HasSubject(ByteView name) const override {
    const unsigned char* at = name.data();
    const NamePtr parsed(d2i_X509_NAME(nullptr, &at, static_cast<long>(name.size())));
    ERR_clear_error();
    return parsed != nullptr && at == name.data() + name.size() &&
           X509_NAME_cmp(parsed.get(), X509_get_subject_name(certificate_.get())) == 0;
  }
  std::string subject_text() const override {
    const BioPtr out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate_.get()), 0, XN_FLAG_RFC2253);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
  }
  bool HasAddress(Ipv4 address) const override {
    std::uint8_t bytes[4];
    Store32(bytes, address.value);
    return X509_check_ip(certificate_.get(), bytes, sizeof(bytes), 0) == 1;
  }
  bool HasName(std::string_view name) const override {
    const unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    return !name.empty() && (X509_check_host(certificate_.get(), name.data(), name.size(), flags, nullptr) == 1 ||
                             X509_check_email(certificate_.get(), name.data(), name.size(), 0) == 1);
  }
  bool Signed(ByteView digest, ByteView signature) const override {
    EVP_PKEY* key = X509_get0_pubkey(certificate_.get());
    if (!Fits(key)) return false;
    const KeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
    const bool ok =
        context != nullptr && EVP_PKEY_verify_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
    ERR_clear_error();
    return ok;
  }

 private:
  X509Ptr certificate_;
};

// What OpenSSL reads of; it keeps a copy of its own.
Result<BioPtr> OpenFile(const std::string& path) {
  if (path.empty()) return Status(Code::kNotFound, "a file is not named");
  const Result<std::string> text = ReadRegularFile(path);
  if (!text.ok()) return text.status();
  BioPtr in(BIO_new(BIO_s_mem()));
  if (in == nullptr || BIO_write(in.get(), text->data(), static_cast<int>(text->size())) < 0)
    return Status(Code::kDevice, "OpenSSL has no memory");
  return in;
}

// Certificates of a CA and its revocation lists.
class TrustStore {
 public:
  Status Read(const CredentialFiles& files) {
    Result<BioPtr> in = OpenFile(files.ca);
    if (!in.ok()) return in.status();
    store_.reset(X509_STORE_new());
    while (const X509Ptr ca{PEM_read_bio_X509(in->get(), nullptr, nullptr, nullptr)}) {
      if (ca_subject_.empty()) ca_subject_ = NameDer(ca.get());
      X509_STORE_add_cert(store_.get(), ca.get());
    }
    if (ca_subject_.empty()) return {Code::kBadValue, files.ca + " holds no certificate"};
    if (files.crl.empty()) return {};
    in = OpenFile(files.crl);
    if (!in.ok()) return in.status();
    while (const CrlPtr crl{PEM_read_bio_X509_CRL(in->get(), nullptr, nullptr, nullptr)}) {
      X509_STORE_add_crl(store_.get(), crl.get());
      crl_ = true;
    }
    if (!crl_) return {Code::kBadValue, files.crl + " holds no CRL"};
    return {};
  }

  Result<std::unique_ptr<Certificate>> Verify(ByteView der, std::int64_t now) const {
    const unsigned char* at = der.data();
    X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (certificate == nullptr || at != der.data() + der.size()) {
      ERR_clear_error();
      return Status(Code::kBadValue, "not an X.509 certificate");
    }
    if (!Fits(X509_get0_pubkey(certificate.get())))
      return Status(Code::kUnsupported, "its key is not RSA of a usable size");
    const StoreContextPtr context(X509_STORE_CTX_new());
    if (context == nullptr || X509_STORE_CTX_init(context.get(), store_.get(), certificate.get(), nullptr) != 1)
      return Status(Code::kDevice, "OpenSSL has no memory");
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(rules, now);
    if (crl_) X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_CRL_CHECK);
    const bool ok = X509_verify_cert(context.get()) == 1;
    const int error = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    if (!ok) return Status(Code::kDenied, X509_verify_cert_error_string(error));
    return std::unique_ptr<Certificate>(std::make_unique<X509Certificate>(std::move(certificate)));
  }

  const Bytes& ca_subject() const { return ca_subject_; }

 private:
  StorePtr store_;
  bool crl_ = false;
  Bytes ca_subject_;
};

class FileAuthority final : public Authority {
 public:
  Status Read(const CredentialFiles& files) { return trust_.Read(files); }
  Result<std::unique_ptr<Certificate>> Verify(ByteView der, std::int64_t now) const override {
    return trust_.Verify(der, now);
  }

 private:
  TrustStore trust_;
};

class FileCredentials final : public Credentials {
 public:
  Status Read(const CredentialFiles& files) {
    Result<BioPtr> in = OpenFile(files.certificate);
    if (!in.ok()) return in.status();
    certificate_.reset(PEM_read_bio_X509(in->get(), nullptr, nullptr, nullptr));
    if (certificate_ == nullptr) return {Code::kBadValue, files.certificate + " holds no certificate"};
    in = OpenFile(files.key);
    if (!in.ok()) return in.status();
    const auto no_password = [](char*, int, int, void*) { return 0; };
    key_.reset(PEM_read_bio_PrivateKey(in->get(), nullptr, no_password, nullptr));
    if (!Fits(key_.get())) return {Code::kBadValue, files.key + " holds no RSA key of a usable size"};
    if (X509_check_private_key(certificate_.get(), key_.get()) != 1)
      return {Code::kBadValue, files.key + " does not belong to " + files.certificate};
    der_ = Der<X509>(certificate_.get(), i2d_X509);
    return trust_.Read(files);
  }

  const Bytes& certificate() const override { return der_; }
  const Bytes& ca_subject() const override { return trust_.ca_subject(); }
  Result<std::unique_ptr<Certificate>> Verify(ByteView der, std::int64_t now) const override {
    return trust_.Verify(der, now);
  }

  Bytes Sign(ByteView digest) const override {
    const KeyContextPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    Bytes out(size);
    const bool ok = context != nullptr && EVP_PKEY_sign_init(context.get()) == 1 &&
                    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
                    EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) == 1;
    ERR_clear_error();
    out.resize(ok ? size : 0);
    return out;
  }

 private:
  X509Ptr certificate_;
  KeyPtr key_;
  TrustStore trust_;
  Bytes der_;
};

template <typename Interface, typename Made>
Result<std::shared_ptr<const Interface>> ReadAs(const CredentialFiles& files) {
  auto out = std::make_shared<Made>();
  Status read = out->Read(files);
  ERR_clear_error();
  if (!read.ok()) return read;
  return std::shared_ptr<const Interface>(std::move(out));
}

}  // namespace

Result<std::shared_ptr<const Authority>> Authority::Load(const CredentialFiles& files) {
  return ReadAs<Authority, FileAuthority>(files);
}

Result<std::shared_ptr<const Credentials>> Credentials::Load(const CredentialFiles& files) {
  return ReadAs<Credentials, FileCredentials>(files);
}

}  // namespace sw::hal
