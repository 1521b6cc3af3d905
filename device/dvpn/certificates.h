// The certificates that tunnels need: those of the PKI domains that a class or `dvpn server certificate domain` names. A
// file is read again when it has changed and a tunnel's settings are looked at, so that a new revocation list counts
// from the next change of the configuration on.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "device/dvpn/values.h"
#include "hal/certificates.h"

namespace sw::device {

// The files of a PKI domain; nullopt: there is no such domain.
using PkiDomains = std::function<std::optional<hal::CredentialFiles>(const std::string& name)>;

class Certificates {
 public:
  // Puts into the settings of a tunnel what its domain holds. Why a client's cannot be had: it does not run then. A
  // server runs without, and `trouble` is why.
  Status Fill(const PkiDomains& domains, const DvpnConfig& config, const InterfaceConfig& tunnel,
              dvpn::TunnelSettings& settings, std::string& trouble);

 private:
  template <typename Kind>
  struct Read {
    std::string state;  // of the files
    std::shared_ptr<const Kind> kind;
  };
  template <typename Kind>
  using Domains = std::map<std::string, Read<Kind>>;
  template <typename Kind>
  static Result<std::shared_ptr<const Kind>> Find(const PkiDomains& domains, const std::string& name,
                                                  Domains<Kind>& read);

  Domains<hal::Authority> authorities_;
  Domains<hal::Credentials> credentials_;
};

}  // namespace sw::device
