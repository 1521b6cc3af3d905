#include "hal/base/random.h"

#include <gtest/gtest.h>

namespace sw {
namespace {

TEST(SeededRandom, RepeatsItselfForOneSeedAndDiffersForAnother) {
  SeededRandom a(1), b(1), c(2);
  Bytes x(100), y(100), z(100);
  a.Fill(x);
  b.Fill(y);
  c.Fill(z);
  EXPECT_EQ(x, y);
  EXPECT_NE(x, z);
  EXPECT_EQ(a.U64(), b.U64());
}

TEST(SeededRandom, FillsEveryByteOfOddSizes) {
  SeededRandom random(3);
  for (std::size_t size : {1, 7, 9}) {
    Bytes seen(size, 0);
    for (int i = 0; i < 64; ++i) {
      Bytes fill(size);
      random.Fill(fill);
      for (std::size_t b = 0; b < size; ++b) seen[b] = static_cast<std::uint8_t>(seen[b] | fill[b]);
    }
    for (std::uint8_t b : seen) EXPECT_EQ(b, 0xff);
  }
}

}  // namespace
}  // namespace sw
