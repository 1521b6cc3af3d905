#include "hal/pcie/sw8800_map.h"

#include <fmt/format.h>

#include <atomic>
#include <cstring>

#include "hal/pcie/codes.h"

namespace sw::hal::pcie {
namespace {

constexpr std::string_view kFaultNames[] = {
    "none", "self test", "overheated", "ring set up wrongly", "descriptor wrong", "memory access refused", "internal"};
static_assert(kStatistics == std::tuple_size_v<decltype(CardReading::statistics)>);

std::size_t Aligned(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}
std::size_t SubmissionBytes(std::uint32_t entries) {
  return Aligned(entries * sizeof(Descriptor));
}

// A submission ring and a completion ring of `entries`, a power of two.
class Rings final : public QueuePair {
 public:
  Rings(RegisterBus& bus, std::uint32_t index, std::uint32_t entries, DmaBlock memory)
      : bus_(bus),
        doorbell_(kRegDoorbells + 8 * index),
        entries_(entries),
        submission_(reinterpret_cast<Descriptor*>(memory.bytes)),
        completion_(reinterpret_cast<Completion*>(memory.bytes + SubmissionBytes(entries))) {}

  void AddSa(std::uint16_t tag, SaHandle sa, const SaSpec& spec, std::uint64_t keys) override {
    Descriptor& d = Post(tag, Opcode::kAddSa, sa);
    d.add.direction = spec.direction == Direction::kSeal ? 0 : 1;
    d.add.cipher = *CodeOf(spec.cipher);
    d.add.integrity = *CodeOf(spec.integrity);
    d.add.cipher_key_bytes = static_cast<std::uint32_t>(spec.cipher_key.size());
    d.add.integrity_key_bytes = static_cast<std::uint32_t>(spec.integrity_key.size());
    d.inline_segments[0] = {keys, d.add.cipher_key_bytes + d.add.integrity_key_bytes, 0};
  }
  void RemoveSa(std::uint16_t tag, SaHandle sa) override { Post(tag, Opcode::kRemoveSa, sa); }
  void Packet(std::uint16_t tag, const CryptoOp& op, const Pieces& pieces) override {
    Descriptor& d = Post(tag, Opcode::kPacket, op.sa);
    d.packet = {op.iv_offset, op.cipher_offset, op.cipher_length, op.auth_offset, op.auth_length, op.icv_offset};
    d.segments = static_cast<std::uint8_t>(pieces.list.size());
    if (pieces.list.size() > kInlineSegments) {
      d.inline_segments[0] = {pieces.list_address, static_cast<std::uint32_t>(pieces.list.size_bytes()), 0};
    } else {
      for (std::size_t i = 0; i < pieces.list.size(); ++i) d.inline_segments[i] = pieces.list[i];
    }
  }
  void Ring() override {
    if (rung_ == tail_) return;
    rung_ = tail_;
    std::atomic_thread_fence(std::memory_order_release);
    bus_.Write32(doorbell_, tail_ & (entries_ - 1));
  }
  bool Next(Answer& answer) override {
    Completion& slot = completion_[head_ & (entries_ - 1)];
    const std::uint32_t expected = (head_ & entries_) == 0 ? 1 : 0;
    const std::uint32_t flag = std::atomic_ref<std::uint32_t>(slot.flag).load(std::memory_order_acquire);
    if ((flag & 1) != expected) return false;
    Completion copy;  // the card may still write: everything is judged on one copy
    std::memcpy(&copy, &slot, sizeof copy);
    ++head_;
    answer = {copy.tag, copy.status, copy.sa, copy.generation};
    return true;
  }
  void Acknowledge() override {
    if (head_ - acknowledged_ < entries_ / 4) return;
    acknowledged_ = head_;
    bus_.Write32(doorbell_ + 4, head_ & (entries_ - 1));
  }

 private:
  Descriptor& Post(std::uint16_t tag, Opcode opcode, SaHandle sa) {
    Descriptor& d = submission_[tail_++ & (entries_ - 1)];
    d = {};
    d.opcode = opcode;
    d.tag = tag;
    d.sa = sa;
    return d;
  }

  RegisterBus& bus_;
  const std::uint32_t doorbell_, entries_;
  Descriptor* submission_;
  Completion* completion_;
  std::uint32_t tail_ = 0, rung_ = 0;  // counting on without wrapping
  std::uint32_t head_ = 0, acknowledged_ = 0;
};

class Map final : public RegisterMap {
 public:
  explicit Map(RegisterBus& bus) : bus_(bus) {}

  Sighting Identify() override {
    const std::uint32_t id = Reg(kRegId);
    if (id == kAllOnes) return {true, Trouble::kAbsent, {}};
    if (id != kMagic) return {false, Trouble::kWrongCard, fmt::format("identification {:#010x}", id)};
    const Revision revision{Reg(kRegRevision)};
    if (revision.bits.major != kAbiMajor)
      return {false, Trouble::kWrongRevision, fmt::format("{}.{}", revision.bits.major, revision.bits.minor)};
    if (Features{Reg(kRegFeatures)}.bits.host_counters == 0) return {false, Trouble::kOwnCounters, {}};
    return {};
  }
  std::optional<CardShape> ReadShape() override {
    const std::uint32_t sas = Reg(kRegMaxSas);
    const Queues queues{Reg(kRegQueues)};
    if (sas == 0 || sas == kAllOnes || queues.bits.depth == 0 || queues.bits.depth > kMostDepth ||
        queues.bits.rings == 0 || queues.bits.rings > kMostRings || queues.bits.vectors <= queues.bits.rings) {
      return std::nullopt;
    }
    CardShape shape{{}, {}, sas, queues.bits.depth, queues.bits.rings};
    for (const CipherCode& cipher : kCipherTable) {
      const std::uint32_t bits = bus_.Read32(kRegTransforms + 4U * cipher.code);
      if (bits == kAllOnes) return std::nullopt;
      for (const IntegrityCode& integrity : kIntegrityTable)
        if ((bits >> integrity.code & 1) != 0) shape.transforms.push_back({cipher.cipher, integrity.integrity});
    }
    if (shape.transforms.empty()) return std::nullopt;
    const Revision revision{Reg(kRegRevision)};
    shape.engine =
        fmt::format("card (revision {}.{}, {} rings)", revision.bits.major, revision.bits.minor, shape.queues);
    return shape;
  }
  Condition Look() override {
    const CardStatus status{Reg(kRegStatus)};
    const auto fault = static_cast<std::size_t>(status.bits.fault);
    return {status.raw == kAllOnes, status.bits.state,
            fault < std::size(kFaultNames) ? kFaultNames[fault] : std::string_view("unknown")};
  }
  std::uint32_t Generation() override { return Reg(kRegGeneration); }
  void Reset() override { bus_.Write32(kRegControl, Control{.bits = {1, 0, 0, 0}}.raw); }
  void SelfTest() override { bus_.Write32(kRegControl, Control{.bits = {0, 1, 0, 0}}.raw); }
  void Enable() override { bus_.Write32(kRegControl, Control{.bits = {0, 0, 1, 0}}.raw); }
  std::string SelfTestText() override { return fmt::format("self test register {:#010x}", Reg(kRegSelfTest)); }
  CardReading Read() override {
    CardReading out;
    out.generation = Reg(kRegGeneration);
    out.temperature = static_cast<std::int32_t>(Reg(kRegTemperature)) / 10.0;
    out.temperature_limit = static_cast<std::int32_t>(Reg(kRegTemperatureLimit)) / 10.0;
    for (std::uint32_t i = 0; i < kStatistics; ++i) {
      const std::uint32_t low = bus_.Read32(kRegStatistics + 8 * i);
      out.statistics[i] = std::uint64_t{bus_.Read32(kRegStatistics + 8 * i + 4)} << 32 | low;
    }
    return out;
  }
  std::size_t QueueBytes(std::uint32_t entries) const override {
    return SubmissionBytes(entries) + Aligned(entries * sizeof(Completion));
  }
  std::unique_ptr<QueuePair> MakeQueue(std::uint32_t index, std::uint32_t entries, DmaBlock memory) override {
    const std::uint32_t base = kRegRings + index * kRingStride;
    const std::uint64_t completion = memory.address + SubmissionBytes(entries);
    bus_.Write32(base + kRingSubmission, static_cast<std::uint32_t>(memory.address));
    bus_.Write32(base + kRingSubmission + 4, static_cast<std::uint32_t>(memory.address >> 32));
    bus_.Write32(base + kRingCompletion, static_cast<std::uint32_t>(completion));
    bus_.Write32(base + kRingCompletion + 4, static_cast<std::uint32_t>(completion >> 32));
    bus_.Write32(base + kRingVector, index + 1);
    bus_.Write32(base + kRingEntries, entries);
    return std::make_unique<Rings>(bus_, index, entries, memory);
  }

 private:
  std::uint32_t Reg(Register r) { return bus_.Read32(r); }
  RegisterBus& bus_;
};

}  // namespace

std::unique_ptr<RegisterMap> Sw8800Map(RegisterBus& bus) {
  return std::make_unique<Map>(bus);
}

}  // namespace sw::hal::pcie
