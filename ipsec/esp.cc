#include "ipsec/esp.h"

#include <algorithm>

#include "hal/base/state.h"
#include "hal/primitives.h"
#include "ipsec/ah_codec.h"
#include "ipsec/esp_codec.h"
#include "ipsec/esp_queue.h"
#include "ipsec/esp_steps.h"
#include "ipsec/sa_state.h"
#include "ipsec/sa_table.h"

namespace sw::ipsec {
namespace {

constexpr std::uint32_t kLowestSpi = 256;
constexpr std::size_t kCollect = 64;  // completions taken from the device at a time

}  // namespace

std::size_t KeyBytes(int suite) {
  const hal::Suite* s = hal::FindSuite(suite);
  return s == nullptr ? 0 : hal::SealKeyBytes(*s);
}

std::size_t InnerMtu(int suite, std::size_t outer) {
  const hal::Suite* s = hal::FindSuite(suite);
  if (s == nullptr) return 0;
  return InnerMtu(EspAlgorithms{s->cipher, s->integrity}, outer);
}

std::size_t InnerMtu(const EspAlgorithms& algorithms, std::size_t outer) {
  const EspShape shape(algorithms.cipher, algorithms.integrity);
  const std::size_t around = shape.front() + shape.icv_bytes;
  if (outer < around + shape.align) return 0;
  return (outer - around) / shape.align * shape.align - kEspTrailerBytes;
}

struct Esp::Impl {
  using Job = EspQueue::Job;

  Impl(hal::CryptoDevice& d, Random& r, std::size_t workers);

  Result<SaId> Add(Time now, const SaParams& params, hal::Direction direction);
  std::shared_ptr<SharedSa> MakeShared(const SaParams& params, const hal::SaSpec& spec);
  std::size_t Submit();
  void Finish(Job& job, Drop drop, std::vector<Finished>& out);
  Drop Accept(Job& job, hal::Verdict verdict);
  Drop AcceptOpened(Job& job, hal::Verdict verdict);
  void Refuse(Sa* sa, hal::Direction direction, PacketPtr packet, std::uint64_t context, Drop drop);
  void Release(Sa& sa);
  void Remove(Sa& sa);

  hal::CryptoDevice& device;
  Random& random;
  std::unique_ptr<hal::BurstEngine> for_workers;  // makes their keys; null: there are none
  std::size_t workers = 0;
  SaTable table;
  EspQueue queue{device, random};
  std::array<std::uint64_t, kDropReasons> drops{};
  std::vector<Finished> ready;  // ended without the device
};

Esp::Impl::Impl(hal::CryptoDevice& d, Random& r, std::size_t wanted) : device(d), random(r) {
  const hal::EnginePlan* plan = d.per_thread();
  if (wanted == 0 || plan == nullptr) return;
  if (auto engine = hal::BurstEngine::Create(*plan); engine.ok()) {
    for_workers = std::move(*engine);
    workers = wanted;
  }
}

// Keys for every worker, or for none.
std::shared_ptr<SharedSa> Esp::Impl::MakeShared(const SaParams& params, const hal::SaSpec& spec) {
  const EspShape shape(spec.cipher, spec.integrity);
  auto shared = std::make_shared<SharedSa>(shape, spec.direction, params.spi, params.expires, params.used_sequence);
  std::vector<SharedSa::Worker> made(params.protocol == SaProtocol::kAh ? 0 : workers);
  const bool all = std::ranges::all_of(made, [&](SharedSa::Worker& w) {
    w.keys = for_workers->Prepare(spec);
    return w.keys != nullptr;
  });
  if (all) shared->workers.swap(made);
  return shared;
}

Result<SaId> Esp::Impl::Add(Time now, const SaParams& params, hal::Direction direction) {
  const std::string_view kind = params.protocol == SaProtocol::kAh ? "AH SA" : "ESP SA";
  const auto refuse = [kind](Code code, std::string why) { return Status(code, std::move(why)).Within(kind); };
  EspAlgorithms algorithms = params.algorithms;
  if (params.suite != 0) {
    const hal::Suite* suite = hal::FindSuite(params.suite);
    if (suite == nullptr) return refuse(Code::kBadValue, "no such suite");
    algorithms = {suite->cipher, suite->integrity};
  }
  const bool ah = params.protocol == SaProtocol::kAh;
  if (params.suite == 0 && algorithms == EspAlgorithms{}) return refuse(Code::kBadValue, "no algorithm at all");
  if (!Fit(algorithms.cipher, algorithms.integrity) ||
      (ah && (algorithms.cipher != hal::Cipher::kNull || algorithms.integrity == hal::Integrity::kNone))) {
    return refuse(Code::kBadValue, "algorithms that do not go together");
  }
  const std::size_t cipher_bytes = hal::Info(algorithms.cipher).key_bytes;
  if (params.spi < kLowestSpi) return refuse(Code::kBadValue, "SPIs below 256 are reserved");
  if (params.keys.size() != cipher_bytes + hal::Info(algorithms.integrity).key_bytes) {
    return refuse(Code::kBadValue, "keys of the wrong size");
  }
  if (direction == hal::Direction::kOpen && table.FindInbound(params.protocol, params.spi) != nullptr) {
    return refuse(Code::kExists, "the SPI is in use");
  }
  const ByteView keys = params.keys.view();
  const hal::SaSpec spec{direction, algorithms.cipher, algorithms.integrity, SecretBytes(keys.first(cipher_bytes)),
                         SecretBytes(keys.subspan(cipher_bytes))};
  const Result<hal::SaHandle> handle = device.AddSa(spec);
  if (!handle.ok()) return handle.status().Within(kind);

  auto sa = std::make_unique<Sa>(params.protocol, params.suite, MakeShared(params, spec));
  sa->spi = params.spi;
  sa->handle = *handle;
  sa->created = now;
  sa->params = params;
  return table.Add(std::move(sa));
}

std::size_t Esp::Impl::Submit() {
  const std::size_t taken = queue.Submit();
  if (taken == 0 && queue.stuck())
    for (Job* job : queue.TakeBack(nullptr)) Finish(*job, Drop::kDeviceFault, ready);
  return taken;
}

Drop Esp::Impl::AcceptOpened(Job& job, hal::Verdict verdict) {
  Sa& sa = *job.sa;
  Packet& packet = *job.packet;
  Drop drop = Drop::kNone;
  if (sa.protocol == SaProtocol::kEsp) {
    ByteSpan inner;
    drop = AfterOpening(*sa.shared, packet.data(), verdict, inner, job.next_header);
    if (drop != Drop::kNone) return drop;
    packet.TrimFront(sa.shape.front());
    packet.TrimBack(packet.size() - inner.size());
  } else {
    drop = FromVerdict(verdict);
    if (drop == Drop::kNone) drop = sa.shared->window.Update(job.sequence);  // last of all that can refuse it
    if (drop != Drop::kNone) return drop;
    job.next_header = UnwrapAh(packet, sa.shape.icv_bytes);
  }
  job.inner_bytes = static_cast<std::uint32_t>(packet.size());
  return Drop::kNone;
}

Drop Esp::Impl::Accept(Job& job, hal::Verdict verdict) {
  if (job.sa->retired) return Drop::kUnknownSpi;
  if (job.sa->direction == hal::Direction::kOpen) return AcceptOpened(job, verdict);
  const Drop drop = FromVerdict(verdict);
  if (drop == Drop::kNone && job.sa->protocol == SaProtocol::kAh) FinishAh(*job.packet, job.sa->shape.icv_bytes);
  return drop;
}

void Esp::Impl::Finish(Job& job, Drop drop, std::vector<Finished>& out) {
  Sa& sa = *job.sa;
  if (drop == Drop::kNone) {
    ++sa.counters.packets;
    sa.counters.bytes += job.inner_bytes;
  } else {
    ++sa.counters.drops;
    ++drops[static_cast<std::size_t>(drop)];
  }
  out.push_back({std::move(job.packet), sa.id, sa.direction, job.next_header, drop, job.context});
  queue.Free(job);
  if (sa.retired) Release(sa);
}

void Esp::Impl::Refuse(Sa* sa, hal::Direction direction, PacketPtr packet, std::uint64_t context, Drop drop) {
  if (sa != nullptr) ++sa->counters.drops;
  ++drops[static_cast<std::size_t>(drop)];
  ready.push_back({std::move(packet), sa == nullptr ? 0 : sa->id, direction, 0, drop, context});
}

void Esp::Impl::Release(Sa& sa) {
  if (sa.in_flight != 0) return;
  (void)device.RemoveSa(sa.handle);  // a device that has lost the SA already is as good as one that removes it
  table.Erase(sa);
}

void Esp::Impl::Remove(Sa& sa) {
  table.Retire(sa);
  ++sa.in_flight;  // keeps `sa` here while its waiting packets end
  for (Job* job : queue.TakeBack(&sa)) Finish(*job, Drop::kUnknownSpi, ready);
  --sa.in_flight;
  Release(sa);
}

Esp::Esp(hal::CryptoDevice& device, Random& random, std::size_t workers)
    : impl_(std::make_unique<Impl>(device, random, workers)) {}

Esp::~Esp() {
  for (const std::unique_ptr<Sa>& sa : impl_->table.slots()) {
    if (sa != nullptr && !sa->retired) impl_->Remove(*sa);
  }
  std::vector<Finished> last;
  Poll(last);
}

std::uint32_t Esp::AllocateSpi(SaProtocol protocol) {
  for (;;) {
    const std::uint32_t spi = impl_->random.U32();
    if (spi >= kLowestSpi && impl_->table.FindInbound(protocol, spi) == nullptr) return spi;
  }
}

Result<SaId> Esp::AddInbound(Time now, const SaParams& params) {
  return impl_->Add(now, params, hal::Direction::kOpen);
}

Result<SaId> Esp::AddOutbound(Time now, const SaParams& params) {
  return impl_->Add(now, params, hal::Direction::kSeal);
}

void Esp::Remove(SaId id) {
  if (Sa* sa = impl_->table.Find(id)) impl_->Remove(*sa);
}

std::optional<SaInfo> Esp::Info(SaId id) const {
  const Sa* sa = impl_->table.Find(id);
  if (sa == nullptr) return std::nullopt;
  const std::uint32_t sequence =
      sa->direction == hal::Direction::kSeal ? sa->shared->numbers.last() : sa->shared->window.highest();
  const SharedSa::Passed passed = sa->shared->passed();
  SaCounters counters = sa->counters;
  counters.packets += passed.packets;
  counters.bytes += passed.bytes;
  counters.drops += passed.drops;
  return SaInfo{sa->spi, sa->suite, sa->direction, sa->created, sa->shared->expires, sequence, counters};
}

std::shared_ptr<SharedSa> Esp::Shared(SaId id) const {
  const Sa* sa = impl_->table.Find(id);
  return sa == nullptr ? nullptr : sa->shared;
}

std::optional<SaState> Esp::Save(SaId id) {
  const std::optional<SaInfo> info = Info(id);
  if (!info) return std::nullopt;
  Sa& sa = *impl_->table.Find(id);
  SaState out;
  out.params = sa.params;
  out.direction = sa.direction;
  out.created = sa.created;
  out.counters = info->counters;
  if (sa.direction == hal::Direction::kSeal) {
    out.params.used_sequence = ReservedFrom(info->sequence);
    sa.shared->numbers.Skip(2 * kStateReserve);
  } else {
    out.seen = sa.shared->window.seen();
  }
  return out;
}

Result<SaId> Esp::Restore(const SaState& state) {
  Result<SaId> id = impl_->Add(state.created, state.params, state.direction);
  if (!id.ok()) return id;
  Sa& sa = *impl_->table.Find(*id);
  sa.counters = state.counters;
  if (state.direction == hal::Direction::kOpen) sa.shared->window.GoOn(state.seen);
  return id;
}

std::optional<SaId> Esp::FindInbound(std::uint32_t spi, SaProtocol protocol) const {
  const Sa* sa = impl_->table.FindInbound(protocol, spi);
  if (sa == nullptr) return std::nullopt;
  return sa->id;
}

void Esp::Protect(Time now, SaId id, PacketPtr packet, std::uint8_t next_header, std::uint64_t context) {
  constexpr hal::Direction kSeal = hal::Direction::kSeal;
  Sa* sa = impl_->table.Find(id);
  if (sa != nullptr && sa->direction != kSeal) sa = nullptr;
  const auto inner_bytes = static_cast<std::uint32_t>(packet->size());
  std::uint32_t sequence = 0;
  Drop drop = Drop::kNone;
  if (sa == nullptr) {
    drop = Drop::kUnknownSpi;
  } else if (impl_->queue.full()) {
    drop = Drop::kDeviceBusy;
  } else if (sa->protocol == SaProtocol::kEsp && !HasEspRoom(*packet, sa->shape)) {
    drop = Drop::kNoRoom;
  } else {
    drop = TakeNumbers(*sa->shared, now, 1, sequence);
    if (drop == Drop::kNone && sa->protocol == SaProtocol::kAh &&
        !WrapAh(*packet, sa->shape.icv_bytes, sa->spi, sequence))
      drop = Drop::kNoRoom;  // the number is spent, which harms nothing
  }
  if (drop != Drop::kNone) return impl_->Refuse(sa, kSeal, std::move(packet), context, drop);
  if (sa->protocol == SaProtocol::kEsp) WrapEsp(*packet, sa->shape, sa->spi, sequence, next_header);
  impl_->queue.Put(
      *sa, {.packet = std::move(packet), .context = context, .inner_bytes = inner_bytes, .next_header = next_header});
}

void Esp::Unprotect(Time now, PacketPtr packet, std::uint64_t context) {
  constexpr hal::Direction kOpen = hal::Direction::kOpen;
  const ByteView bytes = std::as_const(*packet).data();
  if (bytes.size() < kEspHeaderBytes) {
    return impl_->Refuse(nullptr, kOpen, std::move(packet), context, Drop::kTruncated);
  }
  Sa* sa = impl_->table.FindInbound(SaProtocol::kEsp, Load32(bytes.data()));
  Drop drop = sa == nullptr ? Drop::kUnknownSpi : BeforeOpening(*sa->shared, bytes, now);
  if (drop == Drop::kNone && impl_->queue.full()) drop = Drop::kDeviceBusy;
  if (drop != Drop::kNone) return impl_->Refuse(sa, kOpen, std::move(packet), context, drop);
  impl_->queue.Put(*sa, {.packet = std::move(packet), .context = context});
}

void Esp::UnprotectAh(Time now, PacketPtr packet, std::uint64_t context) {
  constexpr hal::Direction kOpen = hal::Direction::kOpen;
  const std::optional<AhHeader> header = ReadAh(*packet);
  if (!header) return impl_->Refuse(nullptr, kOpen, std::move(packet), context, Drop::kTruncated);
  Sa* sa = impl_->table.FindInbound(SaProtocol::kAh, header->spi);
  Drop drop = Drop::kNone;
  if (sa == nullptr) {
    drop = Drop::kUnknownSpi;
  } else if (now >= sa->shared->expires) {
    drop = Drop::kSaExpired;
  } else {
    drop = sa->shared->window.Check(header->sequence);
    if (drop == Drop::kNone && impl_->queue.full()) drop = Drop::kDeviceBusy;
    if (drop == Drop::kNone) drop = PrepareAh(*packet, sa->shape.icv_bytes);
  }
  if (drop != Drop::kNone) return impl_->Refuse(sa, kOpen, std::move(packet), context, drop);
  impl_->queue.Put(*sa, {.packet = std::move(packet), .context = context, .sequence = header->sequence});
}

void Esp::Flush() {
  impl_->queue.Flush();
  impl_->Submit();
}

void Esp::Poll(std::vector<Finished>& out) {
  std::array<hal::CryptoOp, kCollect> done;
  for (bool moving = true; moving;) {
    const std::size_t count = std::min(impl_->device.Complete(done), done.size());
    for (const hal::CryptoOp& op : std::span(done).first(count)) {
      if (Impl::Job* job = impl_->queue.Claim(op.context)) {
        impl_->Finish(*job, impl_->Accept(*job, op.verdict), out);
      } else {
        ++impl_->drops[static_cast<std::size_t>(Drop::kDeviceFault)];
      }
    }
    moving = impl_->Submit() + count != 0;
  }
  std::move(impl_->ready.begin(), impl_->ready.end(), std::back_inserter(out));
  impl_->ready.clear();
}

const std::array<std::uint64_t, kDropReasons>& Esp::drops() const {
  return impl_->drops;
}

}  // namespace sw::ipsec
