#include "ipsec/esp_queue.h"

#include <algorithm>
#include <span>
#include <utility>

#include "ipsec/ah_codec.h"
#include "ipsec/esp_steps.h"

namespace sw::ipsec {

void EspQueue::Put(Sa& sa, Job job) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(jobs_.size()));
    jobs_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  job.sa = &sa;
  job.use = jobs_[place].use + 1;
  hal::CryptoOp op =
      sa.protocol == SaProtocol::kAh ? AhOp(*job.packet, sa.shape.icv_bytes) : EspOp(job.packet->data(), sa.shape);
  op.sa = sa.handle;
  op.context = (std::uint64_t{job.use} << 32) | place;
  jobs_[place] = std::move(job);
  queued_.push_back(op);
  if (sa.direction == hal::Direction::kSeal) iv_bytes_ += RandomIvBytes(sa.shape);
  ++sa.in_flight;
  ++busy_;
}

void EspQueue::Flush() {
  FillIvs(random_, ivs_, std::exchange(iv_bytes_, 0), [this](auto&& fill) {
    for (const hal::CryptoOp& op : std::span(queued_).subspan(flushed_)) {
      const Sa& sa = *jobs_[static_cast<std::uint32_t>(op.context)].sa;
      if (sa.direction == hal::Direction::kSeal && sa.protocol == SaProtocol::kEsp) fill(op.data, sa.shape);
    }
  });
  flushed_ = queued_.size();
}

std::size_t EspQueue::Submit() {
  if (flushed_ == 0) return 0;
  const std::size_t taken = std::min(device_.Submit(std::span(queued_).first(flushed_)), flushed_);
  queued_.erase(queued_.begin(), queued_.begin() + static_cast<std::ptrdiff_t>(taken));
  flushed_ -= taken;
  return taken;
}

bool EspQueue::stuck() const {
  return flushed_ != 0 && device_.health() == hal::Health::kDown;
}

std::vector<EspQueue::Job*> EspQueue::TakeBack(const Sa* sa) {
  std::vector<Job*> out;
  std::size_t kept = 0, kept_flushed = 0;
  for (std::size_t i = 0; i < queued_.size(); ++i) {
    Job& job = *Claim(queued_[i].context);
    if (sa == nullptr ? i < flushed_ : job.sa == sa) {
      out.push_back(&job);
      continue;
    }
    if (i < flushed_) ++kept_flushed;
    queued_[kept++] = queued_[i];
  }
  queued_.resize(kept);
  flushed_ = kept_flushed;
  return out;
}

}  // namespace sw::ipsec
