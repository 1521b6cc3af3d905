// A RADIUS server for tests, on a lab's link: answers by a function, signs with a key, remembers what it was asked.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/aaa/radius_packet.h"
#include "device/platform.h"
#include "hal/primitives.h"

namespace sw::device {

class RadiusServer {
 public:
  struct Request {
    radius::PacketCode code;
    std::vector<radius::Attribute> attributes;
    std::string Text(radius::Type type) const { return radius::TextOf(attributes, type); }
    std::uint32_t Number(radius::Type type) const {
      for (const radius::Attribute& a : attributes)
        if (a.type == type && a.value.size() == 4) return Load32(a.value.data());
      return 0;
    }
  };
  struct Reply {
    radius::PacketCode code;
    std::vector<radius::Attribute> attributes = {};
  };
  using Policy = std::function<std::optional<Reply>(const Request&)>;  // nullopt: silence

  RadiusServer(Platform& platform, Endpoint at, std::string key, Policy policy)
      : platform_(platform), key_(std::move(key)), policy_(std::move(policy)) {
    port_ = std::move(*platform.OpenUdp(at, [this](std::vector<dvpn::Datagram>& burst) {
      for (dvpn::Datagram& datagram : burst) Take(datagram);
      burst.clear();
    }));
  }

  static Bytes Sign(radius::PacketCode code, ByteView request, const std::vector<radius::Attribute>& attributes,
                    const std::string& key) {
    Bytes packet{static_cast<std::uint8_t>(code), request[1], 0, 0};
    packet.insert(packet.end(), request.begin() + 4, request.begin() + 20);
    for (const radius::Attribute& a : attributes) {
      packet.push_back(static_cast<std::uint8_t>(a.type));
      packet.push_back(static_cast<std::uint8_t>(a.value.size() + 2));
      packet.insert(packet.end(), a.value.begin(), a.value.end());
    }
    Store16(packet.data() + 2, static_cast<std::uint16_t>(packet.size()));
    return Finish(std::move(packet), key);
  }
  // The same with a Message-Authenticator in front (RFC 3579).
  static Bytes Prove(radius::PacketCode code, ByteView request, const std::vector<radius::Attribute>& others,
                     const std::string& key) {
    std::vector<radius::Attribute> attributes{radius::Octets(radius::Type::kMessageAuthenticator, Bytes(16))};
    attributes.insert(attributes.end(), others.begin(), others.end());
    Bytes packet = Sign(code, request, attributes, key);
    std::copy(request.begin() + 4, request.begin() + 20, packet.begin() + 4);
    const hal::Md5Digest proof = HmacMd5(packet, key);
    std::copy(proof.begin(), proof.end(), packet.begin() + 22);
    return Finish(std::move(packet), key);
  }

  bool silent = false, proves = true;
  std::vector<Request> requests;
  std::vector<Bytes> packets;

 private:
  static hal::Md5Digest HmacMd5(ByteView bytes, const std::string& key) {  // RFC 2104, of a key below 64 octets
    Bytes inner(64, 0x36), outer(64, 0x5c);
    for (std::size_t i = 0; i < key.size(); ++i) {
      inner[i] = static_cast<std::uint8_t>(inner[i] ^ static_cast<std::uint8_t>(key[i]));
      outer[i] = static_cast<std::uint8_t>(outer[i] ^ static_cast<std::uint8_t>(key[i]));
    }
    inner.insert(inner.end(), bytes.begin(), bytes.end());
    const hal::Md5Digest first = hal::Md5(inner);
    outer.insert(outer.end(), first.begin(), first.end());
    return hal::Md5(outer);
  }
  static Bytes Finish(Bytes packet, const std::string& key) {
    Bytes input = packet;
    input.insert(input.end(), key.begin(), key.end());
    const hal::Md5Digest digest = hal::Md5(input);
    std::copy(digest.begin(), digest.end(), packet.begin() + 4);
    return packet;
  }

  void Take(const dvpn::Datagram& datagram) {
    const ByteView bytes = std::as_const(*datagram.packet).data();
    packets.emplace_back(bytes.begin(), bytes.end());
    Request request{static_cast<radius::PacketCode>(bytes[0]), {}};
    for (std::size_t at = 20; at + 2 <= bytes.size(); at += bytes[at + 1])
      request.attributes.push_back(
          radius::Octets(static_cast<radius::Type>(bytes[at]), bytes.subspan(at + 2, bytes[at + 1] - 2U)));
    requests.push_back(request);
    if (silent) return;
    const std::optional<Reply> reply = policy_(request);
    if (!reply) return;
    std::vector<dvpn::Datagram> out;
    const bool access = request.code == radius::PacketCode::kAccessRequest;
    const auto make = access && proves ? Prove : Sign;
    out.push_back({datagram.peer, platform_.packets().Copy(make(reply->code, bytes, reply->attributes, key_))});
    port_->Send(out);
  }

  Platform& platform_;
  std::string key_;
  Policy policy_;
  std::unique_ptr<UdpPort> port_;
};

}  // namespace sw::device
