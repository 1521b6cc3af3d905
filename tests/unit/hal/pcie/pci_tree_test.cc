#include "hal/pcie/pci_tree.h"

#include <gtest/gtest.h>

#include "tests/unit/hal/pcie/fake_tree.h"

namespace sw::hal::pcie {
namespace {

TEST(PciAddress, IsTakenAsSysfsAndAsLspciWriteIt) {
  EXPECT_EQ(ParsePciAddress("0000:01:00.0"), "0000:01:00.0");
  EXPECT_EQ(ParsePciAddress("01:1F.7"), "0000:01:1f.7");
  EXPECT_EQ(ParsePciAddress("ABCD:ff:00.1"), "abcd:ff:00.1");
}

TEST(PciAddress, NothingElseIsOne) {
  for (const char* text : {"", "auto", "0000:01:00", "0000:01:00.8", "0000:01:20.0", "0000-01:00.0", "0000:0g:00.0",
                           "../../../etc/", "0000:01:00.00", "1:00.0", "00000:01:00.0"})
    EXPECT_EQ(ParsePciAddress(text), std::nullopt) << text;
}

TEST(PciTree, HasEachDeviceWithItsNumbersDriverAndGroup) {
  FakeTree fake;
  fake.Add("0000:02:00.0", "5357", "8800", "", "");
  fake.Add("0000:01:00.0", "8086", "1572", "i40e", "3", "0x020000");
  const std::vector<PciDevice> devices = fake.tree().devices();
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].address, "0000:01:00.0");
  EXPECT_EQ(devices[0].id(), "8086:1572");
  EXPECT_EQ(devices[0].driver, "i40e");
  EXPECT_EQ(devices[0].group, "3");
  EXPECT_EQ(devices[0].class_code, 0x020000U);
  EXPECT_EQ(devices[0].subsystem_vendor, 0x1111);
  EXPECT_EQ(devices[0].revision, 1);
  EXPECT_TRUE(devices[1].driver.empty());
  EXPECT_TRUE(devices[1].group.empty());
  EXPECT_EQ(fake.tree().InGroup("3").size(), 1U);
}

TEST(PciTree, AMachineWithoutPciAndFilesOfNonsenseAreBorne) {
  FakeTree fake;
  EXPECT_TRUE(fake.tree().devices().empty());
  fake.Add("0000:01:00.0", "xyz", "123456789");
  fake.Write("/sys/bus/pci/devices/notes", "");
  ASSERT_EQ(fake.tree().devices().size(), 1U);
  EXPECT_EQ(fake.tree().devices()[0].id(), "0000:0000");
  EXPECT_EQ(fake.tree().Find("../../../etc"), std::nullopt);
}

}  // namespace
}  // namespace sw::hal::pcie
