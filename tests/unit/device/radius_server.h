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
    Bytes input = packet;
    input.insert(input.end(), key.begin(), key.end());
    const hal::Md5Digest digest = hal::Md5(input);
    std::copy(digest.begin(), digest.end(), packet.begin() + 4);
    return packet;
  }

  bool silent = false;
  std::vector<Request> requests;
  std::vector<Bytes> packets;

 private:
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
    out.push_back({datagram.peer, platform_.packets().Copy(Sign(reply->code, bytes, reply->attributes, key_))});
    port_->Send(out);
  }

  Platform& platform_;
  std::string key_;
  Policy policy_;
  std::unique_ptr<UdpPort> port_;
};

}  // namespace sw::device
