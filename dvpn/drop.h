// Every way DVPN refuses a datagram, a request or a packet: one reason, one counter, one phrase.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sw::dvpn {

// X(enumerator, family, phrase as `display` prints it)
#define SW_DVPN_DROP_REASONS(X)                                                           \
  X(kTruncated, "control", "too short for a control message")                             \
  X(kBadVersion, "control", "unknown version")                                            \
  X(kBadType, "control", "unknown message type")                                          \
  X(kBadLength, "control", "length field differs from the datagram")                      \
  X(kMalformed, "control", "body does not parse")                                         \
  X(kWrongRole, "control", "message for the other role")                                  \
  X(kWrongPeer, "control", "from an unexpected address")                                  \
  X(kUnknownChannel, "control", "no map or session with this identifier")                 \
  X(kOutOfState, "control", "not expected in this state")                                 \
  X(kReplayed, "control", "counter seen before")                                          \
  X(kTooOld, "control", "counter left of the replay window")                              \
  X(kForged, "control", "authentication of the message failed")                           \
  X(kBadNonce, "control", "answer to another request")                                    \
  X(kBadCookie, "control", "cookie wrong or expired")                                     \
  X(kBadSuite, "control", "suite unknown or not offered")                                 \
  X(kBadPublicValue, "control", "Diffie-Hellman public value out of range")               \
  X(kBadServerProof, "control", "server authentication failed")                           \
  X(kDuplicate, "control", "duplicate request, answered from the cache")                  \
  X(kDuplicateWaiting, "control", "duplicate of a request still being worked on")         \
  X(kStaleRequest, "control", "request of an earlier step")                               \
  X(kNoCommonSuite, "control", "refused: no common algorithm suite")                      \
  X(kNoPreSharedKey, "control", "refused: no pre-shared key or certificate")              \
  X(kMapsFull, "control", "refused: too many maps")                                       \
  X(kAuthenticationRejected, "control", "refused: client authentication failed")          \
  X(kAddressRejected, "control", "refused: private address not acceptable")               \
  X(kTooManyFailures, "control", "refused: too many attempts failed")                     \
  X(kMapAged, "control", "unfinished registration aged out")                              \
  X(kMapUnproven, "control", "map whose session was not opened in time")                  \
  X(kHalfOpenEvicted, "control", "unfinished registration gave its place to a newer one") \
  X(kMessageRefused, "control", "refused: message does not verify or belongs to nothing") \
  X(kBelowMinimum, "control", "redirect below the security minimum of this client")       \
  X(kFault, "control", "fault injected")                                                  \
  X(kTieBreak, "control", "simultaneous setup, the peer yields")                          \
  X(kSessionsFull, "control", "too many sessions")                                        \
  X(kRedirectLimited, "control", "redirect withheld, sent less than a second ago")        \
  X(kRedirectFull, "control", "redirect withheld, too many pairs")                        \
  X(kCounterSpent, "control", "message counter used up")                                  \
  X(kBadInner, "data", "not a valid IPv4 packet")                                         \
  X(kTtlExpired, "data", "time to live expired")                                          \
  X(kNoRoute, "data", "no route by this tunnel")                                          \
  X(kNoSession, "data", "no session for the next hop")                                    \
  X(kEngineBusy, "data", "more at a time than the engine takes from the workers")         \
  X(kNoServerSession, "data", "no session with the server")                               \
  X(kTooBig, "data", "larger than the path takes and not to be fragmented")               \
  X(kForeignSource, "data", "source address that belongs to another client")              \
  X(kNotInClear, "data", "came in clear, and the security ACL does not permit that")

enum class Drop : std::uint8_t {
#define SW_X(name, family, phrase) name,
  SW_DVPN_DROP_REASONS(SW_X)
#undef SW_X
};

struct DropText {
  std::string_view family, phrase;
};
inline constexpr std::array kDropTexts = std::to_array<DropText>({
#define SW_X(name, family, phrase) {family, phrase},
    SW_DVPN_DROP_REASONS(SW_X)
#undef SW_X
});
inline constexpr std::size_t kDropReasons = kDropTexts.size();
constexpr std::string_view Phrase(Drop d) {
  return kDropTexts[static_cast<std::size_t>(d)].phrase;
}

}  // namespace sw::dvpn
