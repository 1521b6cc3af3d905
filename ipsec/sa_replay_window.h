// The anti-replay window of one inbound SA (RFC 4303 section 3.4.3), 32-bit sequence numbers, for several threads.
//
// Check before the packet is opened, Update once it has proved itself. Update checks again: copies of one packet may
// all have been checked before the first of them was opened.
//
// A ring of words, each 32 numbers and the block they belong to (the idea of RFC 6479, with the block in the word): one
// compare-and-exchange decides who has a number, so no two threads take the same one and nobody waits.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "ipsec/drop.h"

namespace sw::ipsec {

class SaReplayWindow {
 public:
  // RFC 4303 advises 64 and allows more. A peer that sends with several threads gives a burst of numbers to each, and
  // bursts overtake one another; our choice.
  static constexpr std::uint32_t kWidth = 1024;

  std::uint32_t highest() const { return highest_.load(std::memory_order_relaxed); }  // 0: nothing received

  // What was received, for a successor of the same SA. While nobody updates.
  static constexpr std::uint32_t kWords = 64;
  struct Seen {
    std::uint32_t highest = 0;
    std::array<std::uint64_t, kWords> words{};
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  Seen seen() const {
    Seen out{highest(), {}};
    for (std::uint32_t i = 0; i < kWords; ++i) out.words[i] = words_[i].load(std::memory_order_relaxed);
    return out;
  }
  void GoOn(const Seen& from) {
    highest_.store(from.highest, std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < kWords; ++i) words_[i].store(from.words[i], std::memory_order_relaxed);
  }

  // kNone, kReplayed or kTooOld. Number 0 is never sent, and counts as seen.
  Drop Check(std::uint32_t sequence) const {
    if (sequence == 0) return Drop::kReplayed;
    if (LeftOfIt(sequence)) return Drop::kTooOld;
    return Check(WordOf(sequence).load(std::memory_order_relaxed), sequence);
  }

  // As Check; records the number when that is kNone.
  Drop Update(std::uint32_t sequence) {
    if (sequence == 0) return Drop::kReplayed;
    if (LeftOfIt(sequence)) return Drop::kTooOld;
    std::atomic<std::uint64_t>& word = WordOf(sequence);
    std::uint64_t seen = word.load(std::memory_order_relaxed), then;
    do {
      if (const Drop drop = Check(seen, sequence); drop != Drop::kNone) return drop;
      then = (BlockIn(seen) == BlockOf(sequence) ? seen : std::uint64_t{BlockOf(sequence)} << 32) | BitOf(sequence);
    } while (!word.compare_exchange_weak(seen, then, std::memory_order_relaxed));
    std::uint32_t highest = highest_.load(std::memory_order_relaxed);
    while (sequence > highest && !highest_.compare_exchange_weak(highest, sequence, std::memory_order_relaxed)) {
    }
    return Drop::kNone;
  }

 private:
  static constexpr std::uint32_t kPerWord = 32;
  static_assert(kWords > kWidth / kPerWord, "a window that does not begin with a word reaches into one more");

  static std::uint32_t BlockOf(std::uint32_t sequence) { return sequence / kPerWord; }
  static std::uint64_t BitOf(std::uint32_t sequence) { return std::uint64_t{1} << (sequence % kPerWord); }
  static std::uint32_t BlockIn(std::uint64_t word) { return static_cast<std::uint32_t>(word >> 32); }
  static Drop Check(std::uint64_t word, std::uint32_t sequence) {
    if (BlockIn(word) > BlockOf(sequence)) return Drop::kTooOld;  // the window moved meanwhile
    return BlockIn(word) == BlockOf(sequence) && (word & BitOf(sequence)) != 0 ? Drop::kReplayed : Drop::kNone;
  }
  bool LeftOfIt(std::uint32_t sequence) const {
    const std::uint32_t highest = highest_.load(std::memory_order_relaxed);
    return sequence <= highest && highest - sequence >= kWidth;
  }
  const std::atomic<std::uint64_t>& WordOf(std::uint32_t sequence) const { return words_[BlockOf(sequence) % kWords]; }
  std::atomic<std::uint64_t>& WordOf(std::uint32_t sequence) { return words_[BlockOf(sequence) % kWords]; }

  std::atomic<std::uint32_t> highest_ = 0;
  std::array<std::atomic<std::uint64_t>, kWords> words_{};
};

}  // namespace sw::ipsec
