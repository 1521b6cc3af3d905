// From a silent slot to a running card, and out of service again.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "hal/pcie/codes.h"
#include "hal/pcie/pcie_device.h"

namespace sw::hal::pcie {
namespace {

constexpr std::string_view kFaultNames[] = {
    "none", "self test", "overheated", "ring set up wrongly", "descriptor wrong", "memory access refused", "internal"};

std::string_view FaultName(CardFault fault) {
  const auto index = static_cast<std::size_t>(fault);
  return index < std::size(kFaultNames) ? kFaultNames[index] : "unknown";
}

std::size_t Aligned(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

}  // namespace

std::string_view Name(BringUp state) {
  constexpr std::string_view kNames[] = {"IDENTIFY", "RESET", "SELFTEST", "ENABLE", "RUNNING", "FAILED"};
  return kNames[static_cast<std::size_t>(state)];
}

PcieDevice::PcieDevice(Transport& transport, std::function<Time()> now, DriverOptions options)
    : transport_(transport), now_(std::move(now)), options_(options) {
  capabilities_.engine = "card (not identified)";
}

PcieDevice::~PcieDevice() {
  if (state_ == BringUp::kRunning) transport_.Write32(kRegControl, Control{.bits = {1, 0, 0, 0}}.raw);
}

std::string PcieDevice::trouble_text() const {
  const std::string sentence(Text(trouble_).sentence);
  return detail_.empty() ? sentence : sentence + " (" + detail_ + ")";
}

void PcieDevice::Enter(BringUp state, Duration deadline) {
  state_ = state;
  deadline_ = now_() + deadline;
  trace_.Say(TraceTopic::kMisc, "the card's state is {}", Name(state));
}

void PcieDevice::Restart() {
  if (state_ != BringUp::kFailed) return;
  asked_ = false;
  deadline_ = Time::Never();
  state_ = BringUp::kIdentify;
  trace_.Say(TraceTopic::kMisc, "the card's state is {}", Name(state_));
}

void PcieDevice::Fail(Trouble trouble, std::string detail) {
  if (state_ == BringUp::kFailed) return;
  state_ = BringUp::kFailed;
  trouble_ = trouble;
  detail_ = std::move(detail);
  ++counters_.troubles[static_cast<std::size_t>(trouble)];
  trace_.Say(TraceTopic::kError, "{}: {}", Text(trouble).name, trouble_text());
  // A card that listens stops reaching for memory; one that does not has only our bounce memory.
  if (trouble != Trouble::kAbsent && trouble != Trouble::kWrongCard && trouble != Trouble::kGone)
    transport_.Write32(kRegControl, Control{.bits = {1, 0, 0, 0}}.raw);
  std::vector<Tag*> lost;
  for (Tag& tag : tags_)
    if (tag.busy) lost.push_back(&tag);
  std::ranges::sort(lost, {}, &Tag::number);
  for (Tag* tag : lost) {
    if (!tag->command) ++counters_.faulted;
    Finish(*tag, Verdict::kFault);
  }
  if (keys_ != nullptr) Wipe({keys_, kCommandTags * kKeyBytes});
  for (SaSlot& sa : sas_) sa.used = false;
  sa_count_ = 0;
}

void PcieDevice::Poll() {
  switch (state_) {
    case BringUp::kIdentify:
      return PollIdentify();
    case BringUp::kReset:
    case BringUp::kSelfTest:
    case BringUp::kEnable:
      return PollBringUp();
    case BringUp::kRunning:
      return PollRunning();
    case BringUp::kFailed:
      return;
  }
}

void PcieDevice::PollIdentify() {
  if (!asked_) {
    asked_ = true;
    deadline_ = now_() + options_.identify_deadline;
    const Status connected = transport_.Reconnect();
    if (connected.code() == Code::kUnsupported) return Fail(Trouble::kWrongCard, connected.why());
    if (!connected.ok()) return Fail(Trouble::kAbsent, connected.why());
  }
  const std::uint32_t id = Reg(kRegId);
  if (id == kAllOnes) {  // a card that has just been given power may need a moment
    if (now_() >= deadline_) Fail(Trouble::kAbsent);
    return;
  }
  if (id != kMagic) return Fail(Trouble::kWrongCard, fmt::format("identification {:#010x}", id));
  const Revision revision{Reg(kRegRevision)};
  if (revision.bits.major != kAbiMajor)
    return Fail(Trouble::kWrongRevision, fmt::format("{}.{}", revision.bits.major, revision.bits.minor));
  if (Features{Reg(kRegFeatures)}.bits.host_counters == 0) return Fail(Trouble::kOwnCounters);
  if (!ReadCapabilities()) return Fail(Trouble::kBadCapabilities);
  if (!LayOutMemory()) return Fail(Trouble::kNoMemory);
  generation_ = Reg(kRegGeneration);
  transport_.Write32(kRegControl, Control{.bits = {1, 0, 0, 0}}.raw);
  Enter(BringUp::kReset, options_.reset_deadline);
}

bool PcieDevice::ReadCapabilities() {
  const std::uint32_t sas = Reg(kRegMaxSas);
  const Queues queues{Reg(kRegQueues)};
  if (sas == 0 || sas == kAllOnes || queues.bits.depth == 0 || queues.bits.depth > kMostDepth ||
      queues.bits.rings == 0 || queues.bits.rings > kMostRings || queues.bits.vectors <= queues.bits.rings) {
    return false;
  }
  capabilities_ = {};
  for (const CipherCode& cipher : kCipherTable) {
    const std::uint32_t bits = transport_.Read32(kRegTransforms + 4U * cipher.code);
    if (bits == kAllOnes) return false;
    for (const IntegrityCode& integrity : kIntegrityTable)
      if ((bits >> integrity.code & 1) != 0) capabilities_.transforms.push_back({cipher.cipher, integrity.integrity});
  }
  const Revision revision{Reg(kRegRevision)};
  capabilities_.engine = fmt::format("card (revision {}.{}, {} rings)", revision.bits.major, revision.bits.minor,
                                     static_cast<int>(queues.bits.rings));
  // The table is the card's: handle % its size is an SA's place, so only its use can be limited here.
  max_sas_ = sas;
  capabilities_.max_sas = std::min<std::size_t>(sas, options_.max_sas);
  depth_ = std::min<std::size_t>({queues.bits.depth, options_.depth, kMostDepth});
  capabilities_.max_burst = depth_;
  rings_.assign(queues.bits.rings, {});
  return true;
}

// Rings, then pages, lists and keys, in one block that is kept over restarts.
bool PcieDevice::LayOutMemory() {
  entries_ = static_cast<std::uint32_t>(std::bit_ceil(2 * TotalTags()));
  const std::size_t submission = Aligned(entries_ * sizeof(Descriptor));
  const std::size_t completion = Aligned(entries_ * sizeof(Completion));
  const std::size_t pages = (depth_ + kExtraPages) * kPageBytes;
  const std::size_t lists = depth_ * kMostSegments * sizeof(Segment);
  const std::size_t total = rings_.size() * (submission + completion) + pages + lists + kCommandTags * kKeyBytes;
  if (memory_.size < total) {
    Result<DmaBlock> block = transport_.Allocate(total);
    if (!block.ok()) return false;
    memory_ = *block;
  }
  std::memset(memory_.bytes, 0, total);
  std::size_t at = 0;
  for (Ring& ring : rings_) {
    ring.submission = reinterpret_cast<Descriptor*>(memory_.bytes + at);
    ring.submission_address = memory_.address + at;
    at += submission;
    ring.completion = reinterpret_cast<Completion*>(memory_.bytes + at);
    ring.completion_address = memory_.address + at;
    at += completion;
  }
  pages_ = memory_.bytes + at;
  lists_ = pages_ + pages;
  keys_ = lists_ + lists;
  tags_.assign(TotalTags(), {});
  free_tags_.clear();
  free_commands_.clear();
  free_pages_.clear();
  for (std::size_t i = depth_; i-- > 0;) free_tags_.push_back(static_cast<std::uint16_t>(i));
  for (std::size_t i = TotalTags(); i-- > depth_;) free_commands_.push_back(static_cast<std::uint16_t>(i));
  for (std::size_t i = depth_ + kExtraPages; i-- > depth_;) free_pages_.push_back(static_cast<std::uint16_t>(i));
  sas_.clear();
  free_sas_.clear();
  return true;
}

void PcieDevice::ProgramRings() {
  for (std::uint32_t i = 0; i < rings_.size(); ++i) {
    const std::uint32_t base = kRegRings + i * kRingStride;
    transport_.Write32(base + kRingSubmission, static_cast<std::uint32_t>(rings_[i].submission_address));
    transport_.Write32(base + kRingSubmission + 4, static_cast<std::uint32_t>(rings_[i].submission_address >> 32));
    transport_.Write32(base + kRingCompletion, static_cast<std::uint32_t>(rings_[i].completion_address));
    transport_.Write32(base + kRingCompletion + 4, static_cast<std::uint32_t>(rings_[i].completion_address >> 32));
    transport_.Write32(base + kRingVector, i + 1);
    transport_.Write32(base + kRingEntries, entries_);
  }
}

// One look at the status register: go on, wait, or give up.
void PcieDevice::PollBringUp() {
  const CardStatus status = ReadStatus();
  if (status.raw == kAllOnes) return Fail(Trouble::kGone);
  const CardState now = status.bits.state;
  if (state_ == BringUp::kReset && now == CardState::kIdle && Reg(kRegGeneration) != generation_) {
    generation_ = Reg(kRegGeneration);
    transport_.Write32(kRegControl, Control{.bits = {0, 1, 0, 0}}.raw);
    return Enter(BringUp::kSelfTest, options_.test_deadline);
  }
  if (state_ == BringUp::kSelfTest && now == CardState::kReady) {
    ProgramRings();
    transport_.Write32(kRegControl, Control{.bits = {0, 0, 1, 0}}.raw);
    return Enter(BringUp::kEnable, options_.enable_deadline);
  }
  if (state_ == BringUp::kSelfTest && now == CardState::kFault)
    return Fail(Trouble::kSelfTestFailed, fmt::format("self test register {:#010x}", Reg(kRegSelfTest)));
  if (state_ == BringUp::kEnable && now == CardState::kRunning) {
    trouble_ = Trouble::kNone;
    detail_.clear();
    next_health_ = now_() + options_.health_interval;
    state_ = BringUp::kRunning;
    trace_.Say(TraceTopic::kMisc, "the card's state is {}", Name(state_));
    deadline_ = Time::Never();
    return;
  }
  if (state_ == BringUp::kEnable && now == CardState::kFault)
    return Fail(Trouble::kFaultState, std::string(FaultName(status.bits.fault)));
  if (now_() < deadline_) return;
  Fail(state_ == BringUp::kReset      ? Trouble::kResetTimeout
       : state_ == BringUp::kSelfTest ? Trouble::kTestTimeout
                                      : Trouble::kEnableTimeout);
}

bool PcieDevice::SomethingIsLate(Time now) const {
  return std::ranges::any_of(
      tags_, [&](const Tag& tag) { return tag.busy && now - tag.submitted >= options_.operation_deadline; });
}

void PcieDevice::PollRunning() {
  Reap();
  const Time now = now_();
  if (state_ != BringUp::kRunning) return;
  if (now >= next_scan_) {
    next_scan_ = now + options_.scan_interval;
    if (SomethingIsLate(now)) {
      const CardStatus status = ReadStatus();  // a card that says what it has is not just late
      Reap();                                  // and what arrived meanwhile is not late at all
      if (state_ != BringUp::kRunning) return;
      if (status.raw != kAllOnes && status.bits.state == CardState::kRunning && SomethingIsLate(now))
        return Fail(Trouble::kHung, fmt::format("{} operations in flight", in_flight() - (finished_.size() - taken_)));
      if (status.raw == kAllOnes || status.bits.state != CardState::kRunning) next_health_ = now;
    }
  }
  if (now < next_health_) return;
  next_health_ = now + options_.health_interval;
  const CardStatus status = ReadStatus();
  if (status.raw == kAllOnes) return Fail(Trouble::kGone);
  if (status.bits.state == CardState::kFault)
    return Fail(Trouble::kFaultState, std::string(FaultName(status.bits.fault)));
  if (status.bits.state != CardState::kRunning || Reg(kRegGeneration) != generation_) Fail(Trouble::kResetItself);
}

CardReading PcieDevice::Read() {
  CardReading out;
  if (state_ == BringUp::kFailed || state_ == BringUp::kIdentify) return out;
  out.generation = Reg(kRegGeneration);
  out.temperature = static_cast<std::int32_t>(Reg(kRegTemperature)) / 10.0;
  out.temperature_limit = static_cast<std::int32_t>(Reg(kRegTemperatureLimit)) / 10.0;
  for (std::uint32_t i = 0; i < kStatistics; ++i) {
    const std::uint32_t low = transport_.Read32(kRegStatistics + 8 * i);
    out.statistics[i] = std::uint64_t{transport_.Read32(kRegStatistics + 8 * i + 4)} << 32 | low;
  }
  return out;
}

}  // namespace sw::hal::pcie
