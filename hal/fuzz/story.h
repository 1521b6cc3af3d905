// A story is what a fuzzer asks of a card: SAs that come and go, and bursts of packets, right, odd and impossible ones.
// It is told to the card and to software, which must end alike; one that does not is told again without parts of it,
// until none can be left out.
//
// Values. A story holds its packets whole, so that it means the same without its beginning. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/clock.h"
#include "hal/base/random.h"
#include "hal/crypto_device.h"

namespace sw::hal::fuzz {

struct Packet {
  std::uint32_t sa = 0;  // of the story, by the order in which they are added
  CryptoOp op;           // its ranges
  Bytes bytes;
};
struct Step {
  enum class What : std::uint8_t { kAdd, kRemove, kBurst } what = What::kBurst;
  std::uint32_t sa = 0;         // kAdd, kRemove
  SaSpec spec;                  // kAdd
  std::vector<Packet> packets;  // kBurst
};
using Story = std::vector<Step>;

// Of transforms that the card has. `software` seals what the card is to open, and has nothing else to do.
Story MakeStory(Random& random, const Capabilities& card, CryptoDevice& software, std::size_t steps);

struct Difference {
  std::size_t step = 0;  // of the story: the last that need be told
  std::string text;      // for people
};
// Tells the story to both. A card that does not complete a packet in `patience`, and one that fails, differs.
std::optional<Difference> Tell(const Story& story, CryptoDevice& card, CryptoDevice& software,
                               const std::function<Time()>& now, Duration patience);

// Leaves out what can be left out with `differs` still true of the rest: steps, then packets. Tells at most `tries`.
Story Minimise(Story story, const std::function<bool(const Story&)>& differs, std::size_t tries);

// As sw8800d --replay-crypto reads it, with software's results.
std::string Recording(const Story& story, CryptoDevice& software);

std::size_t Packets(const Story& story);

}  // namespace sw::hal::fuzz
