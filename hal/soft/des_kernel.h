// What hal/soft/des_lanes.h computes with: 32 DES blocks through all rounds, in AVX2 registers. The only file built for
// a processor that may not be there, hence plain arrays and nothing of the standard library in it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sw::hal::des {

inline constexpr std::size_t kLanes = 32, kMostRounds = 48;

// One lane's keys: a byte per S-box for each round (hal/soft/des_wiring.h).
using LaneKeys = const std::uint8_t (*)[8];

struct alignas(32) KernelState {
  std::uint8_t keys[kMostRounds][8][kLanes];
  std::uint8_t chain[16][kLanes];      // encrypting: what the next plain text is added to
  std::uint8_t* at[kLanes];            // each lane's block
  const std::uint8_t* before[kLanes];  // decrypting: the cipher text in front of it
  std::uint64_t step[kLanes];          // encrypting: how far the next block is
};

void SpreadKeys(KernelState& state, const LaneKeys* lanes, std::size_t rounds);  // 32 lanes
void SpreadOneKey(KernelState& state, LaneKeys keys, std::size_t rounds);        // the same for all
void StartChain(KernelState& state);                                             // from the blocks at `before`
void EncryptChain(KernelState& state, std::size_t rounds, std::size_t blocks);   // moves `at` along
void DecryptBlocks(KernelState& state, std::size_t rounds);                      // one each

}  // namespace sw::hal::des
