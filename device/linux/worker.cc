#include "device/linux/worker.h"

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "dvpn/inner_packet.h"

namespace sw::device {
namespace {

using Counter = std::atomic<std::uint64_t>;

constexpr std::size_t kPackets = 256;           // sealed together at most; our choice, about what a large read makes
constexpr std::size_t kMessages = 4;            // received together at most, of up to 64 datagrams each; our choice
constexpr std::size_t kRowBytes = 1024 * 1024;  // room for one more large packet is always there
constexpr std::size_t kControlPlaces = 256, kDataPlaces = 1024;  // to the engine; our choice
constexpr std::uint8_t kTcp = 6, kSyn = 0x02;

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

void Wake(int fd) {
  const std::uint64_t one = 1;
  (void)!::write(fd, &one, sizeof one);
}

// What only the engine may send: it may change the first segment of a connection, and it says what is no packet at all.
bool ForEngine(ByteView packet) {
  if (packet.size() < 20 || packet[0] >> 4 != 4) return true;
  const std::size_t header = (packet[0] & 0xfU) * std::size_t{4};
  return packet[9] == kTcp && (Load16(&packet[6]) & 0x1fff) == 0 && packet.size() > header + 13 &&
         (packet[header + 13] & kSyn) != 0;
}

void Add(Counter& counter, std::uint64_t n) {
  ipsec::SharedSa::Worker::Add(counter, n);
}

}  // namespace

Worker::Worker(Parts parts, dvpn::FastPath& fast, int wake_engine)
    : parts_(std::move(parts)),
      fast_(fast),
      wake_engine_(wake_engine),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      burst_(*parts_.engine, random_, parts_.index),
      control_(kControlPlaces),
      data_(kDataPlaces),
      row_(kRowBytes) {}

Worker::~Worker() = default;

void Worker::Stop() {
  stop_.store(true);
  Wake(wake_.get());
}

void Worker::Ready() {
  std::uint64_t woken = 0;
  if (stop_.exchange(false)) (void)!::read(wake_.get(), &woken, sizeof woken);  // of the last time
}

void Worker::Run() {
  pollfd fds[] = {{parts_.tun->fd(), POLLIN, 0}, {parts_.udp->fd(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
  while (!stop_.load(std::memory_order_relaxed)) {
    if (::poll(fds, std::size(fds), -1) < 0) continue;
    fast_.epochs().Enter(parts_.index);
    const Time now = Now();
    if (fds[1].revents != 0) In(now);
    if (fds[0].revents != 0) Out(now);
    fast_.epochs().Leave(parts_.index);
    if (std::exchange(handed_over_, false)) Wake(wake_engine_);
    // Whoever reads what was delivered gets its turn on this CPU before more is: its socket holds a few bursts only.
    if (fds[1].revents != 0) ::sched_yield();
  }
}

void Worker::Count(ipsec::Drop drop) {
  Add(mine().drops[static_cast<std::size_t>(drop)], 1);
}

void Worker::GiveOver(EngineQueue& queue, const HandedOver& note, ByteView bytes) {
  if (queue.Put(note, bytes)) {
    handed_over_ = true;
  } else {
    Add(mine().engine_busy, 1);
  }
}

// ---------------------------------------------------------------------------------------------- TUN to UDP

void Worker::ToSend(const hal::Cutter& cut) {
  std::array<std::uint8_t, EngineQueue::kPlaceBytes> part;
  for (std::size_t i = 0; i < cut.parts(); ++i) {
    const ByteSpan bytes = ByteSpan(part).first(cut.size(i));
    cut.Write(i, bytes);
    GiveOver(data_, {.kind = HandedOver::Kind::kToSend, .from = {}}, bytes);
  }
}

// Cuts the packet into the row, with room around each part for its ESP header and trailer.
void Worker::Place(const hal::Cutter& cut, ipsec::SharedSa& sa, Endpoint to) {
  for (std::size_t i = 0; i < cut.parts(); ++i) {
    const std::size_t inner = cut.size(i), whole = sa.shape.Around(inner);
    const ByteSpan esp = ByteSpan(row_).subspan(used_, whole);
    cut.Write(i, esp.subspan(sa.shape.front(), inner));
    used_ += whole;
    seals_.push_back(
        {.sa = &sa, .esp = esp, .inner = static_cast<std::uint32_t>(inner), .next_header = ipsec::kNextHeaderIpv4});
    to_.push_back(to);
  }
}

void Worker::SealAndSend(Time now) {
  if (seals_.empty()) return;
  burst_.Run(seals_, now);
  sending_.clear();
  for (std::size_t i = 0; i < seals_.size(); ++i) {
    if (seals_[i].drop == ipsec::Drop::kNone) {
      sending_.push_back({to_[i], seals_[i].esp});
    } else {
      Count(seals_[i].drop);
    }
  }
  Add(mine().encryption_errors, seals_.size() - sending_.size());
  const std::size_t refused = parts_.udp->Send(sending_);
  Add(mine().output, sending_.size());
  Add(mine().output_errors, seals_.size() - sending_.size() + refused);
  seals_.clear();
  to_.clear();
  used_ = 0;
}

void Worker::Out(Time now) {
  const bool stopped = fast_.stopped();
  hal::Tun::Large large;
  for (std::size_t packets = 0; packets < kPackets && parts_.tun->ReadLarge(large);) {
    if (large.packet.empty() || large.packet[0] >> 4 != 4) continue;  // the kernel speaks IPv6 on every device, unasked
    const auto cut = hal::Cutter::Look(large.header, large.packet, hal::Tun::kMaxMtu);
    if (!cut) continue;
    packets += cut->parts();
    dvpn::FastPeer* const peer =
        stopped || ForEngine(large.packet) ? nullptr : fast_.FindPeer(Ipv4(Load32(&large.packet[16])));
    ipsec::SharedSa* const sa = peer == nullptr ? nullptr : peer->outbound();
    if (sa == nullptr || cut->size(0) > peer->most()) {
      ToSend(*cut);
      continue;
    }
    const std::size_t room = cut->parts() * sa->shape.Around(cut->size(0));
    if (room > row_.size() - used_) SealAndSend(now);
    if (room <= row_.size()) Place(*cut, *sa, peer->endpoint());
  }
  SealAndSend(now);
}

// ---------------------------------------------------------------------------------------------- UDP to TUN

void Worker::In(Time now) {
  received_.clear();
  opens_.clear();
  by_.clear();
  delivering_.clear();
  parts_.udp->Receive(received_, kMessages);
  const bool stopped = fast_.stopped();
  std::uint32_t last_spi = 0;
  const dvpn::FastInbound* by = nullptr;
  for (const hal::UdpView& view : received_) {
    if (view.bytes.size() < ipsec::kEspHeaderBytes) {
      Count(ipsec::Drop::kTruncated);
      continue;
    }
    const std::uint32_t spi = Load32(view.bytes.data());
    if (spi == 0) {
      GiveOver(control_, {.kind = HandedOver::Kind::kDatagram, .from = view.peer}, view.bytes);
      continue;
    }
    if (spi != last_spi) {
      by = fast_.FindInbound(spi);
      last_spi = spi;
    }
    if (by == nullptr) {
      Count(ipsec::Drop::kUnknownSpi);
      Add(mine().input, 1);
      Add(mine().dropped, 1);
    } else if (stopped || by->peer == nullptr || by->peer->endpoint() != view.peer) {
      GiveOver(data_, {.kind = HandedOver::Kind::kDatagram, .from = view.peer}, view.bytes);
    } else {
      opens_.push_back({.sa = by->sa.get(), .esp = view.bytes, .inner = {}});
      by_.push_back(by);
    }
  }
  if (opens_.empty()) return;
  burst_.Run(opens_, now);
  std::uint64_t dropped = 0;
  for (std::size_t i = 0; i < opens_.size(); ++i) {
    const ipsec::Burst::Open& open = opens_[i];
    if (open.drop != ipsec::Drop::kNone) {
      Count(open.drop);
      ++dropped;
      continue;
    }
    if (open.next_header == ipsec::kNextHeaderNone) continue;
    const auto header = open.next_header == ipsec::kNextHeaderIpv4 ? dvpn::ParseInner(open.inner) : std::nullopt;
    if (header && fast_.Delivers(*by_[i], header->source, header->destination)) {
      delivering_.push_back(open.inner.first(header->total_bytes));
    } else {
      GiveOver(data_, {.kind = HandedOver::Kind::kOpened, .from = {}, .sa = by_[i]->id}, open.inner);
    }
  }
  Add(mine().input, opens_.size());
  Add(mine().dropped, dropped);
  parts_.tun->Write(delivering_);
}

}  // namespace sw::device
