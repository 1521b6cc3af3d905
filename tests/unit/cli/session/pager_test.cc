#include "cli/session/pager.h"

#include <gtest/gtest.h>

namespace sw::cli {
namespace {

constexpr const char* kErase = "\x1b[16D                \x1b[16D";

std::string Lines(int first, int last) {
  std::string out;
  for (int i = first; i <= last; ++i) out += std::to_string(i) + "\n";
  return out;
}

TEST(Pager, PassesWhatFitsOnOneScreen) {
  Pager pager(4);
  EXPECT_EQ(pager.Feed(Lines(1, 3)), Lines(1, 3));
  EXPECT_FALSE(pager.waiting());
}

TEST(Pager, StopsAtAScreenAndGoesOnByPageOrLine) {
  Pager pager(4);
  EXPECT_EQ(pager.Feed(Lines(1, 9)), Lines(1, 3) + "  ---- More ----");
  ASSERT_TRUE(pager.waiting());
  EXPECT_EQ(pager.Feed(Lines(10, 10)), "") << "more output waits too";
  EXPECT_EQ(pager.Key('\r'), kErase + Lines(4, 4) + "  ---- More ----");
  EXPECT_EQ(pager.Key(' '), kErase + Lines(5, 7) + "  ---- More ----");
  EXPECT_EQ(pager.Key(' '), kErase + Lines(8, 10));
  EXPECT_FALSE(pager.waiting());
}

TEST(Pager, CountsAcrossPieces) {
  Pager pager(3);
  EXPECT_EQ(pager.Feed("1\n"), "1\n");
  EXPECT_EQ(pager.Feed("2\n3\n"), "2\n  ---- More ----");
  EXPECT_EQ(pager.Key('\n'), std::string(kErase) + "3\n");
  EXPECT_EQ(pager.Feed("4\n"), "  ---- More ----") << "a line was asked for, a line was shown";
}

TEST(Pager, DropsTheRestOnAnyOtherKey) {
  Pager pager(3);
  (void)pager.Feed(Lines(1, 5));
  EXPECT_EQ(pager.Key('q'), kErase);
  EXPECT_EQ(pager.Feed(Lines(6, 7)), "");
  pager.Reset();
  EXPECT_EQ(pager.Feed("8\n"), "8\n");
}

TEST(Pager, DoesNotPageWithoutALength) {
  Pager pager(0);
  EXPECT_EQ(pager.Feed(Lines(1, 500)), Lines(1, 500));
}

}  // namespace
}  // namespace sw::cli
