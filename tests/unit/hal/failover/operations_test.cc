#include "hal/failover/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace sw::hal {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Where = Operations::Where;

std::uint32_t Take(Operations& operations, Where where) {
  const std::uint32_t index = operations.Take({});
  operations.at(index).where = where;
  return index;
}

TEST(Operations, KnowWhichEngineHasEachInTheOrderOfSubmission) {
  Operations operations(4);
  const std::uint32_t one = Take(operations, Where::kCard), two = Take(operations, Where::kSoftware);
  const std::uint32_t three = Take(operations, Where::kCard);
  EXPECT_THAT(operations.With(Where::kCard), ElementsAre(one, three));
  EXPECT_THAT(operations.With(Where::kSoftware), ElementsAre(two));
  operations.Finish(one, Verdict::kOk);
  EXPECT_THAT(operations.With(Where::kCard), ElementsAre(three));
  const std::uint32_t four = Take(operations, Where::kCard);
  EXPECT_THAT(operations.With(Where::kCard), ElementsAre(three, four)) << "the slot of the first one, used again";
}

TEST(Operations, AreFullUntilTheyAreCollected) {
  Operations operations(2);
  EXPECT_TRUE(operations.idle());
  const std::uint32_t one = Take(operations, Where::kCard);
  Take(operations, Where::kCard);
  EXPECT_TRUE(operations.full());
  operations.Finish(one, Verdict::kBadIcv);
  EXPECT_TRUE(operations.full());
  std::array<CryptoOp, 4> done;
  EXPECT_EQ(operations.Collect(done, [](const CryptoOp& op) { EXPECT_EQ(op.verdict, Verdict::kBadIcv); }), 1U);
  EXPECT_FALSE(operations.full());
  EXPECT_FALSE(operations.idle());
}

TEST(Operations, ASlotForgetsTheShadowOfTheOneBefore) {
  Operations operations(1);
  const std::uint32_t one = Take(operations, Where::kCard);
  operations.at(one).shadowed = true;
  operations.Finish(one, Verdict::kOk);
  std::array<CryptoOp, 1> done;
  operations.Collect(done, [](const CryptoOp&) {});
  EXPECT_FALSE(operations.at(operations.Take({})).shadowed);
  EXPECT_THAT(operations.With(Where::kSoftware), IsEmpty());
}

}  // namespace
}  // namespace sw::hal
