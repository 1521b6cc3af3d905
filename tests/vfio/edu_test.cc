// The kernel VFIO transport on QEMU's `edu` device: configuration space, BAR 0, DMA both ways, MSI, and in words why
// this is not the card. Registers of the device: docs/specs/edu.rst of QEMU.
#include <gtest/gtest.h>
#include <linux/vfio.h>

#include <algorithm>

#include "hal/base/clock.h"
#include "hal/pcie/pcie_device.h"
#include "hal/vfio/kernel_transport.h"
#include "tests/vfio/guest_device.h"

namespace sw::hal::vfio {
namespace {

enum Edu : std::uint32_t {
  kIdentification = 0x00,
  kLiveness = 0x04,
  kInterruptStatus = 0x24,
  kInterruptRaise = 0x60,
  kInterruptAcknowledge = 0x64,
  kDmaSource = 0x80,
  kDmaDestination = 0x88,
  kDmaCount = 0x90,
  kDmaCommand = 0x98,
};
constexpr std::uint32_t kDeviceBuffer = 0x40000;                    // of 4096 bytes, as its bus address
constexpr std::uint32_t kStart = 1, kToMemory = 2, kInterrupt = 4;  // of kDmaCommand
constexpr std::uint32_t kDmaDone = 0x100;                           // of kInterruptStatus
constexpr std::uint32_t kBytes = 2048, kHugePage = 0x200000;

class EduTest : public testing::Test {
 protected:
  void SetUp() override {
    const Status opened = device_.Open();
    ASSERT_TRUE(opened.ok()) << opened.why();
    const Status interrupts = device_.UseInterrupts(VFIO_PCI_MSI_IRQ_INDEX, 1);
    ASSERT_TRUE(interrupts.ok()) << interrupts.why();
  }
  // Lets the device move bytes, and waits for the interrupt that says it has.
  void Move(std::uint64_t source, std::uint64_t destination, std::uint32_t direction) {
    device_.Write32(kDmaSource, static_cast<std::uint32_t>(source));
    device_.Write32(kDmaDestination, static_cast<std::uint32_t>(destination));
    device_.Write32(kDmaCount, kBytes);
    device_.Write32(kDmaCommand, kStart | direction | kInterrupt);
    ASSERT_EQ(Signals(device_.EventFd(0)), 1U);
    ASSERT_EQ(device_.Read32(kInterruptStatus), kDmaDone);
    device_.Write32(kInterruptAcknowledge, kDmaDone);
  }

  KernelTransport device_{GuestDevice()};
};

TEST_F(EduTest, ConfigurationSpaceIsReadAndTheBusMasterSwitchedOn) {
  EXPECT_EQ(*device_.ReadConfig(0, 4), 0x11e81234U);
  EXPECT_EQ(*device_.ReadConfig(4, 2) & 6U, 6U);  // memory, bus master
  ASSERT_TRUE(device_.WriteConfig(0x3c, 0x5a, 1).ok());
  EXPECT_EQ(*device_.ReadConfig(0x3c, 1), 0x5aU);
}

TEST_F(EduTest, RegistersOfTheBarAreReadAndWritten) {
  EXPECT_EQ(device_.bar_bytes(), 0x100000U);
  EXPECT_EQ(device_.Read32(kIdentification) & 0xffU, 0xedU);
  device_.Write32(kLiveness, 0x12345678);
  EXPECT_EQ(device_.Read32(kLiveness), ~0x12345678U);
  EXPECT_EQ(device_.Read32(0x100000), pcie::kAllOnes);  // behind its end
  device_.Write32(0x100000, 1);
}

TEST_F(EduTest, AnInterruptArrivesByEventFd) {
  device_.Write32(kInterruptRaise, 0x5a);
  EXPECT_EQ(Signals(device_.EventFd(0)), 1U);
  EXPECT_EQ(device_.Read32(kInterruptStatus), 0x5aU);
  device_.Write32(kInterruptAcknowledge, 0x5a);
  EXPECT_EQ(device_.EventFd(1), -1);
}

// Twice: the second time the guest has huge pages to give.
TEST_F(EduTest, DmaGoesBothWaysUntilTheMemoryIsTakenBack) {
  const Result<pcie::DmaBlock> block = device_.Allocate(2 * kBytes);
  ASSERT_TRUE(block.ok()) << block.status().why();
  const bool huge = std::getenv("SW_HUGE_PAGES") != nullptr;
  EXPECT_EQ(block->size, huge ? kHugePage : 4096U);
  std::uint8_t* here = block->bytes;
  for (std::uint32_t i = 0; i < kBytes; ++i) here[i] = static_cast<std::uint8_t>(7 * i + 3);
  Move(block->address, kDeviceBuffer, 0);
  Move(kDeviceBuffer, block->address + kBytes, kToMemory);
  EXPECT_TRUE(std::equal(here, here + kBytes, here + kBytes));

  ASSERT_TRUE(device_.Unmap(*block).ok());
  std::fill_n(here + kBytes, kBytes, std::uint8_t{0x11});
  Move(kDeviceBuffer, block->address + kBytes, kToMemory);
  EXPECT_EQ(std::count(here + kBytes, here + 2 * kBytes, 0x11), kBytes);  // the IOMMU stopped it
}

TEST_F(EduTest, HasOneOwnerAtATime) {
  KernelTransport second(GuestDevice());
  const Status refused = second.Open();
  EXPECT_EQ(refused.code(), Code::kDevice);
  EXPECT_NE(refused.why().find("busy"), std::string::npos) << refused.why();
}

TEST(EduAsACard, TheDriverSaysInWordsWhyItIsNot) {
  KernelTransport transport(GuestDevice());
  pcie::PcieDevice driver(transport, [] { return Time{std::chrono::steady_clock::now().time_since_epoch()}; });
  driver.Poll();
  EXPECT_EQ(driver.state(), pcie::BringUp::kFailed);
  EXPECT_EQ(driver.trouble(), pcie::Trouble::kWrongCard);
  EXPECT_EQ(driver.trouble_text(), "the device at this address is not this card (" + GuestDevice() +
                                       " is 1234:11e8, which is not a known card)");
  std::printf("said: %s\n", driver.trouble_text().c_str());
  EXPECT_EQ(transport.Read32(0), pcie::kAllOnes);  // nothing is kept open
}

TEST(EduAsACard, AnAddressWithoutADeviceIsAnAbsentCard) {
  KernelTransport transport("0000:00:1e.7");
  pcie::PcieDevice driver(transport, [] { return Time{std::chrono::steady_clock::now().time_since_epoch()}; });
  driver.Poll();
  EXPECT_EQ(driver.trouble(), pcie::Trouble::kAbsent);
  EXPECT_NE(driver.trouble_text().find("no such PCI device"), std::string::npos) << driver.trouble_text();
}

}  // namespace
}  // namespace sw::hal::vfio
