#include "hal/pcie/known_cards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hal/pcie/fake_tree.h"

namespace sw::hal::pcie {
namespace {

using testing::HasSubstr;

PciDevice Device(std::uint16_t vendor, std::uint16_t device, std::uint8_t revision = 0) {
  PciDevice out;
  out.vendor = vendor;
  out.device = device;
  out.subsystem_vendor = 0x1111;
  out.subsystem_device = 0x2222;
  out.revision = revision;
  return out;
}

TEST(KnownCards, OursIsBuiltIn) {
  const KnownCards cards;
  ASSERT_NE(cards.Find(Device(0x5357, 0x8800)), nullptr);
  EXPECT_EQ(cards.Find(Device(0x5357, 0x8800))->map_name, "sw8800");
  EXPECT_EQ(cards.Find(Device(0x5357, 0x8801)), nullptr);
}

TEST(KnownCards, AFileAddsRowsAndTheFirstThatMatchesCounts) {
  KnownCards cards;
  ASSERT_TRUE(cards
                  .Add("# ours, later\n\n"
                       "5357:8800 revision 02 map sw8800 quirk one-queue name Second series\r\n"
                       "1234:1054 subsystem 1111:2222 map sw8800 quirk no-function-reset # no name")
                  .ok());
  EXPECT_EQ(cards.Find(Device(0x5357, 0x8800, 2))->name, "Second series");
  EXPECT_TRUE(cards.Find(Device(0x5357, 0x8800, 2))->one_queue);
  EXPECT_EQ(cards.Find(Device(0x5357, 0x8800, 1))->name, "Switch 8800 crypto card");
  ASSERT_NE(cards.Find(Device(0x1234, 0x1054)), nullptr);
  EXPECT_TRUE(cards.Find(Device(0x1234, 0x1054))->no_function_reset);
  EXPECT_FALSE(cards.Find(Device(0x1234, 0x1054))->one_queue);
  PciDevice other = Device(0x1234, 0x1054);
  other.subsystem_device = 1;
  EXPECT_EQ(cards.Find(other), nullptr);
}

TEST(KnownCards, NameAVirtioCryptoDeviceAndTheMapByWhichItIsDriven) {
  const KnownCards cards;
  const KnownCard* card = cards.Find(Device(0x1af4, 0x1054));
  ASSERT_NE(card, nullptr);
  EXPECT_EQ(card->map_name, "virtio-crypto");
  EXPECT_EQ(card->name, "virtio crypto device");
  EXPECT_EQ(card->bar_bytes, 0U);  // its registers are in another BAR
  EXPECT_EQ(cards.Find(Device(0x5357, 0x8800))->bar_bytes, kBarBytes);
}

TEST(KnownCards, AWrongRowIsSaidWithItsLineAndNothingIsAdded) {
  for (const char* row : {"5357 map sw8800", "5357:88000 map sw8800", "5357:8801", "5357:8801 map other",
                          "5357:8801 map", "5357:8801 map sw8800 quirk x", "5357:8801 map sw8800 revision 1",
                          "5357:8801 map sw8800 subsystem 1", "5357:8801 map sw8800 name", "5357:8801 maps sw8800"}) {
    KnownCards cards;
    const Status added = cards.Add(std::string("1234:5678 map sw8800\n") + row);
    EXPECT_EQ(added.code(), Code::kBadValue) << row;
    EXPECT_THAT(added.why(), HasSubstr("line 2: ")) << row;
    EXPECT_EQ(cards.rows().size(), KnownCards().rows().size()) << row;
  }
}

TEST(KnownCards, TheFileOfTheMachineIsReadWhereThereIsOne) {
  FakeTree fake;
  const std::size_t built_in = KnownCards().rows().size();
  EXPECT_EQ(ReadKnownCards(fake.tree())->rows().size(), built_in);
  fake.Write(std::string(kCardsFile), "1234:5678 map sw8800\n");
  EXPECT_EQ(ReadKnownCards(fake.tree())->rows().size(), built_in + 1);
  fake.Write(std::string(kCardsFile), "1234\n");
  EXPECT_THAT(ReadKnownCards(fake.tree()).why(), HasSubstr("/etc/sw8800/cards: line 1: '1234' is no VENDOR:DEVICE"));
  fake.Remove(std::string(kCardsFile));
  fake.Write(std::string(kCardsFile) + "/file", "");  // it is a directory
  EXPECT_EQ(ReadKnownCards(fake.tree()).status().code(), Code::kBadValue);
}

}  // namespace
}  // namespace sw::hal::pcie
