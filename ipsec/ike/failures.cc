// Why negotiations fail, told to the operator whether debugging is on or not. Who bounds how often is the listener.
#include <fmt/format.h>

#include "ipsec/ike/core.h"

namespace sw::ipsec::ike {

Failure FailureOf(Notification why) {
  switch (why) {
    case Notification::kNoProposalChosen:
    case Notification::kAttributesNotSupported:
    case Notification::kInvalidTransformId:
    case Notification::kInvalidProtocolId:
      return Failure::kNoProposal;
    case Notification::kAuthenticationFailed:
    case Notification::kInvalidHashInformation:
    case Notification::kInvalidSignature:
      return Failure::kAuthentication;
    case Notification::kInvalidIdInformation:
      return Failure::kIdentity;
    case Notification::kInvalidCertEncoding:
    case Notification::kInvalidCertificate:
    case Notification::kCertTypeUnsupported:
    case Notification::kInvalidCertAuthority:
    case Notification::kCertificateUnavailable:
      return Failure::kCertificate;
    case Notification::kInvalidKeyInformation:
      return Failure::kKeyExchange;
    default:
      return Failure::kMessage;
  }
}

// Remembered, so that the failure of the exchange can be told by its cause.
void Engine::Impl::Explain(Phase1Sa& sa, const std::string& text) {
  Tell(Topic::kError, sa, text);
  sa.detail = text;
}

void Engine::Impl::TellFailed(Phase1Sa& sa, Failure failure, const std::string& detail) {
  const std::string explained = std::exchange(sa.detail, {});
  TellFailed(sa.local.address, sa.remote.address, sa.peer, sa.ready() ? 2 : 1, failure,
             explained.empty() ? detail : explained);
}

void Engine::Impl::TellFailed(Ipv4 local, Ipv4 remote, const std::string& peer, int phase, Failure failure,
                              const std::string& detail) {
  if (!services.notify) return;
  services.notify({Topic::kError, What::kFailed, local, remote, peer,
                   fmt::format("phase {} failed: {}{}{}", phase, Phrase(failure), detail.empty() ? "" : ": ", detail),
                   failure});
}

}  // namespace sw::ipsec::ike
