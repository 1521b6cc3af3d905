// Each thing that may be missing is one sentence with the command that mends it; the machine is a folder.
#include "hal/vfio/preconditions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hal/pcie/fake_tree.h"

namespace sw::hal::vfio {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kCard = "0000:01:00.0";

class Preconditions : public testing::Test {
 protected:
  Preconditions() { fake_.Add(kCard, "5357", "8800"); }
  std::vector<Missing> Found() const { return MissingFor(kCard, fake_.tree(), pcie::KnownCards(), rights_); }
  static auto Says(const std::string& sentence, const std::string& command) {
    return ElementsAre(
        AllOf(Field(&Missing::sentence, HasSubstr(sentence)), Field(&Missing::command, HasSubstr(command))));
  }
  pcie::FakeTree fake_;
  Rights rights_{false, kSharedMemory, [](const std::string&) { return true; }};
};

TEST_F(Preconditions, ACardThatHasAllIsMissingNothing) {
  EXPECT_THAT(Found(), IsEmpty());
}
TEST_F(Preconditions, NoSuchDevice) {
  fake_.Remove("/sys/bus/pci/devices/" + kCard);
  EXPECT_THAT(Found(), Says(kCard + ": there is no such PCI device", "lspci"));
}
TEST_F(Preconditions, NotAKnownCard) {
  fake_.Add(kCard, "8086", "1572", "");
  EXPECT_THAT(Found(),
              Says("is 8086:1572, which is not a known card", "echo '8086:1572 map sw8800' >> /etc/sw8800/cards"));
}
TEST_F(Preconditions, NoIommuGroup) {
  fake_.Remove("/sys/bus/pci/devices/" + kCard + "/iommu_group");
  EXPECT_THAT(Found(), Says("has no IOMMU group", "intel_iommu=on"));
}
TEST_F(Preconditions, NoVfio) {
  fake_.Remove("/dev/vfio/vfio");
  EXPECT_THAT(Found(), Says("there is no /dev/vfio/vfio", "modprobe vfio-pci"));
}
TEST_F(Preconditions, AnotherDriver) {
  fake_.Add(kCard, "5357", "8800", "nvme");
  EXPECT_THAT(Found(),
              Says("has the driver nvme", "echo 0000:01:00.0 > /sys/bus/pci/devices/0000:01:00.0/driver/unbind"));
}
TEST_F(Preconditions, NoDriver) {
  fake_.Remove("/sys/bus/pci/devices/" + kCard + "/driver");
  EXPECT_THAT(Found(), Says("has no driver", "echo 0000:01:00.0 > /sys/bus/pci/drivers_probe"));
}
TEST_F(Preconditions, ANeighbourInTheGroupWithADriverOfItsOwn) {
  fake_.Add("0000:00:01.0", "8086", "0001", "pcieport", "7", "0x060400");
  EXPECT_THAT(Found(), IsEmpty());  // a bridge
  fake_.Add("0000:01:00.1", "8086", "1572", "i40e");
  EXPECT_THAT(Found(),
              Says("0000:01:00.1 is in the same IOMMU group and has the driver i40e", "0000:01:00.1/driver_override"));
}
TEST_F(Preconditions, NoRightToTheGroup) {
  rights_.may_open = [](const std::string& path) { return !path.ends_with("/dev/vfio/7"); };
  EXPECT_THAT(Found(), Says("may not open /dev/vfio/7", "chown"));
}
TEST_F(Preconditions, TooLittleMemoryToLock) {
  rights_.memory_to_lock = 64 * 1024;
  EXPECT_THAT(Found(),
              Says("may lock 64 KiB of memory (RLIMIT_MEMLOCK), and a card needs 16384 KiB", "ulimit -l 16384"));
  rights_.locks_any = true;
  EXPECT_THAT(Found(), IsEmpty());
}
TEST_F(Preconditions, UnsafeInterrupts) {
  const std::string parameter = "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
  fake_.Write("/sys/class/iommu/dmar0/intel-iommu/ecap", "f00f42\n");
  fake_.Write(parameter, "N\n");
  EXPECT_THAT(Found(), Says("dmar0 does not remap interrupts", "echo 1 > " + parameter));
  fake_.Write(parameter, "Y\n");
  EXPECT_THAT(Found(), IsEmpty());
  fake_.Write(parameter, "N\n");
  fake_.Write("/sys/class/iommu/dmar0/intel-iommu/ecap", "f00f4a\n");
  EXPECT_THAT(Found(), IsEmpty());
}
TEST_F(Preconditions, AreSaidInTheOrderInWhichTheyAreMended) {
  fake_.Remove("/dev/vfio");
  fake_.Add(kCard, "5357", "8800", "nvme");
  fake_.Remove("/dev/vfio");
  rights_.memory_to_lock = 0;
  const std::vector<Missing> missing = Found();
  ASSERT_EQ(missing.size(), 3U);
  EXPECT_THAT(missing[0].sentence, HasSubstr("/dev/vfio/vfio"));
  EXPECT_THAT(missing[1].sentence, HasSubstr("nvme"));
  EXPECT_THAT(missing[2].sentence, HasSubstr("RLIMIT_MEMLOCK"));
}
TEST_F(Preconditions, ASurveyNamesEveryDeviceAndWhyItIsNotTaken) {
  fake_.Add("0000:00:02.0", "8086", "1572", "i40e", "2");
  const std::vector<Surveyed> all = Survey(fake_.tree(), pcie::KnownCards(), rights_);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].card.empty());
  EXPECT_EQ(all[0].missing.size(), 1U);
  EXPECT_EQ(all[1].card, "Switch 8800 crypto card");
  EXPECT_THAT(all[1].missing, IsEmpty());
}
TEST(Rights, OfThisProcessAreAsked) {
  const Rights rights = Rights::OfThisProcess();
  EXPECT_TRUE(rights.may_open("/dev/null"));
  EXPECT_FALSE(rights.may_open("/nowhere"));
}

}  // namespace
}  // namespace sw::hal::vfio
