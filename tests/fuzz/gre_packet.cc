// Hostile packets against a GRE tunnel. The first byte chooses the tunnel: bit 0 a key, bit 1 a checksum, bit 2
// keepalives; and what the rest is: bit 3, a packet routed into it; bits 3 and 4 clear, an outer packet as it is;
// otherwise what stands behind a good outer header. What comes out is valid IPv4 and was in there; what is sent goes
// back where it belongs; and what the codec reads it writes again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "device/gre/gre_tunnel.h"

namespace {

using namespace sw;
using namespace sw::device;

void Hold(bool invariant) {
  if (!invariant) std::abort();
}

const Ipv4 kLocal(192, 0, 2, 1), kRemote(192, 0, 2, 2);

GreSettings Settings(std::uint8_t choice) {
  GreSettings out;
  out.local = kLocal;
  out.remote = kRemote;
  if ((choice & 1) != 0) out.key = 7;
  out.checksum = (choice & 2) != 0;
  if ((choice & 4) != 0) out.keepalive = GreKeepalive{std::chrono::seconds(10), 3};
  return out;
}

void CheckCodec(ByteView bytes) {
  const GreReading read = ReadGre(bytes);
  if (read.fault != GreFault::kNone) return;
  Hold(read.header.size() <= bytes.size());
  Bytes again(bytes.begin(), bytes.end());
  WriteGre(again, read.header);
  const GreReading reread = ReadGre(again);
  Hold(reread.fault == GreFault::kNone && reread.header == read.header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 1400) return 0;
  const ByteView rest(data + 1, size - 1);
  CheckCodec(rest);
  PacketPool pool;
  GreTunnel tunnel(pool, 1);
  const GreSettings settings = Settings(data[0]);
  const Time now{std::chrono::seconds(1)};
  tunnel.Configure(now, settings);
  GreOutput out;
  if ((data[0] & 8) != 0) {
    std::vector<PacketPtr> burst;
    burst.push_back(pool.Copy(rest));
    tunnel.Forward(now, GreWay::kOpen, burst, out);
    Hold(out.delivered.empty() && out.sent.size() + tunnel.counters().Errors(false) == 1);
    if (out.sent.empty()) return 0;
    // The other end opens it.
    GreSettings mirrored = settings;
    std::swap(mirrored.local, mirrored.remote);
    GreTunnel other(pool, 1);
    other.Configure(now, mirrored);
    other.Receive(now, std::move(out.sent[0]), out);
    if (out.delivered.empty()) return 0;  // it has the other end's address as its source
    const ByteView inside = std::as_const(*out.delivered[0]).data();
    Hold(inside.size() <= rest.size() && std::equal(inside.begin(), inside.end(), rest.begin()));
    return 0;
  }
  PacketPtr packet = pool.Copy(rest);
  if ((data[0] & 16) != 0) {
    const ByteSpan front = packet->Prepend(hal::kIpv4HeaderSize);
    hal::Ipv4Header outer;
    outer.total_length = packet->size();
    outer.protocol = kProtocolGre;
    outer.source = kRemote;
    outer.destination = kLocal;
    hal::WriteIpv4(front, outer);
  }
  tunnel.Receive(now, std::move(packet), out);
  const GreCounters& counters = tunnel.counters();
  Hold(out.delivered.size() + out.sent.size() + counters.Errors(true) + counters.answers == 1);
  for (const PacketPtr& one : out.delivered) Hold(hal::ParseIpv4(one->data()).has_value());
  for (const PacketPtr& one : out.sent) {
    const auto header = hal::ParseIpv4(one->data());
    Hold(header && header->destination == kRemote && header->source == kLocal && header->protocol == kProtocolGre);
  }
  return 0;
}
