// One GRE tunnel (RFC 2784, RFC 2890): what is routed into it goes out in GRE to its other end, and what comes from
// there comes out of it. Keepalives say whether the other end is there.
//
// Pure: packets and time in, packets out; no I/O. Only IPv4 is carried. Our choices: the outer packet takes the inner
// one's TOS, has a time to live of 255 and may be cut on its way (no DF: the inner packet was made to fit already). A
// checksum that is there is verified, whether or not this end sends one; keys must be equal, or neither end has one.
//
// A keepalive is a GRE packet whose payload is the answer: an IP packet from the other end to this one, with an empty
// GRE packet of protocol type 0. Whoever forwards the payload answers. An IP of our own kind takes no packet with one
// of its addresses as its source, so the answer to the other end's keepalive is sent on from here. (The format is that
// of Cisco's and the family's; recollection.)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "device/gre/gre_drop.h"
#include "device/gre/gre_packet.h"
#include "device/interface/rate_meter.h"
#include "hal/base/address.h"
#include "hal/base/clock.h"
#include "hal/base/packet.h"
#include "hal/ports/ipv4.h"

namespace sw::device {

struct GreKeepalive {
  Duration interval{};
  int times = 0;  // unanswered ones until the line protocol is down
  friend bool operator==(const GreKeepalive&, const GreKeepalive&) = default;
};

struct GreSettings {
  Ipv4 local = {}, remote = {};
  std::optional<std::uint32_t> key = {};
  bool checksum = false;  // of what is sent
  std::optional<GreKeepalive> keepalive = {};

  GreHeader Header(std::uint16_t protocol) const { return {checksum, key, {}, protocol}; }
  std::size_t overhead() const { return hal::kIpv4HeaderSize + Header(kGreIpv4).size(); }  // 24 to 32 bytes
  friend bool operator==(const GreSettings&, const GreSettings&) = default;
};

struct GreCounters {
  std::uint64_t input_packets = 0, input_bytes = 0;  // of the packets inside
  std::uint64_t output_packets = 0, output_bytes = 0;
  std::uint64_t keepalives = 0, answers = 0;  // sent, and answered
  std::array<std::uint64_t, kGreDropReasons> drops{};
  std::uint64_t Errors(bool input) const;
};

struct GreOutput {
  std::vector<PacketPtr> sent;       // whole packets to the other end
  std::vector<PacketPtr> delivered;  // out of the tunnel, into this device's IP
};

// Where the packets of a tunnel would go now.
enum class GreWay : std::uint8_t { kOpen, kNone, kIntoItself };

class GreTunnel {
 public:
  // The pool outlives the tunnel. `first_id`: of the IP headers it makes.
  GreTunnel(PacketPool& packets, std::uint16_t first_id) : packets_(packets), last_id_(first_id) {}

  // nullopt: it does not run. Counters stay; keepalives begin anew when they or the ends changed.
  void Configure(Time now, std::optional<GreSettings> settings);
  const std::optional<GreSettings>& settings() const { return settings_; }

  void Forward(Time now, GreWay way, std::vector<PacketPtr>& burst, GreOutput& out);  // empties `burst`
  void Receive(Time now, PacketPtr packet, GreOutput& out);  // whole, from the other end to this one
  void OnTimer(Time now, GreOutput& out);
  Time deadline() const { return deadline_; }

  bool answered() const { return answered_; }  // false: keepalives are sent and nobody answers
  const GreCounters& counters() const { return counters_; }
  void CountDrops(GreDrop reason, std::size_t count) { counters_.drops[static_cast<std::size_t>(reason)] += count; }
  void ResetCounters() { counters_ = {}; }
  const RateMeter& input() const { return input_; }
  const RateMeter& output() const { return output_; }

 private:
  std::optional<GreDrop> ReceiveInner(Time now, PacketPtr packet, GreOutput& out);
  std::optional<GreDrop> Unfit(GreWay way, const std::optional<hal::Ipv4Header>& inner) const;
  bool Encapsulate(PacketPtr& packet, std::uint8_t tos);
  void PrependIp(Packet& packet, Ipv4 from, Ipv4 to, std::uint8_t tos);
  bool ReturnsKeepalive(const hal::Ipv4Header& inner, ByteView packet) const;

  PacketPool& packets_;
  std::optional<GreSettings> settings_;
  std::uint16_t last_id_;
  GreCounters counters_;
  RateMeter input_, output_;
  int unanswered_ = 0;
  bool answered_ = true;
  Time deadline_ = Time::Never();
};

// A tunnel as it is shown.
struct GreView {
  std::string why_down = {};                 // empty: the line protocol is up
  std::optional<GreSettings> settings = {};  // empty: it does not run
  GreCounters counters = {};
  RateMeter::Rate input = {}, output = {};
};

}  // namespace sw::device
