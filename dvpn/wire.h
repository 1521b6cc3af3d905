// Control messages as bytes, version 2. Our own format, specified byte by byte in man/sw8800-dvpn.7; the original one
// is not public. A datagram decodes as a whole or is refused with a reason; no partial message escapes.
//
//   0  marker 0 (4)        an ESP packet has its SPI here, never 0 (RFC 3948 section 2.2)
//   4  version (1)  5 type (1)  6 length of the whole datagram (2)
//   8  channel (8)         names the keys; the client's identifier while there are none
//   16 counter (4)         per channel and direction
//   20 body                clear for types 1-3, 9, 11, 12 and 32, sealed for the others; types 4, 5, 7 and 26 are
//   clear, then
//                         sealed
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "dvpn/drop.h"
#include "dvpn/types.h"
#include "hal/base/address.h"
#include "hal/base/bytes.h"
#include "hal/base/secret.h"

namespace sw::dvpn::wire {

inline constexpr std::uint8_t kVersion = 2;
inline constexpr std::uint8_t kOldVersion = 1;  // its header, ALG-REQ and REFUSE are the same
inline constexpr std::size_t kHeaderBytes = 20;
inline constexpr std::size_t kNonceBytes = 32, kCookieBytes = 16, kMacBytes = 32, kSecretSize = 32;
inline constexpr std::size_t kSuiteSlots = 31;        // makes a step-1 message larger than any answer to it
inline constexpr std::size_t kMaxDeviceId = 64;       // octets, printable ASCII
inline constexpr std::size_t kMaxPassword = 255;      // octets
inline constexpr std::size_t kShareBytes = 32;        // of CPace
inline constexpr std::size_t kDigestBytes = 16;       // by which parts name their whole
inline constexpr std::size_t kClaimBytes = 81;        // of KEX-REQ: nonce, suites, the chosen one, cookie
inline constexpr std::size_t kMaxPublicValue = 1216;  // octets of a public value: the hybrid's
inline constexpr std::size_t kMaxWhole = 1252;        // what every path takes; larger messages go in parts
inline constexpr std::uint8_t kMaxPieces = 4;         // of KEX-RSP, which may carry a certificate
inline constexpr std::size_t kMaxMessage = 4752;      // the largest that makes
inline constexpr std::size_t kMaxDatagram = 1472;     // no control message is larger; only probes of the path come near

enum class Type : std::uint8_t {
  kAlgReq = 1,
  kAlgRsp = 2,
  kKexReq = 3,
  kKexRsp = 4,
  kAuthReq = 5,
  kAuthRsp = 6,
  kRegReq = 7,
  kRegRsp = 8,
  kRefuse = 9,
  kAbort = 10,
  kKexReqPart = 11,
  kKexRspPart = 12,
  kSetupReq = 16,
  kSetupRsp = 17,
  kKeepalive = 18,
  kKeepaliveAck = 19,
  kRekeyReq = 20,
  kRekeyRsp = 21,
  kRedirect = 22,
  kRelease = 23,
  kReleaseAck = 24,
  kProbe = 25,
  kPathProbe = 26,
  kPathAck = 27,
  kPart = 28,
  kUnreached = 29,
  kClear = 32,  // a data packet that the security ACL leaves unprotected
};
std::string_view Name(Type);  // empty: no such type
int StepOf(Type);             // of the eight steps, parts as their whole; 0: none

// Why one end says no. In REFUSE it is clear and counts only with the nonce of the client; in AUTH-RSP,
// REG-RSP and ABORT it is sealed.
enum class Answer : std::uint8_t {
  kAccepted = 0,
  kNoCommonSuite = 1,
  kNoPreSharedKey = 2,
  kBusy = 3,
  kBadCredentials = 4,
  kOutsideNetwork = 5,
  kAddressTaken = 6,
  kMalformed = 7,
  kBadCookie = 8,
  kNotVerified = 9,
  kUnknown = 10,
  kBadServerProof = 11,
  kBelowMinimum = 12,
  kUnknownSuite = 13,
  kOtherServer = 14,
  kNoUser = 15,
  kBadChallenge = 16,
  kGaveUp = 17,
  kFault = 18,
  kTooManyFailures = 19,
  kTooManyAddresses = 20,
  kNoCertificate = 21,
  kBadCertificate = 22,
};
std::string_view Phrase(Answer);  // empty: no such answer

using Nonce = std::array<std::uint8_t, kNonceBytes>;
using Cookie = std::array<std::uint8_t, kCookieBytes>;
struct SuiteList {
  std::uint8_t count = 0;
  std::array<std::uint8_t, kSuiteSlots> numbers{};  // in order of preference, zero-filled
  bool Has(int number) const;
  friend bool operator==(const SuiteList&, const SuiteList&) = default;
};

struct AlgReq {
  Nonce nonce{};
  SuiteList suites;
};
struct AlgRsp {
  Nonce nonce{};  // the client's
  std::uint8_t suite = 0;
  Cookie cookie{};
};
struct KexReq {
  Nonce nonce{};
  SuiteList suites;
  std::uint8_t suite = 0;
  Cookie cookie{};
  ServerMethod authenticate_server = ServerMethod::kNone;
  Bytes public_value;
  Bytes share;  // of CPace: kShareBytes, or none where the suite does not prove the key by it
};
struct KexRsp {
  Nonce nonce{};  // the server's
  Bytes public_value;
  Bytes share;     // as in KexReq
  ByteView clear;  // filled by Decode: the part of the body before the sealed one
  ByteView sealed;
};
struct KexProof {  // the sealed part of KexRsp
  Bytes mac;       // empty when the client did not ask
  AuthMethod method = AuthMethod::kNone;
  std::uint8_t chap_id = 0;
  Bytes challenge;
  Bytes signature, certificate;  // of the server, where the client asked for them
};
using Digest = std::array<std::uint8_t, kDigestBytes>;
struct Piece {
  Digest whole{};           // the first octets of SHA-256 over the whole body
  std::uint8_t number = 0;  // from 0
  Bytes bytes;
  std::uint8_t count = 2;  // of the pieces of the whole: 2, of KEX-RSP up to kMaxPieces
};
// Of KEX-REQ or KEX-RSP. KEX-REQ-PART begins as the body of KEX-REQ does, with all that the cookie is checked by.
struct KexPart {
  Nonce nonce{};
  std::array<std::uint8_t, kClaimBytes> claim{};  // KEX-REQ-PART only; begins with the nonce
  Piece piece;
};
struct AuthReq {  // and REG-REQ: behind the nonce of the client, which is clear
  AuthMethod method = AuthMethod::kNone;
  std::string user_name;
  SecretBytes proof;  // PAP password or CHAP response
};
struct AuthRsp {
  Answer answer = Answer::kAccepted;
};
struct RegReq {
  RegisterType type = RegisterType::kNormal;
  Ipv4 private_address;
  Endpoint local;
  std::string device_id;
};
// The part of a policy that travels.
struct Terms {
  std::uint8_t session_suite = 0, data_suite = 0;
  std::uint16_t keepalive = 0, setup_interval = 0;
  std::uint32_t idle = 0, sa_duration = 0;  // seconds, all four
  friend bool operator==(const Terms&, const Terms&) = default;
};
struct RegRsp {
  Answer answer = Answer::kAccepted;  // anything else: the rest is absent
  std::uint16_t dvpn_id = 0;
  std::uint32_t control_id = 0;
  Terms terms;
  Ipv4 server_private;
  Endpoint observed;  // the client as the server sees it
  std::string device_id;
};
struct Refuse {   // by either end
  Nonce nonce{};  // of the client, which only who saw the exchange can have
  Answer answer = Answer::kBusy;
};
struct Abort {  // a client gives up after the keys were agreed
  Answer answer = Answer::kGaveUp;
};
struct SetupReq {  // REKEY-REQ too
  Nonce nonce{};
  std::uint32_t spi = 0;
  Bytes public_value;
};
struct SetupRsp {  // REKEY-RSP too
  Nonce initiator_nonce{}, nonce{};
  std::uint32_t spi = 0;
  Bytes public_value;
};
struct Keepalive {  // and its answer
  std::uint32_t number = 0;
};
struct Redirect {
  bool active = false;  // the receiver opens the session
  Ipv4 peer_private, destination;
  Endpoint peer_public, peer_local;
  Terms terms;
  SecretBytes secret;
  std::string device_id;
};
struct Unreached {  // a packet of the receiver's ended at the server
  Ipv4 destination, peer_private;  // of the packet; of the client behind which that is
  bool registered = false;         // that client has a map, which is not proven
};
struct Release {
  bool stopping = false;  // the server goes away: only the map ends; else everything that came with it
};
struct Part {  // half of SETUP-REQ or REKEY-REQ, sealed
  Type type = Type::kSetupReq;
  std::uint8_t number = 0;    // 0 or 1
  std::uint32_t message = 0;  // the same in both
  Bytes bytes;
};
struct PathSize {  // PATH-PROBE: of this datagram; PATH-ACK: of the one that arrived
  std::uint16_t bytes = 0;
};
struct Empty {};  // RELEASE-ACK, PROBE

using Body = std::variant<AlgReq, AlgRsp, KexReq, KexRsp, KexPart, AuthReq, AuthRsp, RegReq, RegRsp, Refuse, Abort,
                          SetupReq, SetupRsp, Keepalive, Redirect, Unreached, Release, Part, PathSize, Empty>;

// A datagram whose header is right. The views point into the datagram.
struct Frame {
  Type type = Type::kAlgReq;
  std::uint64_t channel = 0;
  std::uint32_t counter = 0;
  ByteView datagram, body;
};
std::variant<Frame, Drop> DecodeFrame(ByteView datagram, std::size_t most = kMaxDatagram);
// A datagram of another version whose header is otherwise right; nullopt: it is not.
std::optional<std::uint8_t> OtherVersion(ByteView datagram);
// `bytes`: the clear body, or what opening the sealed one gave. nullopt: malformed.
std::optional<Body> DecodeBody(Type type, ByteView bytes);
std::optional<KexProof> DecodeKexProof(ByteView bytes);
// What the cookie of a KEX-REQ is checked by, from the part of it that every KEX-REQ-PART repeats; the rest stays
// empty.
std::optional<KexReq> DecodeClaim(ByteView bytes);

Bytes Encode(const AlgReq&);
Bytes Encode(const AlgRsp&);
Bytes Encode(const KexReq&);
Bytes Encode(const KexRsp&);  // the clear part only
Bytes Encode(const KexProof&);
Bytes Encode(const KexPart&, Type type);
Bytes Encode(const AuthReq&);
Bytes Encode(const AuthRsp&);
Bytes Encode(const RegReq&);
Bytes Encode(const RegRsp&);
Bytes Encode(const Refuse&);
Bytes Encode(const Abort&);
Bytes Encode(const SetupReq&);
Bytes Encode(const SetupRsp&);
Bytes Encode(const Keepalive&);
Bytes Encode(const Redirect&);
Bytes Encode(const Unreached&);
Bytes Encode(const Release&);
Bytes Encode(const Part&);
Bytes Encode(const PathSize&);
Bytes Encode(const Terms&);
inline Bytes Encode(const Empty&) {
  return {};
}

// PATH-PROBE: the clear part of `filler` zero bytes behind their number, and its size in a body; nullopt: malformed.
Bytes PathFiller(std::size_t filler);
std::optional<std::size_t> PathFillerBytes(ByteView body);

// The header for a body of `body_bytes`, and a whole clear datagram.
Bytes EncodeHeader(Type type, std::uint64_t channel, std::uint32_t counter, std::size_t body_bytes);
Bytes EncodeFrame(Type type, std::uint64_t channel, std::uint32_t counter, ByteView body,
                  std::uint8_t version = kVersion);

// Printable and bounded, whatever the operator called his device.
std::string WireDeviceId(std::string_view name);

}  // namespace sw::dvpn::wire
