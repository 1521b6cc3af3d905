#include "hal/handle_table.h"

#include <gtest/gtest.h>

namespace sw::hal {
namespace {

TEST(HandleTable, APlaceThatIsTakenAgainHasAnotherHandle) {
  HandleTable<int> table(4);
  const SaHandle first = table.Add(1), second = table.Add(2);
  EXPECT_NE(first % 4, second % 4);
  table.Remove(first);
  EXPECT_EQ(table.Find(first), nullptr);
  const SaHandle third = table.Add(3);
  EXPECT_EQ(third % 4, first % 4);
  EXPECT_NE(third, first);
  EXPECT_EQ(table.Find(first), nullptr);
  ASSERT_NE(table.Find(third), nullptr);
  EXPECT_EQ(*table.Find(third), 3);
  EXPECT_EQ(table.count(), 2U);
}

TEST(HandleTable, HandlesThatWouldOverflowStartAgainAtTheSamePlace) {
  HandleTable<int> table(0x80000000);
  for (int i = 0; i < 3; ++i) {
    const SaHandle handle = table.Add(i);
    EXPECT_EQ(handle, 0x80000000U);
    table.Remove(handle);
  }
}

TEST(HandleTable, WhatWasNeverAddedIsNotFound) {
  HandleTable<int> table(4);
  for (const SaHandle handle : {0U, 1U, 4U, 0xffffffffU}) EXPECT_EQ(table.Find(handle), nullptr);
}

}  // namespace
}  // namespace sw::hal
