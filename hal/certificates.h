// X.509 certificates and RSA signatures for protocols that authenticate with them (IKE, RFC 2409 section 5.1): one
// domain's files, and judging what another end sends. Thin over OpenSSL (hal/soft/certificates.cc). Any thread;
// nothing blocks but Load, which reads files. Private keys are never shown.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hal/base/address.h"
#include "hal/base/bytes.h"
#include "hal/base/result.h"

namespace sw::hal {

// Another end's certificate, verified.
class Certificate {
 public:
  virtual ~Certificate() = default;
  virtual bool HasSubject(
      ByteView name) const = 0;                  // DER of a distinguished name; how its strings are typed is no matter
  virtual std::string subject_text() const = 0;  // RFC 2253
  virtual bool HasAddress(Ipv4 address) const = 0;        // subjectAltName only
  virtual bool HasName(std::string_view name) const = 0;  // a DNS or e-mail name of subjectAltName, or the CN
  // PKCS #1 v1.5 over the bare digest, without its algorithm identifier (RFC 2409 section 5.1).
  virtual bool Signed(ByteView digest, ByteView signature) const = 0;
};

struct CredentialFiles {
  std::string certificate, key, ca, crl;  // PEM; crl may be empty
};

// Whom this end believes.
class Authority {
 public:
  // The CA, and its CRL if any; the other files are not read. Errors as of Credentials::Load.
  static Result<std::shared_ptr<const Authority>> Load(const CredentialFiles& files);
  virtual ~Authority() = default;
  // The chain ends in our CA, the CRL (if any) does not name it, and it is valid at `now` (s since 1970).
  virtual Result<std::unique_ptr<Certificate>> Verify(ByteView der, std::int64_t now) const = 0;
};

// And who it is itself.
class Credentials : public Authority {
 public:
  // kNotFound: a file cannot be read; kBadValue: it is not what it should be, the key does not belong to the
  // certificate, or the key is not RSA of 1024 to 8192 bits.
  static Result<std::shared_ptr<const Credentials>> Load(const CredentialFiles& files);

  virtual const Bytes& certificate() const = 0;   // DER
  virtual const Bytes& ca_subject() const = 0;    // DER
  virtual Bytes Sign(ByteView digest) const = 0;  // as Certificate::Signed has it; empty: impossible
};

}  // namespace sw::hal
