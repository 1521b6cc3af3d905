// Epochs, PublishedMap and Handover: what one thread changes while others use it.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "hal/base/epochs.h"
#include "hal/base/handover.h"
#include "hal/base/published_map.h"
#include "hal/base/random.h"

namespace sw {
namespace {

struct Counted {
  explicit Counted(int& c) : count(c) { ++count; }
  ~Counted() { --count; }
  int& count;
};

TEST(Epochs, WhatAReaderMayHaveStaysUntilItLeaves) {
  int alive = 0;
  Epochs epochs;
  epochs.Enter(0);
  epochs.Retire(std::make_shared<Counted>(alive));
  epochs.Reclaim();
  EXPECT_EQ(alive, 1);
  epochs.Enter(1);  // came later and cannot have it
  epochs.Leave(0);
  epochs.Reclaim();
  EXPECT_EQ(alive, 0);
}

TEST(Epochs, AReaderThatComesBackHoldsNothingFromBefore) {
  int alive = 0;
  Epochs epochs;
  epochs.Enter(3);
  epochs.Retire(std::make_shared<Counted>(alive));
  epochs.Enter(3);
  epochs.Reclaim();
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(epochs.waiting(), 0U);
}

TEST(Epochs, WithoutReadersNothingWaits) {
  int alive = 0;
  Epochs epochs;
  epochs.Retire(std::make_shared<Counted>(alive));
  EXPECT_EQ(alive, 0);
}

TEST(PublishedMap, AgreesWithAMapThroughAnyChanges) {
  Epochs epochs;
  PublishedMap<int> map(epochs);
  std::map<std::uint32_t, int> expected;
  SeededRandom random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::uint32_t key = random.U32() % 700;
    if (random.U32() % 3 == 0) {
      map.Erase(key);
      expected.erase(key);
    } else {
      map.Set(key, std::make_shared<int>(i));
      expected[key] = i;
    }
    const std::uint32_t asked = random.U32() % 700;
    const int* found = map.Find(asked);
    ASSERT_EQ(found != nullptr, expected.contains(asked));
    if (found != nullptr) {
      ASSERT_EQ(*found, expected[asked]);
    }
    ASSERT_EQ(map.size(), expected.size());
  }
  map.Clear();
  EXPECT_EQ(map.size(), 0U);
  for (std::uint32_t key = 0; key < 700; ++key) EXPECT_EQ(map.Find(key), nullptr);
}

// Each value says its key: a reader never sees another's, nor one that is gone.
TEST(PublishedMap, ReadersSeeWholeValuesWhileTheWriterChangesEverything) {
  struct Value {
    std::uint32_t key;
    std::vector<std::uint32_t> copies;
  };
  Epochs epochs;
  PublishedMap<Value> map(epochs);
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> wrong = 0, found = 0;
  std::vector<std::jthread> readers;
  for (std::size_t r = 0; r < 2; ++r)
    readers.emplace_back([&, r] {
      SeededRandom random(r + 1);
      while (!stop.load()) {
        epochs.Enter(r);
        for (int i = 0; i < 50; ++i) {
          const std::uint32_t key = random.U32() % 300;
          const Value* v = map.Find(key);
          if (v == nullptr) continue;
          ++found;
          if (v->key != key || v->copies.back() != key) ++wrong;
        }
        epochs.Leave(r);
      }
    });
  SeededRandom random(9);
  for (int i = 0; i < 30000 || found.load() < 1000; ++i) {
    const std::uint32_t key = random.U32() % 300;
    if (random.U32() % 2 == 0) {
      map.Erase(key);
    } else {
      map.Set(key, std::make_shared<Value>(Value{key, std::vector<std::uint32_t>(5, key)}));
    }
    if (i % 5000 == 4999) map.Clear();
  }
  stop.store(true);
  readers.clear();
  EXPECT_EQ(wrong, 0U);
  epochs.Reclaim();
  EXPECT_EQ(epochs.waiting(), 0U);
}

TEST(Handover, TakesWhatFitsInOrderAndRefusesTheRest) {
  Handover<int> queue(4);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(queue.Put(i, Bytes(3, static_cast<std::uint8_t>(i))), i < 4);
  EXPECT_FALSE(queue.Put(9, Bytes(Handover<int>::kPlaceBytes + 1)));
  std::vector<int> seen;
  const auto visit = [&](int note, ByteView bytes) {
    seen.push_back(note);
    EXPECT_EQ(bytes.size(), 3U);
    EXPECT_EQ(bytes[2], note);
  };
  EXPECT_EQ(queue.Take(3, visit), 3U);
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.Take(3, visit), 1U);
  EXPECT_EQ(seen, (std::vector{0, 1, 2, 3}));
  EXPECT_TRUE(queue.empty());
}

TEST(Handover, BetweenTwoThreadsNothingIsLostOrTorn) {
  constexpr std::uint32_t kCount = 20000;
  Handover<std::uint32_t> queue(16);
  std::jthread giver([&] {
    for (std::uint32_t i = 0; i < kCount;) {
      const Bytes bytes(1 + i % 100, static_cast<std::uint8_t>(i));
      if (queue.Put(i, bytes)) ++i;
    }
  });
  std::uint32_t next = 0;
  while (next < kCount)
    queue.Take(8, [&](std::uint32_t note, ByteView bytes) {
      ASSERT_EQ(note, next++);
      ASSERT_EQ(bytes.size(), 1 + note % 100);
      ASSERT_EQ(bytes.back(), static_cast<std::uint8_t>(note));
    });
}

}  // namespace
}  // namespace sw
