// ISAKMP messages as bytes: header, payload chain, security associations, identities, notify and delete (RFC 2408
// section 3). Parsing keeps views into the caller's bytes and allocates no more than the message's own length allows;
// whatever it is given, it answers with a value or with the notification that the RFC has for the fault.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/bytes.h"
#include "ipsec/ike/types.h"

namespace sw::ipsec::ike {

inline constexpr std::size_t kHeaderBytes = 28;
inline constexpr std::size_t kCookieBytes = 8;
inline constexpr std::size_t kMaxMessageBytes = 16384;  // our choice: two certificates with their chain fit well
inline constexpr std::size_t kMaxPayloads = 64;         // our choice: of one message

struct Cookies {
  std::uint64_t initiator = 0, responder = 0;
  friend auto operator<=>(const Cookies&, const Cookies&) = default;
};
Bytes CookieBytes(const Cookies& cookies);  // the initiator's, then the responder's

struct Header {
  Cookies cookies;
  PayloadType first = PayloadType::kNone;
  std::uint8_t version = kVersion;
  Exchange exchange = Exchange::kNone;
  std::uint8_t flags = 0;
  std::uint32_t message_id = 0;
  std::uint32_t length = 0;  // of the whole message; ParseHeader checks it

  bool encrypted() const { return (flags & kEncrypted) != 0; }
};

template <typename T>
using Parsed = std::variant<T, Notification>;  // the fault, as a notification would name it

// The header, and that its length is the datagram's.
Parsed<Header> ParseHeader(ByteView datagram);
void PutHeader(Writer& out, const Header& header);

struct Payload {
  PayloadType type = PayloadType::kNone;
  ByteView body;   // behind the generic header
  ByteView whole;  // with it
};
using Payloads = std::vector<Payload>;

// The chain that starts with `first`. `padded`: bytes may follow the last payload (a decrypted message); otherwise
// they are a fault. With `check_last` a last payload that names a next one is a fault, else it is the end
// (`ike next-payload check disabled`).
Parsed<Payloads> ParsePayloads(PayloadType first, ByteView bytes, bool padded, bool check_last = true);
const Payload* Find(const Payloads& payloads, PayloadType type);

// Builds a chain: each payload names the next one, the last one none.
class ChainWriter {
 public:
  void Add(PayloadType type, ByteView body);
  PayloadType first() const { return first_; }
  const Bytes& bytes() const { return bytes_; }

 private:
  PayloadType first_ = PayloadType::kNone;
  std::size_t last_ = 0;  // where the last payload's next-payload byte stands
  Bytes bytes_;
};

struct Attribute {
  std::uint16_t type = 0;
  std::uint32_t value = 0;  // of at most four bytes; longer ones are no attribute of ours and saturate
  friend bool operator==(const Attribute&, const Attribute&) = default;
};
struct TransformOffer {
  std::uint8_t number = 0;
  std::uint8_t id = 0;
  std::vector<Attribute> attributes;  // in order; life type and duration come in pairs
  std::optional<std::uint32_t> Find(std::uint16_t type) const;
  // The duration that follows a life type of this kind.
  std::optional<std::uint32_t> Life(std::uint16_t type_attribute, LifeType kind) const;
  friend bool operator==(const TransformOffer&, const TransformOffer&) = default;
};
struct ProposalOffer {
  std::uint8_t number = 0;
  Protocol protocol = Protocol::kIsakmp;
  Bytes spi;  // empty (phase 1), or as long as the protocol's
  std::vector<TransformOffer> transforms;
  friend bool operator==(const ProposalOffer&, const ProposalOffer&) = default;
};
// Proposals of one number belong together (AND), others are alternatives (OR).
using SaOffer = std::vector<ProposalOffer>;

Parsed<SaOffer> ParseSa(ByteView body);
Bytes SaBody(const SaOffer& offer);

struct Identity {
  IdKind kind = IdKind::kIpv4;
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;
  Bytes data;  // as the kind has it

  static Identity Address(Ipv4 address);
  static Identity Name(std::string_view name);
  static Identity Subnet(const Prefix& network, std::uint8_t protocol = 0, std::uint16_t port = 0);
  std::optional<Prefix> prefix() const;  // kIpv4 and kIpv4Subnet with a mask of leading ones
  std::string ToString() const;          // printable whatever the peer sent
  friend bool operator==(const Identity&, const Identity&) = default;
};
Parsed<Identity> ParseIdentity(ByteView body);
Bytes IdentityBody(const Identity& identity);

struct Notify {
  Protocol protocol = Protocol::kIsakmp;
  Notification type{};
  Bytes spi;
  Bytes data;
};
Parsed<Notify> ParseNotify(ByteView body);
Bytes NotifyBody(const Notify& notify);

struct Delete {
  Protocol protocol = Protocol::kIsakmp;
  std::vector<Bytes> spis;  // all of one size: 16 (cookies) or 4
};
Parsed<Delete> ParseDelete(ByteView body);
Bytes DeleteBody(const Delete& deleted);

}  // namespace sw::ipsec::ike
