#include "ipsec/burst.h"

#include <algorithm>

#include "ipsec/esp_steps.h"

namespace sw::ipsec {
namespace {

// Calls visit(first, count) for each row of neighbours with one SA.
template <typename Item, typename Visit>
void EachRun(std::span<Item> burst, Visit visit) {
  for (std::size_t at = 0; at < burst.size();) {
    std::size_t end = at + 1;
    while (end < burst.size() && burst[end].sa == burst[at].sa) ++end;
    visit(burst.subspan(at, end - at));
    at = end;
  }
}

}  // namespace

void Burst::Run(std::span<Seal> burst, Time now) {
  ops_.resize(burst.size());
  work_.clear();
  std::size_t iv_bytes = 0;
  hal::CryptoOp* op = ops_.data();
  EachRun(burst, [&](std::span<Seal> run) {
    SharedSa& sa = *run.front().sa;
    std::uint32_t first = 0;
    const Drop drop = TakeNumbers(sa, now, static_cast<std::uint32_t>(run.size()), first);
    hal::BurstKeys* const keys = Mine(sa).keys.get();
    for (std::size_t i = 0; i < run.size(); ++i) {
      Seal& s = run[i];
      s.drop = drop;
      if (s.drop != Drop::kNone) continue;
      WrapEsp(s.esp, sa.shape, s.inner, sa.spi, first + static_cast<std::uint32_t>(i), s.next_header);
      *op = EspOp(s.esp, sa.shape);
      work_.push_back({keys, op++});
      iv_bytes += RandomIvBytes(sa.shape);
    }
  });
  FillIvs(random_, ivs_, iv_bytes, [&](auto&& fill) {
    for (const Seal& s : burst)
      if (s.drop == Drop::kNone) fill(s.esp.data(), s.sa->shape);
  });
  engine_.Run(work_);
  op = ops_.data();
  EachRun(burst, [&](std::span<Seal> run) {
    std::uint64_t packets = 0, bytes = 0;
    for (Seal& s : run) {
      if (s.drop == Drop::kNone) s.drop = FromVerdict((op++)->verdict);
      if (s.drop != Drop::kNone) continue;
      ++packets;
      bytes += s.inner;
    }
    SharedSa::Worker& mine = Mine(*run.front().sa);
    if (packets != 0) mine.Passed(packets, bytes, now);
    if (packets != run.size()) SharedSa::Worker::Add(mine.drops, run.size() - packets);
  });
}

void Burst::Run(std::span<Open> burst, Time now) {
  ops_.resize(burst.size());
  work_.clear();
  hal::CryptoOp* op = ops_.data();
  for (Open& o : burst) {
    SharedSa& sa = *o.sa;
    o.drop = BeforeOpening(sa, o.esp, now);
    if (o.drop != Drop::kNone) continue;
    *op = EspOp(o.esp, sa.shape);
    work_.push_back({Mine(sa).keys.get(), op++});
  }
  engine_.Run(work_);
  op = ops_.data();
  EachRun(burst, [&](std::span<Open> run) {
    SharedSa& sa = *run.front().sa;
    std::uint64_t packets = 0, bytes = 0;
    for (Open& o : run) {
      if (o.drop != Drop::kNone) continue;
      o.drop = AfterOpening(sa, o.esp, (op++)->verdict, o.inner, o.next_header);
      if (o.drop != Drop::kNone) continue;
      ++packets;
      bytes += o.inner.size();
    }
    SharedSa::Worker& mine = Mine(sa);
    if (packets != 0) mine.Passed(packets, bytes, now);
    if (packets != run.size()) SharedSa::Worker::Add(mine.drops, run.size() - packets);
  });
}

}  // namespace sw::ipsec
