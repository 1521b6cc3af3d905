// What data-path workers know of a tunnel: a copy of decisions that its engine has made, kept by the engine, read by
// the workers without locks. A worker that finds no decision hands the packet to the engine, whose answer it finds the
// next time. So there is one place that decides, and everything unusual goes there: what is for everybody, new TCP
// connections, what is too large, peers at another address, what a server relays.
//
// Threads: the engine's changes, any worker reads between Enter and Leave of `epochs`.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/published_map.h"
#include "hal/soft/engine_plan.h"
#include "ipsec/esp.h"
#include "ipsec/shared_sa.h"

namespace sw::dvpn {

// A session as a worker sees it.
class FastPeer {
 public:
  // `checked`: it may send only from addresses that the engine let it send from, see LearnSource().
  explicit FastPeer(bool checked) : checked_(checked) {}
  bool checked() const { return checked_; }
  // Null: nothing is sent by this session any more, or not by workers.
  ipsec::SharedSa* outbound() const { return outbound_.load(); }
  Endpoint endpoint() const {
    const std::uint64_t v = endpoint_.load(std::memory_order_relaxed);
    return {Ipv4(static_cast<std::uint32_t>(v >> 16)), static_cast<std::uint16_t>(v)};
  }
  std::size_t most() const { return most_.load(std::memory_order_relaxed); }  // bytes of an inner packet

 private:
  friend class FastPath;
  const bool checked_;
  std::atomic<ipsec::SharedSa*> outbound_ = nullptr;
  std::atomic<std::uint64_t> endpoint_ = 0;
  std::atomic<std::size_t> most_ = 0;
  std::shared_ptr<ipsec::SharedSa> keeps_;  // what outbound_ points to
};

struct FastInbound {
  std::shared_ptr<ipsec::SharedSa> sa;
  ipsec::SaId id = 0;
  std::shared_ptr<FastPeer> peer;  // null: what comes by this SA means something to the engine
};

struct FastRoute {
  std::shared_ptr<FastPeer> peer;  // null: what comes for there is this device's own business
  std::uint64_t generation = 0;    // of the routes that it was learned from
};

// What one worker counted, written by it alone.
struct alignas(64) FastCounters {
  std::atomic<std::uint64_t> input = 0, output = 0, output_errors = 0, encryption_errors = 0, dropped = 0;
  std::atomic<std::uint64_t> engine_busy = 0;  // what the engine had no place for
  std::array<std::atomic<std::uint64_t>, ipsec::kDropReasons> drops{};
};

class FastPath {
 public:
  FastPath(std::size_t workers, const hal::EnginePlan& plan)
      : plan_(plan), counters_(workers), inbound_(epochs_), routes_(epochs_), own_(epochs_), sources_(epochs_) {}

  std::size_t workers() const { return counters_.size(); }
  const hal::EnginePlan& plan() const { return plan_; }

  // ------------------------------------------------------------------ the engine's thread
  // Without `outbound` nothing is sent by workers.
  void Show(FastPeer& peer, Endpoint at, std::size_t most, std::shared_ptr<ipsec::SharedSa> outbound);
  void Show(std::uint32_t spi, FastInbound inbound);
  void HideInbound(std::uint32_t spi) { inbound_.Erase(spi); }
  void Learn(Ipv4 destination, std::shared_ptr<FastPeer> peer);  // what is sent there goes by this session
  void LearnOwn(Ipv4 destination);  // what comes by the tunnel for there goes to this device's interface
  void LearnSource(Ipv4 source, std::shared_ptr<FastPeer> peer);  // this session, and no other, sends from there
  void ForgetSources() { sources_.Clear(); }                      // whose they are changed
  void ForgetRoutes();                                            // they, or who is reached directly, changed
  void Stop(bool everything) { stopped_.store(everything); }      // the engine wants to see every packet
  struct Sums {
    std::uint64_t input = 0, output = 0, output_errors = 0, encryption_errors = 0, dropped = 0, engine_busy = 0;
    std::array<std::uint64_t, ipsec::kDropReasons> drops{};
  };
  Sums sums() const;

  // ------------------------------------------------------------------ workers
  Epochs& epochs() { return epochs_; }
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  FastInbound* FindInbound(std::uint32_t spi) const { return inbound_.Find(spi); }
  FastPeer* FindPeer(Ipv4 destination) const {
    const FastRoute* route = Current(routes_.Find(destination.value));
    return route == nullptr ? nullptr : route->peer.get();
  }
  bool IsOwn(Ipv4 destination) const { return Current(own_.Find(destination.value)) != nullptr; }
  // What came by a session from there for there goes to this device's interface, without a look of the engine.
  bool Delivers(const FastInbound& by, Ipv4 source, Ipv4 destination) const {
    if (!IsOwn(destination)) return false;
    if (!by.peer->checked()) return true;
    const FastRoute* from = Current(sources_.Find(source.value));
    return from != nullptr && from->peer == by.peer;
  }
  FastCounters& counters(std::size_t worker) { return counters_[worker]; }

 private:
  const FastRoute* Current(const FastRoute* route) const {
    return route != nullptr && route->generation == generation_.load(std::memory_order_relaxed) ? route : nullptr;
  }
  void Learn(PublishedMap<FastRoute>& map, Ipv4 destination, std::shared_ptr<FastPeer> peer);

  static constexpr std::size_t kMostRoutes = 65536;  // our choice; then all are learned anew

  const hal::EnginePlan& plan_;
  Epochs epochs_;
  std::vector<FastCounters> counters_;
  PublishedMap<FastInbound> inbound_;
  PublishedMap<FastRoute> routes_, own_, sources_;
  std::atomic<std::uint64_t> generation_ = 1;
  std::atomic<bool> stopped_ = false;
};

}  // namespace sw::dvpn
