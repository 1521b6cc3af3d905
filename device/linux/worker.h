// One data-path worker: a queue of the TUN device, a UDP socket, and a burst at a time between them, on a thread of its
// own. It does what the tunnel's engine has decided (dvpn/fast_path.h) and hands the engine everything else.
//
//   TUN: one large packet -> its parts, cut into one row of ESP packets -> sealed where they lie -> UDP, row by row
//   UDP: coalesced datagrams -> opened where they lie -> joined -> TUN
//
// A lone packet goes at once: what waits is taken, never waited for. Nothing is allocated once the buffers have grown,
// nothing is locked. Bytes are copied once, when a large packet is cut.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "dvpn/fast_path.h"
#include "hal/base/handover.h"
#include "hal/ports/tun.h"
#include "hal/ports/udp.h"
#include "hal/primitives.h"
#include "ipsec/burst.h"

namespace sw::device {

// What goes along with a packet on its way to the engine.
struct HandedOver {
  enum class Kind : std::uint8_t { kDatagram, kToSend, kOpened };
  Kind kind = Kind::kDatagram;
  Endpoint from;       // kDatagram
  ipsec::SaId sa = 0;  // kOpened
};
using EngineQueue = Handover<HandedOver>;

class Worker {
 public:
  struct Parts {
    std::size_t index = 0;
    std::unique_ptr<hal::Tun> tun;
    std::unique_ptr<hal::UdpSocket> udp;
    std::unique_ptr<hal::BurstEngine> engine;
  };
  // Both outlive this. `wake_engine`: an eventfd that is written to after something was handed over.
  Worker(Parts parts, dvpn::FastPath& fast, int wake_engine);
  ~Worker();

  void Ready();  // before each Run, by whoever starts its thread: a Stop that comes first counts, too
  void Run();    // until Stop
  void Stop();   // any thread

  // What this hands to the engine; control messages go before everything else.
  EngineQueue& control() { return control_; }
  EngineQueue& data() { return data_; }

 private:
  void Out(Time now);
  void In(Time now);
  void Place(const hal::Cutter& cut, ipsec::SharedSa& sa, Endpoint to);
  void SealAndSend(Time now);
  void ToSend(const hal::Cutter& cut);
  void GiveOver(EngineQueue& queue, const HandedOver& note, ByteView bytes);
  void Count(ipsec::Drop drop);
  dvpn::FastCounters& mine() { return fast_.counters(parts_.index); }

  Parts parts_;
  dvpn::FastPath& fast_;
  const int wake_engine_;
  hal::Descriptor wake_;
  std::atomic<bool> stop_ = false;
  hal::SystemRandom random_;
  ipsec::Burst burst_;
  EngineQueue control_, data_;
  bool handed_over_ = false;

  Bytes row_;             // ESP packets to be sent, one behind the other
  std::size_t used_ = 0;  // of it
  std::vector<ipsec::Burst::Seal> seals_;
  std::vector<Endpoint> to_;  // of each
  std::vector<hal::UdpView> sending_, received_;
  std::vector<ipsec::Burst::Open> opens_;
  std::vector<const dvpn::FastInbound*> by_;  // of each
  std::vector<ByteSpan> delivering_;
};

}  // namespace sw::device
