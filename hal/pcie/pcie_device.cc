// The driver's work: SAs and packets into rings, completions out of them, every one of them doubted.
#include "hal/pcie/pcie_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>

#include "hal/pcie/codes.h"

namespace sw::hal::pcie {
namespace {

constexpr std::string_view kStatusNames[] = {"done",       "ICV wrong", "ranges impossible",
                                             "no such SA", "refused",   "failed"};

}  // namespace

PcieDevice::SaSlot* PcieDevice::Find(SaHandle handle) {
  const std::size_t index = handle % max_sas_;
  if (index >= sas_.size() || !sas_[index].used || sas_[index].handle != handle) return nullptr;
  return &sas_[index];
}

Status PcieDevice::Validate(const SaSpec& spec) const {
  if (state_ != BringUp::kRunning) return {Code::kDevice, "the card is not running"};
  const auto matches = [&spec](const Capability& c) {
    return c.cipher == spec.cipher && c.integrity == spec.integrity;
  };
  if (std::ranges::none_of(capabilities_.transforms, matches))
    return {Code::kUnsupported, "the card does not offer this transform"};
  if (spec.cipher_key.size() != Info(spec.cipher).key_bytes ||
      spec.integrity_key.size() != Info(spec.integrity).key_bytes ||
      spec.cipher_key.size() + spec.integrity_key.size() > kKeyBytes) {
    return {Code::kBadValue, "a key has the wrong size"};
  }
  if (sa_count_ >= capabilities_.max_sas) return {Code::kBusy, "the card's SA table is full"};
  return {};
}

Result<SaHandle> PcieDevice::AddSa(const SaSpec& spec) {
  Poll();
  if (Status status = Validate(spec); !status.ok()) return status;
  if (free_commands_.empty()) return Status(Code::kBusy, "the card has not taken earlier SA commands yet");
  if (free_sas_.empty()) {
    free_sas_.push_back(static_cast<std::uint32_t>(sas_.size()));
    sas_.emplace_back().handle = free_sas_.back();
  }
  const std::uint32_t index = free_sas_.back();
  free_sas_.pop_back();
  SaSlot& sa = sas_[index];
  const std::uint64_t next = std::uint64_t{sa.handle} + max_sas_;
  sa = {};
  sa.handle = static_cast<SaHandle>(next > std::numeric_limits<SaHandle>::max() ? index + max_sas_ : next);
  sa.used = true;
  sa.direction = spec.direction;
  sa.icv_bytes = static_cast<std::uint32_t>(Info(spec.integrity).icv_bytes);
  ++sa_count_;

  const std::uint16_t tag = free_commands_.back();
  free_commands_.pop_back();
  std::ranges::copy(spec.cipher_key.view(), Key(tag));
  std::ranges::copy(spec.integrity_key.view(), Key(tag) + spec.cipher_key.size());
  Descriptor& d = Post(RingOf(sa.handle), tag, Opcode::kAddSa, sa.handle);
  d.add.direction = spec.direction == Direction::kSeal ? 0 : 1;
  d.add.cipher = *CodeOf(spec.cipher);
  d.add.integrity = *CodeOf(spec.integrity);
  d.add.cipher_key_bytes = static_cast<std::uint32_t>(spec.cipher_key.size());
  d.add.integrity_key_bytes = static_cast<std::uint32_t>(spec.integrity_key.size());
  d.inline_segments[0].address = memory_.address + static_cast<std::uint64_t>(Key(tag) - memory_.bytes);
  d.inline_segments[0].length = d.add.cipher_key_bytes + d.add.integrity_key_bytes;
  RingDoorbells();
  trace_.Say(TraceTopic::kCommand, "add SA {}: {} {}, {}; ring {}, index {}", sa.handle,
             spec.direction == Direction::kSeal ? "seal" : "open", Info(spec.cipher).name, Info(spec.integrity).name,
             RingOf(sa.handle), tag);
  return sa.handle;
}

Status PcieDevice::RemoveSa(SaHandle handle) {
  Poll();
  SaSlot* sa = Find(handle);
  if (sa == nullptr) return {Code::kNotFound, "no such SA"};
  if (sa->in_flight != 0) return {Code::kInUse, "operations of this SA are not collected yet"};
  if (free_commands_.empty()) return {Code::kBusy, "the card has not taken earlier SA commands yet"};
  const std::uint16_t tag = free_commands_.back();
  free_commands_.pop_back();
  Post(RingOf(handle), tag, Opcode::kRemoveSa, handle);
  RingDoorbells();
  trace_.Say(TraceTopic::kCommand, "remove SA {}; ring {}, index {}", handle, RingOf(handle), tag);
  sa->used = false;
  --sa_count_;
  free_sas_.push_back(static_cast<std::uint32_t>(handle % max_sas_));
  return {};
}

// The next free entry of a ring; never more than all tags together, and entries_ is at least twice that.
Descriptor& PcieDevice::Post(std::uint32_t ring_number, std::uint16_t tag, Opcode opcode, SaHandle sa) {
  Ring& ring = rings_[ring_number];
  Descriptor& d = ring.submission[ring.tail++ & (entries_ - 1)];
  d = {};
  d.opcode = opcode;
  d.tag = tag;
  d.sa = sa;
  Tag& t = tags_[tag];
  t.submitted = now_();
  t.number = ++number_;
  t.ring = ring_number;
  t.busy = true;
  t.command = opcode != Opcode::kPacket;
  t.op.sa = sa;
  return d;
}

void PcieDevice::RingDoorbells() {
  std::atomic_thread_fence(std::memory_order_release);
  for (std::uint32_t i = 0; i < rings_.size(); ++i) {
    Ring& ring = rings_[i];
    if (ring.rung == ring.tail) continue;
    ring.rung = ring.tail;
    transport_.Write32(kRegDoorbells + 8 * i, ring.tail & (entries_ - 1));
  }
}

std::uint8_t* PcieDevice::Key(std::uint16_t tag) const {
  return keys_ + (tag - depth_) * kKeyBytes;
}

std::uint8_t* PcieDevice::PageOf(const Tag& tag, std::uint16_t number, std::size_t index) const {
  return pages_ + kPageBytes * (index == 0 ? number : tag.pages[index - 1]);
}

// Copies the packet into pages and describes them. There is room: Submit looked.
void PcieDevice::Place(const CryptoOp& op, Tag& tag, std::uint16_t number, Descriptor& d) {
  const std::size_t pages = (std::size_t{op.size} + kPageBytes - 1) / kPageBytes;
  if (op.data == nullptr || op.size == 0 || pages > kMostSegments) return;  // no segments: the card says kBadShape
  tag.pages.clear();
  while (tag.pages.size() + 1 < pages) {
    tag.pages.push_back(free_pages_.back());
    free_pages_.pop_back();
  }
  auto* list = reinterpret_cast<Segment*>(lists_ + number * kMostSegments * sizeof(Segment));
  Segment* segments = pages > kInlineSegments ? list : d.inline_segments;
  for (std::size_t i = 0; i < pages; ++i) {
    std::uint8_t* page = PageOf(tag, number, i);
    const std::size_t bytes = std::min<std::size_t>(kPageBytes, op.size - i * kPageBytes);
    std::memcpy(page, op.data + i * kPageBytes, bytes);
    segments[i] = {memory_.address + static_cast<std::uint64_t>(page - memory_.bytes),
                   static_cast<std::uint32_t>(bytes), 0};
  }
  d.segments = static_cast<std::uint8_t>(pages);
  if (pages > kInlineSegments) {
    d.inline_segments[0].address =
        memory_.address + static_cast<std::uint64_t>(reinterpret_cast<std::uint8_t*>(list) - memory_.bytes);
    d.inline_segments[0].length = static_cast<std::uint32_t>(pages * sizeof(Segment));
  }
}

std::size_t PcieDevice::Submit(std::span<const CryptoOp> burst) {
  Poll();
  if (state_ != BringUp::kRunning) return 0;
  std::size_t taken = 0;
  for (const CryptoOp& op : burst) {
    const std::size_t pages = (std::size_t{op.size} + kPageBytes - 1) / kPageBytes;
    if (free_tags_.empty() || in_flight() >= depth_) break;
    if (pages <= kMostSegments && pages > free_pages_.size() + 1) break;
    const std::uint16_t number = free_tags_.back();
    free_tags_.pop_back();
    Tag& tag = tags_[number];
    Descriptor& d = Post(RingOf(op.sa), number, Opcode::kPacket, op.sa);
    tag.op = op;
    if (SaSlot* sa = Find(op.sa)) {
      ++sa->in_flight;
      tag.sequence = sa->submitted++;
    }
    d.packet = {op.iv_offset, op.cipher_offset, op.cipher_length, op.auth_offset, op.auth_length, op.icv_offset};
    Place(op, tag, number, d);
    ++submitted_;
    ++taken;
    counters_.bytes += op.size;
    trace_.Say(TraceTopic::kPacket, "SA {}: {} bytes to the card; ring {}, index {}", op.sa, op.size, RingOf(op.sa),
               number);
  }
  counters_.submitted += taken;
  RingDoorbells();
  return taken;
}

std::size_t PcieDevice::Complete(std::span<CryptoOp> done) {
  Poll();
  const std::size_t given = std::min(done.size(), finished_.size() - taken_);
  for (CryptoOp& op : done.first(given)) {
    op = finished_[taken_++];
    if (SaSlot* sa = Find(op.sa); sa != nullptr && sa->in_flight != 0) --sa->in_flight;
  }
  collected_ += given;
  if (taken_ == finished_.size()) {
    finished_.clear();
    taken_ = 0;
  }
  return given;
}

void PcieDevice::Reap() {
  for (std::uint32_t i = 0; i < rings_.size(); ++i) {
    Ring& ring = rings_[i];
    for (std::uint32_t seen = 0; seen < entries_; ++seen) {
      Completion& slot = ring.completion[ring.head & (entries_ - 1)];
      const std::uint32_t expected = (ring.head / entries_ & 1) == 0 ? 1 : 0;
      const std::uint32_t flag = std::atomic_ref<std::uint32_t>(slot.flag).load(std::memory_order_acquire);
      if ((flag & 1) != expected) break;
      Completion copy;  // the card may still write: everything is judged on one copy
      std::memcpy(&copy, &slot, sizeof copy);
      ++ring.head;
      if (!ReapOne(i, copy)) return;
    }
    if (ring.head - ring.acknowledged >= entries_ / 4) {
      ring.acknowledged = ring.head;
      transport_.Write32(kRegDoorbells + 8 * i + 4, ring.head & (entries_ - 1));
    }
  }
}

bool PcieDevice::ReapOne(std::uint32_t ring, const Completion& c) {
  const auto fail = [&](Trouble trouble, std::string detail) {
    Fail(trouble, std::move(detail));
    return false;
  };
  if (c.generation != generation_) return fail(Trouble::kResetItself, "a completion of another generation");
  if (c.tag >= tags_.size()) return fail(Trouble::kBadIndex, fmt::format("index {}", c.tag));
  Tag& tag = tags_[c.tag];
  if (!tag.busy) return fail(Trouble::kCompletedTwice, fmt::format("index {}", c.tag));
  if (tag.ring != ring || tag.op.sa != c.sa)
    return fail(Trouble::kBadIndex, fmt::format("index {} of SA {}", c.tag, c.sa));
  if (tag.command) {
    if (c.status != CompletionStatus::kOk)
      return fail(Trouble::kSaRefused, fmt::format("status {}", static_cast<int>(c.status)));
    trace_.Say(TraceTopic::kCommand, "SA {}: command {} is done", c.sa, c.tag);
    Wipe({Key(c.tag), kKeyBytes});
    Finish(tag, Verdict::kOk);
    return true;
  }
  SaSlot* sa = Find(c.sa);
  if (sa != nullptr && tag.sequence != sa->completed)
    return fail(Trouble::kOutOfOrder, fmt::format("SA {}: {} before {}", c.sa, tag.sequence, sa->completed));
  const bool possible =
      c.status == CompletionStatus::kBadShape ||
      (sa == nullptr ? c.status == CompletionStatus::kNoSa
                     : c.status == CompletionStatus::kOk || c.status == CompletionStatus::kFault ||
                           (c.status == CompletionStatus::kBadIcv && sa->direction == Direction::kOpen));
  if (!possible) return fail(Trouble::kBadCompletion, fmt::format("status {}", static_cast<int>(c.status)));
  if (c.status == CompletionStatus::kFault) return fail(Trouble::kOperationFailed, {});
  if (sa != nullptr) ++sa->completed;
  FinishPacket(tag, c.tag, c.status);
  return true;
}

void PcieDevice::FinishPacket(Tag& tag, std::uint16_t number, CompletionStatus status) {
  ++counters_.completed;
  if (status == CompletionStatus::kOk) {
    const SaSlot& sa = *Find(tag.op.sa);
    // The card checked the ranges; this side does not take its word for where to write.
    const auto take = [&](std::uint32_t offset, std::uint64_t length) {
      if (offset + length <= tag.op.size) TakeBack(tag, number, offset, static_cast<std::uint32_t>(length));
    };
    take(tag.op.cipher_offset, tag.op.cipher_length);
    if (sa.direction == Direction::kSeal && tag.op.icv_offset <= tag.op.size) take(tag.op.icv_offset, sa.icv_bytes);
  }
  constexpr Verdict kVerdicts[] = {Verdict::kOk,   Verdict::kBadIcv, Verdict::kBadShape,
                                   Verdict::kNoSa, Verdict::kFault,  Verdict::kFault};
  trace_.Say(TraceTopic::kPacket, "SA {}: index {} is back: {}", tag.op.sa, number,
             kStatusNames[static_cast<std::size_t>(status)]);
  Finish(tag, kVerdicts[static_cast<std::size_t>(status)]);
}

void PcieDevice::TakeBack(const Tag& tag, std::uint16_t number, std::uint32_t offset, std::uint32_t length) {
  while (length != 0) {
    const std::uint32_t inside = offset % kPageBytes;
    const std::uint32_t bytes = std::min<std::uint32_t>(length, kPageBytes - inside);
    std::memcpy(tag.op.data + offset, PageOf(tag, number, offset / kPageBytes) + inside, bytes);
    offset += bytes;
    length -= bytes;
  }
}

void PcieDevice::Finish(Tag& tag, Verdict verdict) {
  tag.busy = false;
  const auto number = static_cast<std::uint16_t>(&tag - tags_.data());
  if (tag.command) {
    free_commands_.push_back(number);
    return;
  }
  free_pages_.insert(free_pages_.end(), tag.pages.begin(), tag.pages.end());
  tag.pages.clear();
  free_tags_.push_back(number);
  CryptoOp& op = finished_.emplace_back(tag.op);
  op.verdict = verdict;
}

}  // namespace sw::hal::pcie
