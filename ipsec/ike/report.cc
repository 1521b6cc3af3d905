#include "ipsec/ike/report.h"

#include <fmt/format.h>

#include <utility>

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

void Report::Tell(IkeTopic topic, const IsakmpSa& sa, const std::string& text, IkeEventKind what) const {
  Tell(topic, sa.local.address, sa.remote.address, sa.peer, text, what);
}

void Report::Tell(IkeTopic topic, Ipv4 local, Ipv4 remote, const std::string& peer, const std::string& text,
                  IkeEventKind what) const {
  if (!services_.notify) return;
  if (what == IkeEventKind::kNote && !Wants(topic)) return;
  services_.notify({topic, what, local, remote, peer, text});
}

void Report::Explain(IsakmpSa& sa, const std::string& text) const {
  Tell(IkeTopic::kError, sa, text);
  sa.detail = text;
}

void Report::Failed(IsakmpSa& sa, Failure failure, const std::string& detail) const {
  const std::string explained = std::exchange(sa.detail, {});
  Failed(sa.local.address, sa.remote.address, sa.peer, sa.ready ? 2 : 1, failure,
         explained.empty() ? detail : explained);
}

void Report::Failed(Ipv4 local, Ipv4 remote, const std::string& peer, int phase, Failure failure,
                    const std::string& detail) const {
  if (!services_.notify) return;
  services_.notify({IkeTopic::kError, IkeEventKind::kFailed, local, remote, peer,
                    fmt::format("phase {} failed: {}{}{}", phase, Phrase(failure), detail.empty() ? "" : ": ", detail),
                    failure});
}

void Report::Dropped(Notification why) {
  ++counters.in_drops;
  switch (why) {
    case Notification::kAuthenticationFailed:
    case Notification::kInvalidHashInformation:
      ++counters.auth_fails;
      break;
    case Notification::kInvalidCookie:
      ++counters.invalid_cookie;
      break;
    case Notification::kNoProposalChosen:
      ++counters.no_proposal;
      break;
    case Notification::kAttributesNotSupported:
      ++counters.attribute_not_supported;
      break;
    case Notification::kInvalidExchangeType:
    case Notification::kUnsupportedExchangeType:
      ++counters.unsupported_exchange;
      break;
    case Notification::kInvalidIdInformation:
      ++counters.invalid_id;
      break;
    case Notification::kInvalidProtocolId:
      ++counters.invalid_protocol;
      break;
    case Notification::kCertTypeUnsupported:
    case Notification::kInvalidCertEncoding:
      ++counters.certificate_type_unsupported;
      break;
    case Notification::kInvalidCertificate:
    case Notification::kInvalidCertAuthority:
      ++counters.invalid_certificate;
      break;
    case Notification::kInvalidSignature:
      ++counters.invalid_signature;
      break;
    case Notification::kCertificateUnavailable:
      ++counters.certificate_unavailable;
      break;
    default:
      break;
  }
}

void Report::Dropped(IsakmpSa& sa, Notification why) {
  Dropped(why);
  sa.trouble = std::string(Name(why));
  sa.failure = FailureOf(why);
  Tell(IkeTopic::kError, sa,
       fmt::format("drop message from {} due to notification type {}", sa.remote.address.ToString(), Name(why)));
  if (!sa.ready) Failed(sa, FailureOf(why), std::string(Name(why)));
}

}  // namespace sw::ipsec::ike
