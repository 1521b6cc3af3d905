#include "hal/failover/sa_table.h"

#include <gtest/gtest.h>

#include "tests/unit/hal/failover/fake_card.h"

namespace sw::hal {
namespace {

class SaTableTest : public testing::Test {
 protected:
  FakeCard card_;
  std::unique_ptr<SoftwareDevice> software_ = *SoftwareDevice::Create({8, 8});
  SaTable table_{card_, *software_, 8};
};

TEST_F(SaTableTest, SoftwareLearnsOfAnSaWhenItIsNeededThere) {
  const SaHandle sa = *table_.Add(SpecOf(), true, true);
  EXPECT_TRUE(table_.Find(sa)->card);
  EXPECT_FALSE(table_.Find(sa)->software);
  EXPECT_TRUE(table_.InSoftware(*table_.Find(sa)).ok());
  EXPECT_TRUE(table_.Find(sa)->software);
}

TEST_F(SaTableTest, WhatTheCardHasNoRoomForGoesToSoftwareAndToTheCardLater) {
  card_.adds = {Code::kBusy, "full"};
  EXPECT_EQ(table_.Add(SpecOf(), true, false).status().code(), Code::kBusy) << "software may not stand in";
  const SaHandle sa = *table_.Add(SpecOf(), true, true);
  EXPECT_TRUE(table_.Find(sa)->software);
  EXPECT_EQ(table_.missing(), 1U);
  table_.AddMissing(true);
  EXPECT_EQ(table_.missing(), 1U) << "it is full still";
  card_.adds = {};
  table_.Find(sa)->in_flight = 1;
  table_.AddMissing(true);
  EXPECT_EQ(table_.missing(), 1U) << "software works on one of its packets";
  table_.Find(sa)->in_flight = 0;
  table_.AddMissing(true);
  EXPECT_EQ(table_.missing(), 0U);
  EXPECT_TRUE(table_.Find(sa)->card);
}

TEST_F(SaTableTest, WhatTheCardCannotDoStaysWithSoftware) {
  card_.adds = {Code::kUnsupported, "no such cipher"};
  const SaHandle sa = *table_.Add(SpecOf(), true, true);
  EXPECT_TRUE(table_.Find(sa)->card_refuses);
  EXPECT_EQ(table_.missing(), 0U);
  EXPECT_TRUE(table_.Remove(sa).ok());
  EXPECT_EQ(table_.missing(), 0U);
}

TEST_F(SaTableTest, AHandleOutlivesACardThatFails) {
  const SaHandle sa = *table_.Add(SpecOf(), true, true);
  table_.CardFailed();
  EXPECT_FALSE(table_.Find(sa)->card);
  EXPECT_EQ(table_.missing(), 1U);
  table_.AddMissing(false);
  EXPECT_TRUE(table_.Find(sa)->card);
}

TEST_F(SaTableTest, IsNotRemovedWhileItsOperationsAreOut) {
  const SaHandle sa = *table_.Add(SpecOf(), true, true);
  table_.Find(sa)->in_flight = 1;
  EXPECT_EQ(table_.Remove(sa).code(), Code::kInUse);
  table_.Find(sa)->in_flight = 0;
  EXPECT_TRUE(table_.Remove(sa).ok());
  EXPECT_EQ(card_.present, 0);
  EXPECT_EQ(table_.Remove(sa).code(), Code::kNotFound);
}

TEST_F(SaTableTest, ARemovalThatTheCardHasNoRoomForIsTriedAgain) {
  const SaHandle sa = *table_.Add(SpecOf(), true, true);
  card_.removes = {Code::kBusy, "full"};
  EXPECT_TRUE(table_.Remove(sa).ok());
  EXPECT_EQ(card_.present, 1);
  table_.RetryRemovals();
  EXPECT_EQ(card_.present, 1);
  card_.removes = {};
  table_.RetryRemovals();
  EXPECT_EQ(card_.present, 0);
}

TEST_F(SaTableTest, RewritesEachEntryWhenNoneOfItsOperationsIsOut) {
  const SaHandle idle = *table_.Add(SpecOf(), true, true), busy = *table_.Add(SpecOf(), true, true);
  const SaHandle before = *table_.Find(idle)->card;
  table_.Find(busy)->in_flight = 1;
  table_.StartRewrite();
  EXPECT_NE(table_.Find(idle)->card, before);
  EXPECT_TRUE(table_.rewriting());
  table_.Find(busy)->in_flight = 0;
  table_.Rewrite();
  EXPECT_FALSE(table_.rewriting());
  EXPECT_EQ(card_.present, 2);
}

}  // namespace
}  // namespace sw::hal
