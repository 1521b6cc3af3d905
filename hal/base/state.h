// The state of an engine as bytes, for another process of this machine, and back: one list of fields for both ways.
//
// A type says what of it goes over by a template,
//
//     template <typename State> void Fields(State& state) { state(peer_, doubtful_); }
//
// or, for a type that says nothing of itself, by a StateFields(state, value) in its namespace. StateWriter and
// StateReader walk it alike, so what one writes the other reads. Numbers are big-endian, times what is left of them,
// what is long has its length in front. A reader believes nothing: the first field that cannot be makes it `!ok()`, and
// from then on every field is left as it is; nothing is allocated that the bytes do not hold. What types know beside
// that (a suite that exists, a key of its length) they check themselves and call Refuse().
//
// Whoever hands its state over may have to go on itself, and then nobody may have used its numbers: what it writes for
// Counter() is kStateReserve ahead of what was used, and its own goes on twice as far. The bytes hold keys and are
// wiped. One thread. Our choice.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hal/base/address.h"
#include "hal/base/bytes.h"
#include "hal/base/clock.h"
#include "hal/base/secret.h"

namespace sw {

inline constexpr std::uint32_t kStateReserve = 1024;
// The number a successor counts from, and the one to go on from without a successor.
template <std::unsigned_integral Number>
constexpr Number ReservedFrom(Number used, unsigned times = 1) {
  const Number reserve = static_cast<Number>(times * kStateReserve);
  return used > std::numeric_limits<Number>::max() - reserve ? std::numeric_limits<Number>::max()
                                                             : static_cast<Number>(used + reserve);
}

namespace state {

template <typename T>
inline constexpr bool kIsDuration = false;
template <typename R, typename P>
inline constexpr bool kIsDuration<std::chrono::duration<R, P>> = true;
template <typename T>
inline constexpr bool kIsArray = false;
template <typename T, std::size_t N>
inline constexpr bool kIsArray<std::array<T, N>> = true;
template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
inline constexpr bool kIsPair = false;
template <typename A, typename B>
inline constexpr bool kIsPair<std::pair<A, B>> = true;
template <typename T>
concept Octets = std::same_as<T, std::string> || std::same_as<T, Bytes> || std::same_as<T, SecretBytes>;
template <typename T>
concept Keyed = requires {
  typename T::mapped_type;
};
template <typename T>
concept List = !Octets<T> && !Keyed<T> && requires(T t) {
  t.emplace_back();
};

// What both ways share. `Way` has kReads, Number(), Block(), Count() and Refuse().
template <typename Way>
class Walk {
 public:
  template <typename... T>
  void operator()(T&... fields) {
    (Field(fields), ...);
  }
  // A value of an enumeration without gaps.
  template <typename E>
  void Range(E& value, E first, E last) {
    auto number = static_cast<std::uint8_t>(value);
    way().Number(number);
    if constexpr (Way::kReads) {
      if (number < static_cast<std::uint8_t>(first) || number > static_cast<std::uint8_t>(last)) return way().Refuse();
      if (way().ok()) value = static_cast<E>(number);
    }
  }

 private:
  Way& way() { return static_cast<Way&>(*this); }

  template <typename T>
  void Field(T& value) {
    using V = std::remove_const_t<T>;
    if constexpr (std::same_as<V, bool>) {
      std::uint8_t octet = value ? 1 : 0;
      way().Number(octet);
      if constexpr (Way::kReads) octet > 1 ? way().Refuse() : void(value = octet == 1);
    } else if constexpr (std::integral<V>) {
      way().Number(value);
    } else if constexpr (std::same_as<V, Time>) {
      way().Moment(value);
    } else if constexpr (kIsDuration<V>) {
      typename V::rep count = value.count();
      way().Number(count);
      if constexpr (Way::kReads) value = V(count);
    } else if constexpr (std::same_as<V, Ipv4>) {
      way().Number(value.value);
    } else if constexpr (std::same_as<V, Endpoint>) {
      (*this)(value.address, value.port);
    } else if constexpr (std::same_as<V, Prefix>) {
      (*this)(value.address, value.length);
      if constexpr (Way::kReads)
        if (value.length > 32) way().Refuse();
    } else if constexpr (Octets<V>) {
      way().Block(value);
    } else if constexpr (kIsArray<V>) {
      for (auto& one : value) Field(one);
    } else if constexpr (kIsPair<V>) {
      (*this)(value.first, value.second);
    } else if constexpr (kIsOptional<V>) {
      bool there = value.has_value();
      Field(there);
      if constexpr (Way::kReads) there ? void(value.emplace()) : value.reset();
      if (value) Field(*value);
    } else if constexpr (Keyed<V>) {
      Map(value);
    } else if constexpr (List<V>) {
      const std::size_t count = way().Count(value.size());
      if constexpr (Way::kReads) {
        value.clear();
        for (std::size_t i = 0; i < count && way().ok(); ++i) Field(value.emplace_back());
      } else {
        for (auto& one : value) Field(one);
      }
    } else if constexpr (requires { value.Fields(way()); }) {
      value.Fields(way());
    } else {
      StateFields(way(), value);
    }
  }

  template <typename T>
  void Map(T& map) {
    const std::size_t count = way().Count(map.size());
    if constexpr (Way::kReads) {
      map.clear();
      for (std::size_t i = 0; i < count && way().ok(); ++i) {
        typename T::key_type key{};
        typename T::mapped_type value{};
        (*this)(key, value);
        if (!map.emplace(std::move(key), std::move(value)).second) way().Refuse();
      }
    } else {
      for (auto& [key, value] : map) {
        auto name = key;
        (*this)(name, value);
      }
    }
  }
};

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kUnset = std::numeric_limits<std::int64_t>::min();  // a Time of 0: there was none yet

}  // namespace state

class StateWriter final : public state::Walk<StateWriter> {
 public:
  static constexpr bool kReads = false;
  explicit StateWriter(Time now) : now_(now) {}
  ~StateWriter() { Wipe(out_); }
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;

  SecretBytes Take() const { return SecretBytes(ByteView(out_)); }
  std::size_t size() const { return out_.size(); }
  bool ok() const { return true; }
  void Refuse() {}
  Time now() const { return now_; }

  // A number that must never be used twice; `used`: the last one that was. See above.
  template <std::unsigned_integral Number>
  void Counter(Number& used) {
    const Number successor = ReservedFrom(used);
    this->Number(successor);
    used = ReservedFrom(used, 2);
  }

 private:
  friend class state::Walk<StateWriter>;
  template <typename T>
  void Number(const T& value) {
    std::uint8_t octets[sizeof(T)];
    for (std::size_t i = 0; i < sizeof(T); ++i)
      octets[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * (sizeof(T) - 1 - i)));
    Put(octets);
  }
  void Moment(const Time& time) {
    Number(time == Time::Never() ? state::kNever : time == Time{} ? state::kUnset : (time - now_).count());
  }
  template <state::Octets T>
  void Block(const T& value) {
    (void)Count(value.size());
    if constexpr (std::same_as<T, SecretBytes>) {
      Put(value.view());
    } else {
      Put({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
    }
  }
  std::size_t Count(std::size_t count) {
    Number(static_cast<std::uint32_t>(count));
    return count;
  }
  void Put(ByteView bytes) {
    if (out_.size() + bytes.size() > out_.capacity()) {  // what grows by itself leaves copies behind
      Bytes larger;
      larger.reserve(std::max<std::size_t>(4096, 2 * (out_.size() + bytes.size())));
      larger.assign(out_.begin(), out_.end());
      Wipe(out_);
      out_.swap(larger);
    }
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }

  const Time now_;
  Bytes out_;
};

class StateReader final : public state::Walk<StateReader> {
 public:
  static constexpr bool kReads = true;
  // `bytes` outlive this.
  StateReader(ByteView bytes, Time now) : in_(bytes), now_(now) {}

  bool ok() const { return good_ && in_.ok(); }
  bool done() const { return good_ && in_.done(); }  // everything was read, nothing was missing or wrong
  void Refuse() { good_ = false; }
  Time now() const { return now_; }
  template <std::unsigned_integral Number>
  void Counter(Number& used) {
    this->Number(used);
  }

 private:
  friend class state::Walk<StateReader>;
  // Nothing of a device is longer than this: what is further away would overflow somewhere.
  static constexpr Duration kFarthest = std::chrono::hours(24 * 366 * 50);

  template <typename T>
  void Number(T& value) {
    const ByteView octets = good_ ? in_.Take(sizeof(T)) : ByteView();
    if (octets.empty()) return Refuse();
    std::uint64_t all = 0;
    for (const std::uint8_t octet : octets) all = all << 8 | octet;
    value = static_cast<T>(all);
  }
  void Moment(Time& time) {
    std::int64_t left = 0;
    Number(left);
    if (!ok()) return;
    if (left == state::kNever) {
      time = Time::Never();
    } else if (left == state::kUnset) {
      time = Time{};
    } else if (Duration(left) > kFarthest || Duration(left) < -kFarthest) {
      Refuse();
    } else {
      time = now_ + Duration(left);
    }
  }
  template <state::Octets T>
  void Block(T& value) {
    const ByteView bytes = in_.Take(Count(0));
    if (ok()) value = T(bytes.begin(), bytes.end());
  }
  void Block(SecretBytes& value) {
    const ByteView bytes = in_.Take(Count(0));
    if (ok()) value = SecretBytes(bytes);
  }
  std::size_t Count(std::size_t) {  // everything that is counted takes an octet at least
    std::uint32_t count = 0;
    Number(count);
    if (count > in_.left()) Refuse();
    return ok() ? count : 0;
  }

  Reader in_;
  const Time now_;
  bool good_ = true;
};

}  // namespace sw
