// A packet costs no allocation once everything has grown to the size of a burst.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "hal/soft/software_device.h"
#include "ipsec/esp.h"

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

// Counts for the whole test program; libcrypto's own use of malloc is not seen. Not inlined: the compiler would see a
// pair of new and free and take it for a mistake.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}

namespace sw::ipsec {
namespace {

TEST(EspAllocation, BurstsAfterTheFirstAllocateNothing) {
  constexpr std::size_t kBurst = 64;
  SeededRandom random(1);
  PacketPool pool;
  const auto device = *hal::SoftwareDevice::Create();
  Esp esp(*device, random);
  const SaParams params{.spi = 0x1000, .suite = 1, .keys = SecretBytes(KeyBytes(1))};
  const SaId out = *esp.AddOutbound({}, params);
  ASSERT_TRUE(esp.AddInbound({}, params).ok());
  std::vector<Finished> sealed, opened;
  const auto round = [&] {
    for (std::size_t i = 0; i < kBurst; ++i) {
      PacketPtr packet = pool.Take();
      packet->SetSize(i * 20);
      esp.Protect({}, out, std::move(packet), kNextHeaderIpv4, i);
    }
    esp.Flush();
    esp.Poll(sealed);
    for (Finished& f : sealed) esp.Unprotect({}, std::move(f.packet), f.context);
    sealed.clear();
    esp.Flush();
    esp.Poll(opened);
    const std::size_t passed = opened.size();
    opened.clear();
    return passed;
  };
  EXPECT_EQ(round(), kBurst);
  const std::size_t before = allocations;
  EXPECT_GT(before, 0U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(round(), kBurst);
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace sw::ipsec
