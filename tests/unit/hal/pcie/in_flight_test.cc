#include "hal/pcie/in_flight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace sw::hal::pcie {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

CryptoOp Op(std::uint64_t context) {
  CryptoOp op;
  op.context = context;
  return op;
}

class InFlightTest : public testing::Test {
 protected:
  InFlightTest() { flight_.Start(2, 1); }
  std::vector<std::uint64_t> Collect(std::size_t room) {
    std::array<CryptoOp, 4> done;
    std::vector<std::uint64_t> out;
    const std::size_t given = flight_.Collect(std::span(done).first(room), [](const CryptoOp&) {});
    for (std::size_t i = 0; i < given; ++i) out.push_back(done[i].context);
    return out;
  }
  InFlight flight_;
  const Time start_{100s};
};

TEST_F(InFlightTest, IsFullUntilWhatWasTakenIsCollected) {
  const std::uint16_t one = flight_.TakePacket(Op(1), 0, start_), two = flight_.TakePacket(Op(2), 0, start_);
  EXPECT_NE(one, two);
  EXPECT_TRUE(flight_.full());
  EXPECT_EQ(flight_.unanswered(), 2U);
  flight_.Finish(two, Verdict::kOk);
  EXPECT_TRUE(flight_.full()) << "answered, but not collected";
  EXPECT_EQ(flight_.unanswered(), 1U);
  EXPECT_THAT(Collect(4), ElementsAre(2U));
  EXPECT_FALSE(flight_.full());
  EXPECT_EQ(flight_.count(), 1U);
}

TEST_F(InFlightTest, GivesBackInTheOrderOfTheAnswersAndNoMoreThanThereIsRoomFor) {
  const std::uint16_t one = flight_.TakePacket(Op(1), 0, start_), two = flight_.TakePacket(Op(2), 0, start_);
  flight_.Finish(two, Verdict::kOk);
  flight_.Finish(one, Verdict::kFault);
  EXPECT_THAT(Collect(1), ElementsAre(2U));
  EXPECT_THAT(Collect(1), ElementsAre(1U));
  EXPECT_THAT(Collect(1), IsEmpty());
}

TEST_F(InFlightTest, CommandsHaveTagsOfTheirOwnAndAreNotCollected) {
  const std::uint16_t command = flight_.TakeCommand(7, 1, start_);
  EXPECT_TRUE(flight_.command(command));
  EXPECT_EQ(flight_.command_number(command), 0U);
  EXPECT_EQ(flight_.at(command).op.sa, 7U);
  EXPECT_TRUE(flight_.commands_full());
  EXPECT_FALSE(flight_.full());
  flight_.Finish(command, Verdict::kOk);
  EXPECT_FALSE(flight_.commands_full());
  EXPECT_THAT(Collect(4), IsEmpty());
}

TEST_F(InFlightTest, KnowsItsTagsOnly) {
  EXPECT_TRUE(flight_.known(2)) << "the command's";
  EXPECT_FALSE(flight_.known(3));
  EXPECT_FALSE(flight_.known(0xffff));
}

TEST_F(InFlightTest, WhatIsBusyComesInTheOrderOfSubmissionWithItsAge) {
  const std::uint16_t command = flight_.TakeCommand(7, 0, start_);
  const std::uint16_t one = flight_.TakePacket(Op(1), 0, start_ + 1s);
  const std::uint16_t two = flight_.TakePacket(Op(2), 0, start_ + 2s);
  EXPECT_THAT(flight_.Busy(), ElementsAre(command, one, two));
  EXPECT_TRUE(flight_.AnyOlderThan(2s, start_ + 2s));
  flight_.Finish(command, Verdict::kOk);
  EXPECT_FALSE(flight_.AnyOlderThan(2s, start_ + 2s));
  EXPECT_THAT(flight_.Busy(), ElementsAre(one, two));
  flight_.Start(2, 1);
  EXPECT_THAT(flight_.Busy(), IsEmpty());
}

}  // namespace
}  // namespace sw::hal::pcie
