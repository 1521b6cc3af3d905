#include "hal/base/bytes.h"

#include <gtest/gtest.h>

namespace sw {
namespace {

TEST(Bytes, LoadAndStoreAreBigEndianAtEveryWidth) {
  std::uint8_t b[8];
  Store64(b, 0x0123456789abcdef);
  EXPECT_EQ(b[0], 0x01);
  EXPECT_EQ(b[7], 0xef);
  EXPECT_EQ(Load64(b), 0x0123456789abcdefU);
  EXPECT_EQ(Load32(b), 0x01234567U);
  EXPECT_EQ(Load16(b), 0x0123U);
  Store16(b, 0xfffe);
  EXPECT_EQ(Load32(b), 0xfffe4567U);
  Store32(b, 0x80000000);
  EXPECT_EQ(Load32(b), 0x80000000U);
}

TEST(Writer, WritesWhatAReaderReadsBack) {
  Bytes out;
  Writer w(out);
  w.U8(1);
  w.U16(0x0203);
  w.U32(0x04050607);
  w.U64(0x08090a0b0c0d0e0f);
  w.Put(AsBytes("xyz"));
  EXPECT_EQ(w.size(), 18U);
  Reader r(out);
  EXPECT_EQ(r.U8(), 1);
  EXPECT_EQ(r.U16(), 0x0203);
  EXPECT_EQ(r.U32(), 0x04050607U);
  EXPECT_EQ(r.U64(), 0x08090a0b0c0d0e0fU);
  EXPECT_EQ(r.left(), 3U);
  EXPECT_FALSE(r.done());
  EXPECT_EQ(AsText(r.Take(3)), "xyz");
  EXPECT_TRUE(r.done());
}

TEST(Reader, ReadsZeroesOnceSomethingWasMissingAndNeverRecovers) {
  const Bytes three{1, 2, 3};
  Reader r(three);
  EXPECT_EQ(r.U32(), 0U);
  EXPECT_FALSE(r.ok());
  EXPECT_FALSE(r.done());
  EXPECT_EQ(r.left(), 0U);
  EXPECT_EQ(r.U8(), 0);
  EXPECT_EQ(r.U16(), 0);
  EXPECT_EQ(r.U64(), 0U);
  EXPECT_TRUE(r.Take(1).empty());
}

TEST(Reader, TakesNothingFromNothing) {
  Reader r({});
  EXPECT_TRUE(r.done());
  EXPECT_TRUE(r.Take(0).empty());
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.U8(), 0);
  EXPECT_FALSE(r.ok());
}

TEST(Reader, RefusesASizeThatWouldOverflow) {
  const Bytes three{1, 2, 3};
  Reader r(three);
  EXPECT_TRUE(r.Take(~std::size_t{0}).empty());
  EXPECT_FALSE(r.ok());
}

}  // namespace
}  // namespace sw
