// The numbers of ISAKMP and IKE version 1 that this product speaks. RFC 2407 (IPsec DOI), RFC 2408 (ISAKMP), RFC 2409
// (IKE), RFC 3526 (groups), RFC 3602 (AES), RFC 3706 (DPD), RFC 3947 (NAT traversal), RFC 4106 (AES-GCM), RFC 4868.
#pragma once

#include <cstdint>
#include <string_view>

namespace sw::ipsec::ike {

inline constexpr std::uint16_t kPort = 500, kNatPort = 4500;
inline constexpr std::uint8_t kVersion = 0x10;  // major 1, minor 0
inline constexpr std::uint32_t kDoiIpsec = 1;
inline constexpr std::uint32_t kSituationIdentityOnly = 1;

enum class Exchange : std::uint8_t { kNone = 0, kMain = 2, kAggressive = 4, kInformational = 5, kQuick = 32 };

enum class PayloadType : std::uint8_t {
  kNone = 0,
  kSa = 1,
  kProposal = 2,
  kTransform = 3,
  kKeyExchange = 4,
  kId = 5,
  kCertificate = 6,
  kCertificateRequest = 7,
  kHash = 8,
  kSignature = 9,
  kNonce = 10,
  kNotify = 11,
  kDelete = 12,
  kVendorId = 13,
  kNatDetection = 20,
  kNatOriginalAddress = 21,
  kDraftNatDetection = 130,  // draft-ietf-ipsec-nat-t-ike-02 and -03
};

enum Flag : std::uint8_t { kEncrypted = 1, kCommit = 2, kAuthenticationOnly = 4 };

enum class Protocol : std::uint8_t { kIsakmp = 1, kAh = 2, kEsp = 3 };

enum class IdKind : std::uint8_t {
  kIpv4 = 1,
  kFqdn = 2,
  kUserFqdn = 3,
  kIpv4Subnet = 4,
  kIpv4Range = 7,
  kDn = 9,
  kKeyId = 11,
};

// Attributes of a phase 1 transform (RFC 2409 appendix A).
namespace phase1 {
enum Attribute : std::uint16_t {
  kEncryption = 1,
  kHash = 2,
  kMethod = 3,
  kGroup = 4,
  kLifeType = 11,
  kLifeDuration = 12,
  kKeyLength = 14,
};
enum Encryption : std::uint16_t { kDesCbc = 1, k3DesCbc = 5, kAesCbc = 7 };
enum HashId : std::uint16_t { kMd5 = 1, kSha = 2, kSha256 = 4 };
enum Method : std::uint16_t { kPreShared = 1, kRsaSignature = 3 };
inline constexpr std::uint8_t kTransformKeyIke = 1;
}  // namespace phase1

// Attributes and transforms of phase 2 (RFC 2407 section 4.4 and 4.5).
namespace phase2 {
enum Attribute : std::uint16_t {
  kLifeType = 1,
  kLifeDuration = 2,
  kGroup = 3,
  kEncapsulation = 4,
  kAuthentication = 5,
  kKeyLength = 6,
};
enum Esp : std::uint8_t { kEspDes = 2, kEsp3Des = 3, kEspNull = 11, kEspAes = 12, kEspAesGcm16 = 20 };
enum Ah : std::uint8_t { kAhMd5 = 2, kAhSha = 3, kAhSha256 = 5 };
enum Authentication : std::uint16_t { kHmacMd5 = 1, kHmacSha = 2, kHmacSha256 = 5 };
enum Encapsulation : std::uint16_t {
  kTunnel = 1,
  kTransport = 2,
  kUdpTunnel = 3,
  kUdpTransport = 4,
  kDraftUdpTunnel = 61443,
  kDraftUdpTransport = 61444
};
}  // namespace phase2
enum LifeType : std::uint16_t { kSeconds = 1, kKilobytes = 2 };

// X(enumerator, number, name as the troubleshooting pages print it)
#define SW_IKE_NOTIFICATIONS(X)                                \
  X(kInvalidPayloadType, 1, "INVALID_PAYLOAD_TYPE")            \
  X(kDoiNotSupported, 2, "DOI_NOT_SUPPORTED")                  \
  X(kSituationNotSupported, 3, "SITUATION_NOT_SUPPORTED")      \
  X(kInvalidCookie, 4, "INVALID_COOKIE")                       \
  X(kInvalidMajorVersion, 5, "INVALID_MAJOR_VERSION")          \
  X(kInvalidMinorVersion, 6, "INVALID_MINOR_VERSION")          \
  X(kInvalidExchangeType, 7, "INVALID_EXCHANGE_TYPE")          \
  X(kInvalidFlags, 8, "INVALID_FLAGS")                         \
  X(kInvalidMessageId, 9, "INVALID_MESSAGE_ID")                \
  X(kInvalidProtocolId, 10, "INVALID_PROTOCOL_ID")             \
  X(kInvalidSpi, 11, "INVALID_SPI")                            \
  X(kInvalidTransformId, 12, "INVALID_TRANSFORM_ID")           \
  X(kAttributesNotSupported, 13, "ATTRIBUTES_NOT_SUPPORTED")   \
  X(kNoProposalChosen, 14, "NO_PROPOSAL_CHOSEN")               \
  X(kBadProposalSyntax, 15, "BAD_PROPOSAL_SYNTAX")             \
  X(kPayloadMalformed, 16, "PAYLOAD_MALFORMED")                \
  X(kInvalidKeyInformation, 17, "INVALID_KEY_INFORMATION")     \
  X(kInvalidIdInformation, 18, "INVALID_ID_INFORMATION")       \
  X(kInvalidCertEncoding, 19, "INVALID_CERT_ENCODING")         \
  X(kInvalidCertificate, 20, "INVALID_CERTIFICATE")            \
  X(kCertTypeUnsupported, 21, "CERT_TYPE_UNSUPPORTED")         \
  X(kInvalidCertAuthority, 22, "INVALID_CERT_AUTHORITY")       \
  X(kInvalidHashInformation, 23, "INVALID_HASH_INFORMATION")   \
  X(kAuthenticationFailed, 24, "AUTHENTICATION_FAILED")        \
  X(kInvalidSignature, 25, "INVALID_SIGNATURE")                \
  X(kAddressNotification, 26, "ADDRESS_NOTIFICATION")          \
  X(kNotifySaLifetime, 27, "NOTIFY_SA_LIFETIME")               \
  X(kCertificateUnavailable, 28, "CERTIFICATE_UNAVAILABLE")    \
  X(kUnsupportedExchangeType, 29, "UNSUPPORTED_EXCHANGE_TYPE") \
  X(kUnequalPayloadLengths, 30, "UNEQUAL_PAYLOAD_LENGTHS")     \
  X(kConnected, 16384, "CONNECTED")                            \
  X(kResponderLifetime, 24576, "RESPONDER_LIFETIME")           \
  X(kReplayStatus, 24577, "REPLAY_STATUS")                     \
  X(kInitialContact, 24578, "INITIAL_CONTACT")                 \
  X(kDpdRequest, 36136, "R_U_THERE")                           \
  X(kDpdAnswer, 36137, "R_U_THERE_ACK")

enum class Notification : std::uint16_t {
#define SW_X(enumerator, number, name) enumerator = number,
  SW_IKE_NOTIFICATIONS(SW_X)
#undef SW_X
};

constexpr std::string_view Name(Notification n) {
  switch (n) {
#define SW_X(enumerator, number, name) \
  case Notification::enumerator:       \
    return name;
    SW_IKE_NOTIFICATIONS(SW_X)
#undef SW_X
  }
  return "UNKNOWN";
}

}  // namespace sw::ipsec::ike
