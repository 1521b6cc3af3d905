// Bursts sealed and opened in place are what Esp makes and takes, for every suite, and several workers share an SA.
#include "ipsec/burst.h"

#include <gtest/gtest.h>

#include <thread>

#include "hal/soft/software_device.h"
#include "ipsec/esp.h"

namespace sw::ipsec {
namespace {

constexpr std::size_t kWorkers = 2;

class EspBurst : public testing::TestWithParam<int> {
 protected:
  EspBurst() {
    keys_.assign(KeyBytes(GetParam()), 0);
    random_.Fill(keys_);
    out_ = esp_.Shared(*esp_.AddOutbound({}, Params()));
    const SaId in = *esp_.AddInbound({}, Params());
    in_ = esp_.Shared(in);
    in_id_ = in;
  }
  SaParams Params() {
    return {.spi = 0x1000, .suite = GetParam(), .keys = SecretBytes(keys_), .expires = {std::chrono::seconds(100)}};
  }
  static Bytes Inner(std::size_t n) { return Bytes(20 + n, static_cast<std::uint8_t>(n)); }

  struct Sealed {
    std::vector<Bytes> bytes;
    std::vector<Burst::Seal> seals;
  };
  Sealed Seal(Burst& burst, std::size_t count, Time now = {}) {
    Sealed out;
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes inner = Inner(i % 50);
      Bytes& esp = out.bytes.emplace_back(out_->shape.Around(inner.size()));
      std::ranges::copy(inner, esp.begin() + static_cast<std::ptrdiff_t>(out_->shape.front()));
    }
    for (std::size_t i = 0; i < count; ++i)
      out.seals.push_back({.sa = out_.get(),
                           .esp = out.bytes[i],
                           .inner = static_cast<std::uint32_t>(Inner(i % 50).size()),
                           .next_header = kNextHeaderIpv4});
    burst.Run(std::span(out.seals), now);
    return out;
  }

  SeededRandom random_{5};
  PacketPool pool_;
  std::unique_ptr<hal::SoftwareDevice> device_ =
      *hal::SoftwareDevice::Create({}, hal::PublishedAnswers(), hal::EnginePlan::MultiBufferAlways());
  Esp esp_{*device_, random_, kWorkers};
  Bytes keys_;
  std::shared_ptr<SharedSa> out_, in_;
  SaId in_id_ = 0;
  std::unique_ptr<hal::BurstEngine> engine_ = *hal::BurstEngine::Create(*device_->per_thread());
  Burst burst_{*engine_, random_, 0};
};

TEST_P(EspBurst, WhatItSealsEspOpens) {
  for (Burst::Seal& s : Seal(burst_, 70).seals) {
    ASSERT_EQ(s.drop, Drop::kNone);
    esp_.Unprotect({}, pool_.Copy(s.esp), 0);
  }
  esp_.Flush();
  std::vector<Finished> done;
  esp_.Poll(done);
  ASSERT_EQ(done.size(), 70U);
  for (std::size_t i = 0; i < done.size(); ++i) {
    ASSERT_EQ(done[i].drop, Drop::kNone);
    const ByteView bytes = std::as_const(*done[i].packet).data();
    EXPECT_EQ(Bytes(bytes.begin(), bytes.end()), Inner(i % 50));
  }
}

TEST_P(EspBurst, WhatEspSealsItOpensOnceAndADamagedPacketNever) {
  const SaId sender = *esp_.AddOutbound({}, Params());
  for (std::size_t i = 0; i < 10; ++i) esp_.Protect({}, sender, pool_.Copy(Inner(i)), kNextHeaderIpv4, 0);
  esp_.Flush();
  std::vector<Finished> done;
  esp_.Poll(done);
  std::vector<Bytes> copies;
  for (const Finished& f : done) copies.emplace_back(f.packet->data().begin(), f.packet->data().end());
  copies.push_back(copies[3]);  // the same once more, in the same burst
  const bool proves = hal::FindSuite(GetParam())->integrity != hal::Integrity::kNone;
  copies[5].back() ^= 1;
  std::vector<Burst::Open> opens;
  for (Bytes& copy : copies) opens.push_back({.sa = in_.get(), .esp = copy, .inner = {}});
  burst_.Run(std::span(opens), {});
  for (std::size_t i = 0; i < 10; ++i) {
    if (i == 5) {
      if (proves) {
        EXPECT_EQ(opens[i].drop, Drop::kBadIcv);
      }
      continue;
    }
    ASSERT_EQ(opens[i].drop, Drop::kNone) << i;
    EXPECT_EQ(Bytes(opens[i].inner.begin(), opens[i].inner.end()), Inner(i));
    EXPECT_EQ(opens[i].next_header, kNextHeaderIpv4);
  }
  EXPECT_EQ(opens[10].drop, Drop::kReplayed);
  EXPECT_EQ(esp_.Info(in_id_)->counters.packets, proves ? 9U : 10U);
  EXPECT_EQ(esp_.Info(in_id_)->counters.drops, proves ? 2U : 1U);
}

TEST_P(EspBurst, AfterItsLifeAnSaCarriesNothing) {
  const Sealed sealed = Seal(burst_, 3, {std::chrono::seconds(100)});
  for (const Burst::Seal& s : sealed.seals) EXPECT_EQ(s.drop, Drop::kSaExpired);
  EXPECT_EQ(out_->numbers.last(), 0U);
}

TEST_P(EspBurst, TwoWorkersShareAnSaAndEveryPacketPassesOnce) {
  constexpr std::size_t kBursts = 20, kEach = 40;
  std::array<std::vector<Sealed>, kWorkers> sealed;
  {
    std::vector<std::jthread> workers;
    for (std::size_t w = 0; w < kWorkers; ++w)
      workers.emplace_back([&, w] {
        auto engine = *hal::BurstEngine::Create(*device_->per_thread());
        SeededRandom random(w);
        Burst mine(*engine, random, w);
        for (std::size_t i = 0; i < kBursts; ++i) sealed[w].push_back(Seal(mine, kEach));
      });
  }
  std::size_t passed = 0;
  std::array<std::size_t, kWorkers> by_worker{};
  // Both open everything, so each packet comes twice, by different workers at the same time. Round by round, as numbers
  // that are further apart than the window is wide are refused.
  for (std::size_t i = 0; i < kBursts; ++i) {
    std::vector<std::jthread> workers;
    for (std::size_t w = 0; w < kWorkers; ++w)
      workers.emplace_back([&, w] {
        auto engine = *hal::BurstEngine::Create(*device_->per_thread());
        SeededRandom random(w);
        Burst mine(*engine, random, w);
        std::vector<Bytes> copies;
        for (const auto& from : sealed)
          for (const Bytes& bytes : from[i].bytes) copies.push_back(bytes);
        std::vector<Burst::Open> opens;
        for (Bytes& copy : copies) opens.push_back({.sa = in_.get(), .esp = copy, .inner = {}});
        mine.Run(std::span(opens), {});
        for (const Burst::Open& o : opens) by_worker[w] += o.drop == Drop::kNone ? 1 : 0;
      });
  }
  for (std::size_t count : by_worker) passed += count;
  EXPECT_EQ(passed, kWorkers * kBursts * kEach);
  EXPECT_EQ(out_->numbers.last(), kWorkers * kBursts * kEach);
  EXPECT_EQ(esp_.Info(in_id_)->counters.packets, passed);
}

INSTANTIATE_TEST_SUITE_P(Suites, EspBurst, testing::Range(hal::kFirstSuite, hal::kLastSuite + 1));

}  // namespace
}  // namespace sw::ipsec
