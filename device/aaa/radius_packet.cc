#include "device/aaa/radius_packet.h"

#include <algorithm>

#include "hal/primitives.h"

namespace sw::device::radius {
namespace {

constexpr std::size_t kHeader = 20, kAuthenticatorAt = 4, kBlock = 16, kLongest = 253;

Authenticator AuthenticatorOf(ByteView packet) {
  Authenticator out{};
  std::copy_n(packet.begin() + kAuthenticatorAt, out.size(), out.begin());
  return out;
}

Authenticator HmacMd5(const SecretBytes& key, ByteView data) {
  const SecretBytes digest = hal::Hmac(hal::HashAlgorithm::kMd5, key.view(), data);
  Authenticator out{};
  std::ranges::copy(digest.view(), out.begin());
  return out;
}

// MD5 over the parts, one of which is a key.
Authenticator Digest(ByteView a, ByteView b) {
  SecretBytes input(a.size() + b.size());
  std::copy(a.begin(), a.end(), input.span().begin());
  std::copy(b.begin(), b.end(), input.span().begin() + static_cast<std::ptrdiff_t>(a.size()));
  const hal::Md5Digest digest = hal::Md5(input.view());
  Authenticator out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

// RFC 2865 section 5.2.
Bytes HidePassword(const SecretBytes& password, const SecretBytes& key, const Authenticator& authenticator) {
  Bytes out(std::max(kBlock, (password.size() + kBlock - 1) / kBlock * kBlock));
  std::copy(password.view().begin(), password.view().end(), out.begin());
  ByteView before = authenticator;
  for (std::size_t at = 0; at < out.size(); at += kBlock) {
    const Authenticator mask = Digest(key.view(), before);
    for (std::size_t i = 0; i < kBlock; ++i) out[at + i] = static_cast<std::uint8_t>(out[at + i] ^ mask[i]);
    before = ByteView(out).subspan(at, kBlock);
  }
  return out;
}

void Append(Bytes& packet, Type type, ByteView value) {
  packet.push_back(static_cast<std::uint8_t>(type));
  packet.push_back(static_cast<std::uint8_t>(value.size() + 2));
  packet.insert(packet.end(), value.begin(), value.end());
}

// The attributes behind the header; nullopt when they do not fill it exactly.
std::optional<std::vector<Attribute>> Attributes(ByteView packet) {
  std::vector<Attribute> out;
  for (std::size_t at = kHeader; at < packet.size();) {
    if (packet.size() - at < 2) return std::nullopt;
    const std::size_t length = packet[at + 1];
    if (length < 2 || length > packet.size() - at) return std::nullopt;
    out.push_back(Octets(static_cast<Type>(packet[at]), packet.subspan(at + 2, length - 2)));
    at += length;
  }
  return out;
}

// The packet's Message-Authenticator over `packet` with the request's authenticator in its header; nullopt: it has
// none.
std::optional<bool> MessageAuthenticatorHolds(Bytes packet, const SecretBytes& key) {
  for (std::size_t at = kHeader; at + 2 <= packet.size(); at += packet[at + 1]) {
    if (packet[at] != static_cast<std::uint8_t>(Type::kMessageAuthenticator)) continue;
    if (packet[at + 1] != 2 + kBlock) return false;
    Authenticator given;
    const auto place = packet.begin() + static_cast<std::ptrdiff_t>(at) + 2;
    std::copy_n(place, kBlock, given.begin());
    std::fill_n(place, kBlock, std::uint8_t{0});
    return hal::EqualConstantTime(given, HmacMd5(key, packet));
  }
  return std::nullopt;
}

// Of a network that is written without one (RFC 2865 section 5.22: that of its class).
std::uint8_t ClassLength(Ipv4 address) {
  return address.value >> 31 == 0 ? 8 : address.value >> 30 == 2 ? 16 : 24;
}

}  // namespace

Attribute Octets(Type type, ByteView octets) {
  const ByteView cut = octets.first(std::min(octets.size(), kLongest));
  return {type, Bytes(cut.begin(), cut.end())};
}
Attribute Text(Type type, std::string_view text) {
  return Octets(type, AsBytes(text));
}
Attribute Number(Type type, std::uint32_t number) {
  Attribute out{type, Bytes(4)};
  Store32(out.value.data(), number);
  return out;
}

std::string TextOf(const std::vector<Attribute>& attributes, Type type) {
  std::string out;
  for (const Attribute& attribute : attributes)
    if (attribute.type == type) out += AsText(attribute.value);
  return out;
}

std::optional<Ipv4> FramedAddressOf(const std::vector<Attribute>& attributes) {
  constexpr std::uint32_t kUserChooses = 0xffffffff, kServerChooses = 0xfffffffe;
  for (const Attribute& attribute : attributes) {
    if (attribute.type != Type::kFramedIpAddress || attribute.value.size() != 4) continue;
    const std::uint32_t address = Load32(attribute.value.data());
    if (address != kUserChooses && address != kServerChooses) return Ipv4(address);
  }
  return std::nullopt;
}

std::optional<std::vector<Prefix>> FramedRoutesOf(const std::vector<Attribute>& attributes) {
  std::vector<Prefix> out;
  for (const Attribute& attribute : attributes) {
    if (attribute.type != Type::kFramedRoute) continue;
    std::string_view text = AsText(attribute.value);
    text = text.substr(0, text.find_first_of(std::string_view(" \t\0", 3)));
    auto network = Prefix::Parse(text);
    if (const auto address = Ipv4::Parse(text)) network = Prefix{*address, ClassLength(*address)};
    if (!network) return std::nullopt;
    out.push_back(network->AsNetwork());
  }
  return out;
}

std::optional<int> LevelOf(const std::vector<Attribute>& attributes) {
  struct Known {
    std::uint32_t vendor;
    std::uint8_t type;
  };
  constexpr Known kKnown[] = {{43, 1}, {25506, 29}, {2011, 29}};
  for (const Attribute& attribute : attributes) {
    const Bytes& v = attribute.value;
    if (attribute.type != Type::kVendorSpecific || v.size() < 10 || v[5] != 6) continue;
    for (const Known& known : kKnown) {
      if (Load32(v.data()) != known.vendor || v[4] != known.type) continue;
      const std::uint32_t level = Load32(v.data() + 6);
      if (level <= 3) return static_cast<int>(level);
    }
  }
  return std::nullopt;
}

Bytes Encode(PacketCode code, std::uint8_t id, const Authenticator& random, const std::vector<Attribute>& attributes,
             const SecretBytes& password, const SecretBytes& key) {
  const bool access = code == PacketCode::kAccessRequest;
  if (password.size() > kMaxPassword) return {};
  Bytes packet{static_cast<std::uint8_t>(code), id, 0, 0};
  const Authenticator first = access ? random : Authenticator{};
  packet.insert(packet.end(), first.begin(), first.end());
  if (access) Append(packet, Type::kMessageAuthenticator, Authenticator{});
  for (const Attribute& attribute : attributes) Append(packet, attribute.type, attribute.value);
  if (!password.empty()) Append(packet, Type::kUserPassword, HidePassword(password, key, random));
  if (packet.size() > kMaxPacket) return {};
  Store16(packet.data() + 2, static_cast<std::uint16_t>(packet.size()));
  const Authenticator digest = access ? HmacMd5(key, packet) : Digest(packet, key.view());
  std::ranges::copy(digest, packet.begin() + static_cast<std::ptrdiff_t>(access ? kHeader + 2 : kAuthenticatorAt));
  return packet;
}

std::optional<Answer> Decode(ByteView datagram, ByteView request, const SecretBytes& key) {
  if (datagram.size() < kHeader || request.size() < kHeader || datagram[1] != request[1]) return std::nullopt;
  const std::size_t length = Load16(datagram.data() + 2);
  if (length < kHeader || length > datagram.size()) return std::nullopt;
  Bytes packet(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(length));
  const Authenticator given = AuthenticatorOf(packet);
  std::ranges::copy(AuthenticatorOf(request), packet.begin() + kAuthenticatorAt);
  if (!hal::EqualConstantTime(given, Digest(packet, key.view()))) return std::nullopt;
  std::optional<std::vector<Attribute>> attributes = Attributes(packet);
  if (!attributes) return std::nullopt;
  const auto code = static_cast<PacketCode>(packet[0]);
  const bool fits = static_cast<PacketCode>(request[0]) == PacketCode::kAccountingRequest
                        ? code == PacketCode::kAccountingResponse
                        : code == PacketCode::kAccessAccept || code == PacketCode::kAccessReject ||
                              code == PacketCode::kAccessChallenge;
  const std::optional<bool> holds = MessageAuthenticatorHolds(std::move(packet), key);
  if (!fits || holds == false) return std::nullopt;
  return Answer{code, std::move(*attributes), holds == true};
}

}  // namespace sw::device::radius
