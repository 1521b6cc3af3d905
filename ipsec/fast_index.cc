#include "ipsec/fast_index.h"

#include <algorithm>
#include <tuple>

namespace sw::ipsec {
namespace {

constexpr std::uint8_t kAckOrRst = 0x14;

std::uint64_t Mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}

auto Order(const FastIndex::Entry& entry) {
  const FastIndex::Flow& f = entry.flow;
  return std::tuple(f.port, f.source, f.destination, f.protocol, f.source_port, f.destination_port, f.tos,
                    f.established);
}

}  // namespace

FastIndex::Flow FastIndex::Flow::Of(int port, const AclPacket& packet) {
  Flow out;
  out.port = port;
  out.source = packet.source;
  out.destination = packet.destination;
  out.protocol = packet.protocol;
  out.tos = packet.tos;
  out.upper = packet.upper;
  out.established = (packet.tcp_flags & kAckOrRst) != 0;
  out.source_port = packet.source_port;
  out.destination_port = packet.destination_port;
  out.icmp = packet.icmp;
  return out;
}

void FastIndex::Enable(bool on) {
  if (on == enabled()) return;
  places_.assign(on ? kPlaces : 0, Place{});
  if (!on) places_.shrink_to_fit();
}

std::size_t FastIndex::PlaceOf(const Flow& flow) {
  std::uint64_t hash = Mixed(static_cast<std::uint64_t>(flow.port), flow.source.value);
  hash = Mixed(hash, flow.destination.value);
  hash = Mixed(hash, std::uint64_t{flow.source_port} << 32 | std::uint64_t{flow.destination_port} << 16 |
                         std::uint64_t{flow.protocol} << 8 | flow.tos);
  hash = Mixed(hash, std::uint64_t{flow.icmp.type} << 8 | flow.icmp.code | (flow.established ? 0x10000U : 0U));
  return hash % kPlaces;
}

std::uint64_t FastIndex::Find(const Flow& flow) {
  Place& place = places_[PlaceOf(flow)];
  if (place.since != epoch_ || place.entry.flow != flow) return 0;
  ++place.entry.hits;
  return place.entry.policy;
}

void FastIndex::Remember(const Flow& flow, std::uint64_t policy) {
  places_[PlaceOf(flow)] = {{flow, policy, 0}, epoch_};
}

void FastIndex::Forget() {
  ++epoch_;
}

std::vector<FastIndex::Entry> FastIndex::entries() const {
  std::vector<Entry> out;
  for (const Place& place : places_)
    if (place.since == epoch_) out.push_back(place.entry);
  std::ranges::sort(out, {}, Order);
  return out;
}

}  // namespace sw::ipsec
