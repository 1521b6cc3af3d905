// One list of fields for both ways: what is written is read, and nothing else is.
#include "hal/base/state.h"

#include <gtest/gtest.h>

namespace sw {
namespace {

enum class Kind : std::uint8_t { kOne = 1, kTwo, kThree };

struct Part {
  std::string name;
  std::optional<Time> since;
  friend bool operator==(const Part&, const Part&) = default;
  template <typename State>
  void Fields(State& state) {
    state(name, since);
  }
};
struct Whole {
  bool flag = false;
  std::int32_t number = 0;
  std::uint64_t large = 0;
  Kind kind = Kind::kOne;
  Time at, never = Time::Never(), unset;
  std::chrono::seconds span{0};
  Endpoint peer;
  Prefix network;
  Bytes bytes;
  SecretBytes key;
  std::array<std::uint16_t, 3> three{};
  std::vector<Part> parts;
  std::map<Ipv4, std::string> names;
  std::unordered_map<std::uint32_t, Part> table;
  std::deque<std::pair<Time, Ipv4>> order;
  friend bool operator==(const Whole&, const Whole&) = default;
  template <typename State>
  void Fields(State& state) {
    state(flag, number, large);
    state.Range(kind, Kind::kOne, Kind::kThree);
    state(at, never, unset, span, peer, network, bytes, key, three, parts, names, table, order);
  }
};

Whole Some(Time now) {
  Whole w;
  w.flag = true;
  w.number = -5;
  w.large = 0x0123456789abcdef;
  w.kind = Kind::kThree;
  w.at = now + std::chrono::seconds(7);
  w.span = std::chrono::seconds(90);
  w.peer = {Ipv4(192, 0, 2, 1), 9876};
  w.network = {Ipv4(10, 1, 0, 0), 16};
  w.bytes = {1, 2, 3};
  w.key = SecretBytes(std::string_view("secret"));
  w.three = {1, 2, 0xffff};
  w.parts = {{"a", now}, {"", {}}};
  w.names = {{Ipv4(1), "one"}, {Ipv4(2), "two"}};
  w.table = {{7, {"seven", {}}}};
  w.order = {{now, Ipv4(9)}};
  return w;
}

const Time kNow{std::chrono::hours(1)};

SecretBytes Written(Whole whole, Time now = kNow) {
  StateWriter state(now);
  state(whole);
  return state.Take();
}

TEST(State, WhatIsWrittenIsRead) {
  const SecretBytes bytes = Written(Some(kNow));
  StateReader state(bytes.view(), kNow);
  Whole read;
  state(read);
  EXPECT_TRUE(state.done());
  EXPECT_EQ(read, Some(kNow));
  EXPECT_EQ(Written(read), bytes);
}

TEST(State, TimesAreWhatIsLeftOfThem) {
  const SecretBytes bytes = Written(Some(kNow));
  const Time later = kNow + std::chrono::minutes(3);
  StateReader state(bytes.view(), later);
  Whole read;
  state(read);
  EXPECT_EQ(read.at, later + std::chrono::seconds(7));
  EXPECT_EQ(read.never, Time::Never());
  EXPECT_EQ(read.unset, Time{});
}

TEST(State, NothingShorterAndNothingLongerIsTaken) {
  const SecretBytes bytes = Written(Some(kNow));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    StateReader state(bytes.view().first(size), kNow);
    Whole read;
    state(read);
    EXPECT_FALSE(state.done()) << size;
  }
  Bytes longer(bytes.view().begin(), bytes.view().end());
  longer.push_back(0);
  StateReader state(longer, kNow);
  Whole read;
  state(read);
  EXPECT_TRUE(state.ok());
  EXPECT_FALSE(state.done());
}

// Whatever the bytes are, what is taken writes the same bytes again.
TEST(State, WhatIsTakenOfRandomBytesIsWrittenAsItWas) {
  const SecretBytes good = Written(Some(kNow));
  std::uint64_t seed = 1;
  const auto random = [&seed] { return static_cast<std::uint8_t>((seed = seed * 6364136223846793005 + 1) >> 56); };
  int taken = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes bytes(good.view().begin(), good.view().end());
    bytes[random() % bytes.size()] = random();
    StateReader state(bytes, kNow);
    Whole read;
    state(read);
    if (!state.done()) continue;
    ++taken;
    const SecretBytes rewritten = Written(read);
    StateReader again(rewritten.view(), kNow);
    Whole reread;
    again(reread);
    ASSERT_TRUE(again.done());
    ASSERT_EQ(read, reread);
  }
  EXPECT_GT(taken, 100);
}

TEST(State, AnEnumeratorThatDoesNotExistIsRefused) {
  for (const std::uint8_t octet : {std::uint8_t{0}, std::uint8_t{4}, std::uint8_t{255}}) {
    const Bytes bytes{octet};
    StateReader state(bytes, kNow);
    Kind kind = Kind::kTwo;
    state.Range(kind, Kind::kOne, Kind::kThree);
    EXPECT_FALSE(state.ok());
    EXPECT_EQ(kind, Kind::kTwo);
  }
}

TEST(State, ANumberThatMayNotComeTwiceIsAheadOnBothSides) {
  std::uint32_t used = 100, read = 0;
  StateWriter writer(kNow);
  writer.Counter(used);
  const SecretBytes bytes = writer.Take();
  StateReader reader(bytes.view(), kNow);
  reader.Counter(read);
  EXPECT_EQ(read, 100 + kStateReserve);
  EXPECT_EQ(used, 100 + 2 * kStateReserve);
  EXPECT_EQ(ReservedFrom(std::numeric_limits<std::uint32_t>::max() - 1), std::numeric_limits<std::uint32_t>::max());
}

}  // namespace
}  // namespace sw
