// The card as its driver sees it: registers of BAR 0, ring entries in host memory. Our choice throughout: no data sheet
// of the module's card is public. sw8800-card(7) says the same in words; a real card's map replaces this file.
//
// Everything is little endian. Registers are 32 bits wide and read or written whole. Reading a register that does not
// exist gives 0; a card that is gone gives all ones, so no register may hold all ones.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace sw::hal::pcie {

static_assert(std::endian::native == std::endian::little, "ring entries are laid over host memory");

// Identity in PCI configuration space. Not assigned by the PCI-SIG: these numbers mean this model only.
inline constexpr std::uint16_t kVendorId = 0x5357, kDeviceId = 0x8800;
inline constexpr std::uint32_t kClassCode = 0x100000;  // encryption controller, network and computing

inline constexpr std::uint32_t kAllOnes = 0xffffffff;  // what a bus returns for a card that is gone
inline constexpr std::uint32_t kMagic = 0x38385753;    // "SW88"
inline constexpr std::uint16_t kAbiMajor = 1, kAbiMinor = 0;
inline constexpr std::uint32_t kBarBytes = 0x10000;
inline constexpr std::uint32_t kMostRings = 8;
inline constexpr std::uint32_t kMostDepth = 4096;  // ops in flight, all rings together
inline constexpr std::uint32_t kCipherCodes = 16, kIntegrityCodes = 16;

// Offsets in BAR 0.
enum Register : std::uint32_t {
  kRegId = 0x000,           // kMagic
  kRegRevision = 0x004,     // Revision
  kRegMaxSas = 0x008,       // size of the SA table
  kRegQueues = 0x00c,       // Queues
  kRegFeatures = 0x010,     // Features
  kRegControl = 0x014,      // Control; write only, reads as 0
  kRegStatus = 0x018,       // CardStatus
  kRegGeneration = 0x01c,   // counts resets, whoever asked for them
  kRegSelfTest = 0x020,     // bit n: cipher code n failed its known answers; bit 16+n: integrity code n; 0 passed
  kRegTemperature = 0x024,  // tenths of a degree Celsius
  kRegTemperatureLimit = 0x028,
  kRegTransforms = 0x040,  // + 4 * cipher code: bit n set: integrity code n can be combined with it
  kRegStatistics = 0x080,  // + 8 * Statistic: 64 bits; reading the low half holds the high half
  kRegRings = 0x100,       // + kRingStride * ring: RingRegister
  kRegDoorbells = 0x1000,  // + 8 * ring: submission tail; + 8 * ring + 4: completion head. Write only
};
enum RingRegister : std::uint32_t {
  kRingSubmission = 0x00,  // address of the submission ring, low then high half, 64-byte aligned
  kRingCompletion = 0x08,  // address of the completion ring, low then high half, 64-byte aligned
  kRingEntries = 0x10,     // of both, a power of two; 0: the ring is not used
  kRingVector = 0x14,      // MSI-X vector of its completions
  kRingStride = 0x20,
};
inline constexpr std::uint32_t kErrorVector = 0;  // ring n signals by vector n + 1 unless kRingVector says otherwise

enum Statistic : std::uint32_t {
  kStatSealed,
  kStatOpened,
  kStatBytes,
  kStatBadIcv,
  kStatRefused,
  kStatDmaErrors,
  kStatistics
};

union Revision {
  std::uint32_t raw;
  struct {
    std::uint16_t minor, major;  // a driver refuses another major, and takes a newer minor
  } bits;
};
static_assert(sizeof(Revision) == 4);

union Queues {
  std::uint32_t raw;
  struct {
    std::uint16_t depth;   // packets in flight, all rings together
    std::uint8_t rings;    // 1..kMostRings
    std::uint8_t vectors;  // MSI-X vectors
  } bits;
};
static_assert(sizeof(Queues) == 4);

union Features {
  std::uint32_t raw;
  struct {
    // The sequence number and the IV are in the packet when the card gets it, and the card keeps no counter. A switch
    // to software relies on it; a driver refuses a card without it.
    std::uint32_t host_counters : 1;
    std::uint32_t scatter : 1;  // scatter lists
    std::uint32_t reserved : 30;
  } bits;
};
static_assert(sizeof(Features) == 4);

union Control {
  std::uint32_t raw;
  struct {
    std::uint32_t reset : 1;      // back to kReset, then kIdle; everything is forgotten, statistics too
    std::uint32_t self_test : 1;  // in kIdle
    std::uint32_t enable : 1;     // in kReady, after the rings were told
    std::uint32_t reserved : 29;
  } bits;
};
static_assert(sizeof(Control) == 4);

enum class CardState : std::uint8_t { kReset, kIdle, kTesting, kReady, kRunning, kFault };
enum class CardFault : std::uint8_t { kNone, kSelfTest, kOverheated, kBadRing, kBadDescriptor, kDma, kInternal };

union CardStatus {
  std::uint32_t raw;
  struct {
    CardState state;
    CardFault fault;  // why kFault
    std::uint16_t reserved;
  } bits;
};
static_assert(sizeof(CardStatus) == 4);

// One entry of a submission ring. SA commands go into the ring of their SA (handle % kRegMaxSas % rings), before its
// packets, so that one ring's order is all the order there is: a card takes the entries of one ring, and completes the
// entries of one SA, in order.
enum class Opcode : std::uint8_t { kAddSa = 1, kRemoveSa = 2, kPacket = 3 };

struct Segment {
  std::uint64_t address;
  std::uint32_t length;
  std::uint32_t reserved;
};
static_assert(sizeof(Segment) == 16);
inline constexpr std::uint32_t kInlineSegments = 2, kMostSegments = 32;

struct Descriptor {
  Opcode opcode;
  std::uint8_t segments;  // packet: up to kInlineSegments here; more: inline_segments[0] is the list of them
  std::uint16_t tag;      // comes back in the completion
  std::uint32_t sa;       // handle: slot = handle % kRegMaxSas; a stale handle is refused
  union {
    struct {  // Opcode::kPacket: offsets into the bytes of the segments, in their order
      std::uint32_t iv_offset, cipher_offset, cipher_length, auth_offset, auth_length, icv_offset;
    } packet;
    struct {  // Opcode::kAddSa; inline_segments[0]: cipher key, then integrity key. The card reads them once
      std::uint8_t direction;  // 0 seal, 1 open
      std::uint8_t cipher, integrity, reserved;
      std::uint32_t cipher_key_bytes, integrity_key_bytes;
    } add;
    std::uint32_t words[6];
  };
  Segment inline_segments[kInlineSegments];
};
static_assert(sizeof(Descriptor) == 64);

enum class CompletionStatus : std::uint8_t { kOk, kBadIcv, kBadShape, kNoSa, kRefused, kFault };

// One entry of a completion ring. The card writes `flag` last; its low bit is 1 on the first pass over the ring and
// flips with every pass.
struct Completion {
  std::uint16_t tag;
  CompletionStatus status;
  std::uint8_t reserved;
  std::uint32_t sa;
  std::uint32_t generation;  // kRegGeneration when it was written
  std::uint32_t flag;
};
static_assert(sizeof(Completion) == 16);
inline constexpr std::size_t kFlagOffset = 12;

}  // namespace sw::hal::pcie
