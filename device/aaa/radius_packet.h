// RADIUS packets: RFC 2865 (authentication), RFC 2866 (accounting), RFC 3579 section 3.2 (Message-Authenticator).
//
// Why not libradcli, which Debian 12 has in version 1.2.11: its rc_send_server overwrites the result of the check of
// the response authenticator with that of the packet's code, so that an Access-Accept made without the shared key lets
// anybody in (seen with a FreeRADIUS of another key and a CHAP request); it blocks; and it sends no
// Message-Authenticator. Pure functions, no I/O; digests come from hal/primitives.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/bytes.h"
#include "hal/base/secret.h"

namespace sw::device::radius {

inline constexpr std::size_t kMaxPacket = 1700;  // RFC 2865 allows 4096; more than a request or an answer here needs
inline constexpr std::size_t kMaxPassword = 128;

enum class PacketCode : std::uint8_t {
  kAccessRequest = 1,
  kAccessAccept = 2,
  kAccessReject = 3,
  kAccountingRequest = 4,
  kAccountingResponse = 5,
  kAccessChallenge = 11,
};

enum class Type : std::uint8_t {
  kUserName = 1,
  kUserPassword = 2,
  kChapPassword = 3,
  kNasIpAddress = 4,
  kServiceType = 6,
  kFramedIpAddress = 8,
  kFramedIpNetmask = 9,
  kReplyMessage = 18,
  kFramedRoute = 22,
  kClass = 25,
  kVendorSpecific = 26,
  kCallingStationId = 31,
  kNasIdentifier = 32,
  kAcctStatusType = 40,
  kAcctInputOctets = 42,
  kAcctOutputOctets = 43,
  kAcctSessionId = 44,
  kAcctAuthentic = 45,
  kAcctSessionTime = 46,
  kAcctInputPackets = 47,
  kAcctOutputPackets = 48,
  kAcctTerminateCause = 49,
  kAcctInputGigawords = 52,
  kAcctOutputGigawords = 53,
  kChapChallenge = 60,
  kNasPortType = 61,
  kMessageAuthenticator = 80,
};

struct Attribute {
  Type type;
  Bytes value;  // at most 253 octets
};
Attribute Text(Type type, std::string_view text);  // cut at 253 octets
Attribute Octets(Type type, ByteView octets);
Attribute Number(Type type, std::uint32_t number);                        // and IPv4 addresses
std::string TextOf(const std::vector<Attribute>& attributes, Type type);  // all of that type, joined; empty: none

// The privilege level 0-3 that a server grants: attribute 1 of 3Com (vendor 43) or 29 of H3C (25506) or Huawei (2011),
// as FreeRADIUS's dictionaries name them. nullopt: none, or a number that is not a level.
std::optional<int> LevelOf(const std::vector<Attribute>& attributes);

// Framed-IP-Address (RFC 2865 section 5.8): what the user may have; nullopt: none is named, or the user may choose.
std::optional<Ipv4> FramedAddressOf(const std::vector<Attribute>& attributes);
// The networks of all Framed-Route ("198.51.100.0/24 192.0.2.1 1", section 5.22): what lies behind the user. The gateway
// and the metrics are not looked at. Without a length, that of the class of the address, as the RFC has it. nullopt: one
// of them cannot be read.
std::optional<std::vector<Prefix>> FramedRoutesOf(const std::vector<Attribute>& attributes);

using Authenticator = std::array<std::uint8_t, 16>;

// A whole packet. `random` becomes the request authenticator of an Access-Request, which gets a Message-Authenticator
// first; an Accounting-Request has its own digest. Empty when it would be longer than kMaxPacket.
Bytes Encode(PacketCode code, std::uint8_t id, const Authenticator& random, const std::vector<Attribute>& attributes,
             const SecretBytes& password, const SecretBytes& key);

struct Answer {
  PacketCode code = PacketCode::kAccessReject;
  std::vector<Attribute> attributes;
  bool proved = false;  // by a Message-Authenticator, not only by the digest, which can be made up (CVE-2024-3596)
};
// What `datagram` answers to `request` (as Encode made it); nullopt when it is malformed, of another request, or was
// not made with `key`.
std::optional<Answer> Decode(ByteView datagram, ByteView request, const SecretBytes& key);

}  // namespace sw::device::radius
