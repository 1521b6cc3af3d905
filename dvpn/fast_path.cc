#include "dvpn/fast_path.h"

#include <utility>

namespace sw::dvpn {

void FastPath::Show(FastPeer& peer, Endpoint at, std::size_t most, std::shared_ptr<ipsec::SharedSa> outbound) {
  if (outbound != nullptr && outbound->workers.size() != workers()) outbound.reset();
  peer.endpoint_.store((std::uint64_t{at.address.value} << 16) | at.port, std::memory_order_relaxed);
  peer.most_.store(most, std::memory_order_relaxed);
  if (outbound == peer.keeps_) return;
  peer.outbound_.store(outbound.get());
  epochs_.Retire(std::exchange(peer.keeps_, std::move(outbound)));
}

void FastPath::Show(std::uint32_t spi, FastInbound inbound) {
  if (inbound.sa->workers.size() != workers()) inbound.peer.reset();
  inbound_.Set(spi, std::make_shared<FastInbound>(std::move(inbound)));
}

void FastPath::Learn(PublishedMap<FastRoute>& map, Ipv4 destination, std::shared_ptr<FastPeer> peer) {
  if (const FastRoute* known = Current(map.Find(destination.value)); known != nullptr && known->peer == peer) return;
  if (map.size() >= kMostRoutes) map.Clear();
  map.Set(destination.value, std::make_shared<FastRoute>(FastRoute{std::move(peer), generation_.load()}));
}

void FastPath::Learn(Ipv4 destination, std::shared_ptr<FastPeer> peer) {
  Learn(routes_, destination, std::move(peer));
}

void FastPath::LearnOwn(Ipv4 destination) {
  Learn(own_, destination, nullptr);
}

void FastPath::LearnSource(Ipv4 source, std::shared_ptr<FastPeer> peer) {
  Learn(sources_, source, std::move(peer));
}

void FastPath::ForgetRoutes() {
  generation_.fetch_add(1);
  routes_.Clear();
  own_.Clear();
  sources_.Clear();
}

FastPath::Sums FastPath::sums() const {
  Sums out;
  const auto read = [](const std::atomic<std::uint64_t>& v) { return v.load(std::memory_order_relaxed); };
  for (const FastCounters& c : counters_) {
    out.input += read(c.input);
    out.output += read(c.output);
    out.output_errors += read(c.output_errors);
    out.encryption_errors += read(c.encryption_errors);
    out.dropped += read(c.dropped);
    out.engine_busy += read(c.engine_busy);
    for (std::size_t i = 0; i < out.drops.size(); ++i) out.drops[i] += read(c.drops[i]);
  }
  return out;
}

}  // namespace sw::dvpn
