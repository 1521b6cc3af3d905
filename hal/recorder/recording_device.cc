#include "hal/recorder/recording_device.h"

#include "hal/recorder/call.h"

namespace sw::hal::recorder {

RecordingDevice::RecordingDevice(CryptoDevice& engine, Sink sink) : engine_(engine), sink_(std::move(sink)) {
  sink_(kFirstLine);
  sink_("# engine: " + engine_.capabilities().engine);
}

Health RecordingDevice::health() const {
  const Health health = engine_.health();
  if (last_health_ != health) sink_(Text(HealthSeen{health}));
  last_health_ = health;
  return health;
}

Status RecordingDevice::Validate(const SaSpec& spec) const {
  Status status = engine_.Validate(spec);
  sink_(Text(SaAsked{true, spec, status.code(), 0}));
  return status;
}

Result<SaHandle> RecordingDevice::AddSa(const SaSpec& spec) {
  const Result<SaHandle> added = engine_.AddSa(spec);
  sink_(Text(SaAsked{false, spec, added.status().code(), added.ok() ? *added : 0}));
  return added;
}

Status RecordingDevice::RemoveSa(SaHandle sa) {
  Status status = engine_.RemoveSa(sa);
  sink_(Text(SaRemoved{sa, status.code()}));
  return status;
}

std::size_t RecordingDevice::Submit(std::span<const CryptoOp> burst) {
  burst_.assign(burst.begin(), burst.end());
  lines_.clear();
  // The engine works in place and may be done before it returns: what it gets is written down before.
  for (CryptoOp& op : burst_) {
    if (free_.empty()) {
      free_.push_back(taken_.size());
      taken_.emplace_back();
    }
    const std::uint64_t place = free_.back();
    free_.pop_back();
    taken_[place] = {number_ + lines_.size() + 1, op.context};
    op.context = place;
    Submitted call{taken_[place].number, op, {}, op.data == nullptr};
    if (op.data != nullptr) call.packet.assign(op.data, op.data + op.size);
    lines_.push_back(Text(call));
  }
  const std::size_t taken = engine_.Submit(burst_);
  for (std::size_t i = 0; i < taken; ++i) sink_(lines_[i]);
  for (std::size_t i = burst_.size(); i-- > taken;) free_.push_back(burst_[i].context);
  if (taken < burst_.size()) sink_(Text(Refused{burst_.size() - taken}));
  number_ += taken;
  return taken;
}

std::size_t RecordingDevice::Complete(std::span<CryptoOp> done) {
  const std::size_t count = engine_.Complete(done);
  for (CryptoOp& op : done.first(count)) {
    const std::uint64_t place = op.context;
    Completed call{taken_[place].number, op.verdict, {}};
    if (op.verdict == Verdict::kOk) call.packet.assign(op.data, op.data + op.size);
    sink_(Text(call));
    op.context = taken_[place].context;
    free_.push_back(place);
  }
  return count;
}

}  // namespace sw::hal::recorder
