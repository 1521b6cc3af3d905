#include "hal/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace sw {
namespace {

Status Refuse() {
  return {Code::kBusy, "no room"};
}
Status PassOn(bool fail) {
  if (fail) SW_TRY(Refuse());
  SW_TRY(Status());
  return {Code::kExists, "came to the end"};
}

TEST(Status, IsOkWithoutAReasonByDefault) {
  EXPECT_TRUE(Status().ok());
  EXPECT_EQ(Status().code(), Code::kOk);
  EXPECT_EQ(Status().why(), "");
}

TEST(Status, WithinPutsFramesInFrontAndKeepsTheCode) {
  const Status status = Refuse().Within("engine").Within("tunnel 0");
  EXPECT_EQ(status.code(), Code::kBusy);
  EXPECT_EQ(status.why(), "tunnel 0: engine: no room");
  EXPECT_EQ(Status().Within("engine").why(), "");
}

TEST(Status, TryReturnsTheFirstFailureAndGoesOnAfterSuccess) {
  EXPECT_EQ(PassOn(true).code(), Code::kBusy);
  EXPECT_EQ(PassOn(false).code(), Code::kExists);
}

TEST(Result, HoldsAValueOrAReason) {
  const Result<int> value = 7;
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, 7);
  EXPECT_TRUE(value.status().ok());
  const Result<int> error(Code::kNotFound, "no such thing");
  ASSERT_FALSE(error.ok());
  EXPECT_EQ(error.status().code(), Code::kNotFound);
  EXPECT_EQ(error.why(), "no such thing");
}

TEST(Result, GivesUpAValueThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  EXPECT_EQ(**result, 3);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 3);
}

}  // namespace
}  // namespace sw
