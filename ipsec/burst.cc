#include "ipsec/burst.h"

#include <algorithm>

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
    const Drop drop = now >= sa.expires ? Drop::kSaExpired : Drop::kNone;
    const std::uint32_t first = drop == Drop::kNone ? sa.numbers.Take(static_cast<std::uint32_t>(run.size())) : 0;
    hal::BurstKeys* const keys = Mine(sa).keys.get();
    for (std::size_t i = 0; i < run.size(); ++i) {
      Seal& s = run[i];
      s.drop = drop != Drop::kNone ? drop : first == 0 ? Drop::kSequenceExhausted : Drop::kNone;
      if (s.drop != Drop::kNone) continue;
      WrapEsp(s.esp, sa.shape, s.inner, sa.spi, first + static_cast<std::uint32_t>(i), s.next_header);
      *op = EspOp(s.esp, sa.shape);
      work_.push_back({keys, op++});
      if (!sa.shape.aead) iv_bytes += sa.shape.iv_bytes;
    }
  });
  if (iv_bytes != 0) {
    ivs_.resize(iv_bytes);
    random_.Fill(ivs_);
    const std::uint8_t* next = ivs_.data();
    for (const Seal& s : burst) {
      if (s.drop != Drop::kNone || s.sa->shape.aead) continue;
      std::copy_n(next, s.sa->shape.iv_bytes, s.esp.data() + kEspHeaderBytes);
      next += s.sa->shape.iv_bytes;
    }
  }
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
    o.drop = now >= sa.expires ? Drop::kSaExpired : CheckEspLength(o.esp, sa.shape);
    if (o.drop == Drop::kNone) o.drop = sa.window.Check(Load32(o.esp.data() + 4));
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
      if (o.drop == Drop::kNone) o.drop = FromVerdict((op++)->verdict);
      if (o.drop != Drop::kNone) continue;
      const auto unwrapped = UnwrapEsp(o.esp, sa.shape);
      // The window moves last, so that a packet that is refused for any reason changes nothing.
      o.drop = unwrapped ? sa.window.Update(Load32(o.esp.data() + 4)) : Drop::kBadPadding;
      if (o.drop != Drop::kNone) continue;
      o.inner = unwrapped->inner;
      o.next_header = unwrapped->next_header;
      ++packets;
      bytes += o.inner.size();
    }
    SharedSa::Worker& mine = Mine(sa);
    if (packets != 0) mine.Passed(packets, bytes, now);
    if (packets != run.size()) SharedSa::Worker::Add(mine.drops, run.size() - packets);
  });
}

}  // namespace sw::ipsec
