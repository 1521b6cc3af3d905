// A card of our own: what the driver of libsw8800-hal must be told of it. The data sheet first, as its maker wrote it;
// then the register map and the queue pair, which are all of a port.
//
// TOY-1. BAR 0, 4096 bytes, registers of 32 bits; one MSI-X vector. It seals and opens AES-CBC-128, alone or with
// HMAC-SHA1-96. Work is written into one table in host memory; the card answers in the entry itself.
#pragma once

#include <hal/pcie/card_map.h>

#include <atomic>
#include <cstring>
#include <memory>

namespace toy {

using namespace sw;
using namespace sw::hal;

// Data sheet, table 1: registers.
enum Register : std::uint32_t {
  kId = 0x00,        // "TOY1"
  kSizes = 0x04,     // low half: SAs; high half: packets in flight
  kState = 0x08,     // State
  kOrder = 0x0c,     // Order; write only
  kResets = 0x10,    // how often it was reset
  kTableLow = 0x14,  // where the table is
  kTableHigh = 0x18,
  kEntries = 0x1c,  // a power of two
  kBell = 0x20,     // how many entries were written, counting on without wrapping
};
inline constexpr std::uint32_t kIdValue = 0x31594f54;
enum State : std::uint32_t { kInReset, kIdle, kTested, kRuns, kBroken };
enum Order : std::uint32_t { kDoReset = 1, kDoTest, kDoRun };

// Data sheet, table 2: an entry.
enum class What : std::uint8_t { kNothing, kAdd, kRemove, kPacket };
enum class Outcome : std::uint8_t { kNotYet, kDone, kBadIcv, kBadShape, kNoSa, kFailed };
struct Entry {
  What what;
  std::uint8_t opens;  // kAdd: 0 seals, 1 opens
  std::uint16_t tag;
  std::uint32_t sa;
  std::uint64_t address;       // kAdd: of the keys; kPacket: of the list of pieces, 16 bytes each: address, length
  std::uint32_t pieces;        // kPacket
  std::uint32_t key_bytes[2];  // kAdd: cipher, integrity
  std::uint32_t iv, cipher, cipher_length, auth, auth_length, icv;  // kPacket: offsets and lengths
  std::uint32_t outcome;                                            // Outcome, written last by the card
};
static_assert(sizeof(Entry) == 56);

class Queue final : public pcie::QueuePair {
 public:
  Queue(pcie::RegisterBus& bus, std::uint32_t entries, pcie::DmaBlock memory, std::uint32_t generation)
      : bus_(bus), entries_(entries), table_(reinterpret_cast<Entry*>(memory.bytes)), generation_(generation) {}

  void AddSa(std::uint16_t tag, SaHandle sa, const SaSpec& spec, std::uint64_t keys) override {
    Entry& e = Write(What::kAdd, tag, sa);
    e.opens = spec.direction == Direction::kOpen;
    e.address = keys;
    e.key_bytes[0] = static_cast<std::uint32_t>(spec.cipher_key.size());
    e.key_bytes[1] = static_cast<std::uint32_t>(spec.integrity_key.size());
  }
  void RemoveSa(std::uint16_t tag, SaHandle sa) override { Write(What::kRemove, tag, sa); }
  void Packet(std::uint16_t tag, const CryptoOp& op, const pcie::Pieces& pieces) override {
    Entry& e = Write(What::kPacket, tag, op.sa);
    e.address = pieces.list_address;
    e.pieces = static_cast<std::uint32_t>(pieces.list.size());
    e.iv = op.iv_offset;
    e.cipher = op.cipher_offset;
    e.cipher_length = op.cipher_length;
    e.auth = op.auth_offset;
    e.auth_length = op.auth_length;
    e.icv = op.icv_offset;
  }
  void Ring() override {
    if (rung_ == written_) return;
    rung_ = written_;
    std::atomic_thread_fence(std::memory_order_release);
    bus_.Write32(kBell, written_);
  }
  bool Next(pcie::Answer& answer) override {
    if (read_ == written_) return false;
    Entry& e = table_[read_ % entries_];
    const std::uint32_t outcome = std::atomic_ref<std::uint32_t>(e.outcome).load(std::memory_order_acquire);
    if (outcome == static_cast<std::uint32_t>(Outcome::kNotYet)) return false;
    ++read_;
    answer = {e.tag, StatusOf(outcome), e.sa, generation_};
    return true;
  }
  void Acknowledge() override {}

 private:
  using Status = pcie::CompletionStatus;
  static Status StatusOf(std::uint32_t outcome) {
    constexpr Status kStatus[] = {Status::kFault,    Status::kOk,   Status::kBadIcv,
                                  Status::kBadShape, Status::kNoSa, Status::kFault};
    return outcome < std::size(kStatus) ? kStatus[outcome] : Status::kFault;
  }
  Entry& Write(What what, std::uint16_t tag, SaHandle sa) {
    Entry& e = table_[written_++ % entries_];
    e = {};
    e.what = what;
    e.tag = tag;
    e.sa = sa;
    return e;
  }

  pcie::RegisterBus& bus_;
  const std::uint32_t entries_;
  Entry* table_;
  const std::uint32_t generation_;
  std::uint32_t written_ = 0, rung_ = 0, read_ = 0;
};

class Map final : public pcie::RegisterMap {
 public:
  explicit Map(pcie::RegisterBus& bus) : bus_(bus) {}

  pcie::Sighting Identify() override {
    const std::uint32_t id = bus_.Read32(kId);
    if (id == pcie::kAllOnes) return {true, pcie::Trouble::kAbsent, {}};
    if (id != kIdValue) return {false, pcie::Trouble::kWrongCard, "no TOY-1"};
    return {};
  }
  std::optional<pcie::CardShape> ReadShape() override {
    const std::uint32_t sizes = bus_.Read32(kSizes), sas = sizes & 0xffff, depth = sizes >> 16;
    if (sas == 0 || depth == 0 || depth > pcie::kMostDepth) return std::nullopt;
    pcie::CardShape shape;
    shape.engine = "TOY-1";
    shape.transforms = {{Cipher::kAesCbc, Integrity::kNone}, {Cipher::kAesCbc, Integrity::kHmacSha1}};
    shape.sas = sas;
    shape.depth = depth;
    shape.queues = 1;
    return shape;
  }
  pcie::Condition Look() override {
    using C = pcie::CardState;
    constexpr C kStates[] = {C::kReset, C::kIdle, C::kReady, C::kRunning, C::kFault};
    const std::uint32_t state = bus_.Read32(kState);
    if (state == pcie::kAllOnes) return {true, C::kReset, {}};
    return {false, state < std::size(kStates) ? kStates[state] : C::kFault, "broken"};
  }
  std::uint32_t Generation() override { return bus_.Read32(kResets); }
  void Reset() override { bus_.Write32(kOrder, kDoReset); }
  void SelfTest() override { bus_.Write32(kOrder, kDoTest); }
  void Enable() override { bus_.Write32(kOrder, kDoRun); }
  std::string SelfTestText() override { return "it says no more"; }
  CardReading Read() override {
    CardReading out;
    out.generation = Generation();
    return out;
  }
  std::size_t QueueBytes(std::uint32_t entries) const override { return entries * sizeof(Entry) / 64 * 64 + 64; }
  std::unique_ptr<pcie::QueuePair> MakeQueue(std::uint32_t, std::uint32_t entries, pcie::DmaBlock memory) override {
    bus_.Write32(kTableLow, static_cast<std::uint32_t>(memory.address));
    bus_.Write32(kTableHigh, static_cast<std::uint32_t>(memory.address >> 32));
    bus_.Write32(kEntries, entries);
    return std::make_unique<Queue>(bus_, entries, memory, Generation());
  }

 private:
  pcie::RegisterBus& bus_;
};

inline std::unique_ptr<pcie::RegisterMap> MakeMap(pcie::RegisterBus& bus) {
  return std::make_unique<Map>(bus);
}

}  // namespace toy
