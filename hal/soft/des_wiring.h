// DES (FIPS 46-3) laid out for byte shuffles, derived from the standard's tables at compile time.
//
// 32 blocks at a time, a byte lane each. Half a block is eight vectors, one per S-box: the six bits that this S-box
// reads, so that E is done once. An S-box's output byte has six useful bits as well: its four, two of them twice, each
// at the place where its reader in the next round wants it. Which place that is may be chosen per reader; a bipartite
// graph of degree six has a colouring in which no writer and no reader has one place twice. What is left of P is to
// bring byte i's bit at place c into byte j, for all i at once: a permutation per place. The colouring below, found by
// hal/soft/des_wiring.py, is one whose six permutations all pass a butterfly of three stages, so P and E together cost
// twelve masked swaps.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sw::hal::des {

// Bits are numbered from 1, the most significant one, as the standard does; S-boxes from 0.
inline constexpr std::uint8_t kIp[64] = {58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
                                         62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
                                         57, 49, 41, 33, 25, 17, 9,  1, 59, 51, 43, 35, 27, 19, 11, 3,
                                         61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7};
inline constexpr std::uint8_t kP[32] = {16, 7, 20, 21, 29, 12, 28, 17, 1,  15, 23, 26, 5,  18, 31, 10,
                                        2,  8, 24, 14, 32, 27, 3,  9,  19, 13, 30, 6,  22, 11, 4,  25};
inline constexpr std::uint8_t kPc1[56] = {57, 49, 41, 33, 25, 17, 9,  1,  58, 50, 42, 34, 26, 18, 10, 2,  59, 51, 43,
                                          35, 27, 19, 11, 3,  60, 52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7,  62, 54,
                                          46, 38, 30, 22, 14, 6,  61, 53, 45, 37, 29, 21, 13, 5,  28, 20, 12, 4};
inline constexpr std::uint8_t kPc2[48] = {14, 17, 11, 24, 1,  5,  3,  28, 15, 6,  21, 10, 23, 19, 12, 4,
                                          26, 8,  16, 7,  27, 20, 13, 2,  41, 52, 31, 37, 47, 55, 30, 40,
                                          51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32};
inline constexpr std::uint8_t kShifts[16] = {1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1};
inline constexpr std::uint8_t kS[8][4][16] = {{{14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7},
                                               {0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8},
                                               {4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0},
                                               {15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13}},
                                              {{15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10},
                                               {3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5},
                                               {0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15},
                                               {13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9}},
                                              {{10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8},
                                               {13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1},
                                               {13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7},
                                               {1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12}},
                                              {{7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15},
                                               {13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9},
                                               {10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4},
                                               {3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14}},
                                              {{2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9},
                                               {14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6},
                                               {4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14},
                                               {11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3}},
                                              {{12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11},
                                               {10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8},
                                               {9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6},
                                               {4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13}},
                                              {{4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1},
                                               {13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6},
                                               {1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2},
                                               {6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12}},
                                              {{13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7},
                                               {1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2},
                                               {7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8},
                                               {2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11}}};

// The six places of a byte that are used: a shuffle looks at the lowest four and the highest, and the other one is a
// shift away from the highest.
inline constexpr int kPlaces[6] = {0, 1, 2, 3, 6, 7};
inline constexpr int kHighPlace = 7, kNextPlace = 6;

// Found by hal/soft/des_wiring.py: which S-box writes to each wire of the butterfly and which reads from it, and per
// place the twelve switches (bit n: the n-th, stage by stage, swaps).
inline constexpr std::uint8_t kWriter[8] = {1, 7, 3, 4, 6, 0, 5, 2};
inline constexpr std::uint8_t kReader[8] = {4, 6, 3, 7, 1, 2, 5, 0};
inline constexpr std::uint16_t kSwitches[6] = {250, 1053, 2592, 3854, 4048, 4095};
inline constexpr std::size_t kStages[3] = {4, 2, 1};  // how far apart the wires of a switch are

struct Wiring {
  int place[8][6] = {};              // of input bit e of S-box j
  std::uint8_t masks[12] = {};       // what a switch swaps
  bool proper = true;                // every S-box has six places, and every bit comes from where E and P take it
  std::uint8_t s[8][2][2][16] = {};  // output bytes by S-box, bits at kNextPlace and kHighPlace, lowest four bits
};

constexpr int RightHalfBit(int box, int e) {  // E: input bit e of a box is which bit of the half, from 0
  return (4 * box - 1 + e + 32) % 32;
}

constexpr Wiring Derive() {
  Wiring w;
  int writer_place[8][4][2] = {};  // places of output bit o, plus one; two readers at most
  for (auto& row : w.place)
    for (int& p : row) p = -1;
  for (int c = 0; c < 6; ++c) {
    std::uint8_t from[8] = {};
    for (int wire = 0; wire < 8; ++wire) from[wire] = kWriter[wire];
    int n = 0;
    for (std::size_t far : kStages)
      for (std::size_t a = 0; a < 8; ++a) {
        if ((a & far) != 0) continue;
        if ((kSwitches[c] >> n & 1) != 0) {
          const std::uint8_t kept = from[a];
          from[a] = from[a | far];
          from[a | far] = kept;
          w.masks[n] = static_cast<std::uint8_t>(w.masks[n] | 1 << kPlaces[c]);
        }
        ++n;
      }
    for (int wire = 0; wire < 8; ++wire) {  // at this place, box `from` writes for box `reader`: which bit is it?
      const int reader = kReader[wire];
      bool found = false;
      for (int e = 0; e < 6; ++e) {
        const int bit = kP[RightHalfBit(reader, e)] - 1;
        if (bit / 4 != from[wire]) continue;
        found = w.place[reader][e] == -1;
        w.place[reader][e] = kPlaces[c];
        int(&places)[2] = writer_place[bit / 4][bit % 4];
        places[places[0] != 0 ? 1 : 0] = kPlaces[c] + 1;
      }
      w.proper = w.proper && found;
    }
  }
  for (int box = 0; box < 8; ++box)
    for (int in = 0; in < 64; ++in) {  // the standard's six bits, the first one highest
      const int row = (in >> 4 & 2) | (in & 1), column = in >> 1 & 15;
      int byte = 0, out = 0;
      for (int e = 0; e < 6; ++e)
        if ((in >> (5 - e) & 1) != 0) byte |= 1 << w.place[box][e];
      for (int o = 0; o < 4; ++o)
        for (int place : writer_place[box][o])
          if (place != 0 && (kS[box][row][column] >> (3 - o) & 1) != 0) out |= 1 << (place - 1);
      w.s[box][byte >> kNextPlace & 1][byte >> kHighPlace & 1][byte & 15] = static_cast<std::uint8_t>(out);
    }
  return w;
}

inline constexpr Wiring kWiring = Derive();
static_assert(kWiring.proper);

}  // namespace sw::hal::des
