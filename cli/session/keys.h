// Bytes of a terminal to keys: escape sequences become one key each, and a line end is one key however it is sent.
#pragma once

#include <cstdint>
#include <optional>

namespace sw::cli {

// A key is the byte it sends, or one of these.
enum class Key : std::uint16_t {
  kControlA = 1,
  kControlB = 2,
  kControlC = 3,
  kControlD = 4,
  kControlE = 5,
  kControlF = 6,
  kControlG = 7,
  kBackspace = 8,
  kTab = 9,
  kControlL = 12,
  kEnter = 13,
  kControlN = 14,
  kControlO = 15,
  kControlP = 16,
  kControlR = 18,
  kControlT = 20,
  kControlU = 21,
  kControlW = 23,
  kControlX = 24,
  kControlY = 25,
  kControlZ = 26,
  kControlBracket = 29,
  kLeft = 256,
  kRight,
  kUp,
  kDown,
  kHome,
  kEnd,
  kDelete,
  kWordLeft,
  kWordRight,
  kWordDelete,
  kUnknown,  // a sequence without a meaning here
};

constexpr Key Byte(unsigned char byte) {
  return static_cast<Key>(byte);
}
constexpr bool Printable(Key key) {
  const auto code = static_cast<std::uint16_t>(key);
  return code >= 0x20 && code < 256 && code != 0x7f;
}

class KeyDecoder {
 public:
  // The key that this byte completes; nullopt: not complete yet, or swallowed.
  std::optional<Key> Feed(unsigned char byte);

 private:
  enum class State : std::uint8_t { kPlain, kEscape, kSequence };
  std::optional<Key> Escape(unsigned char byte);
  std::optional<Key> Sequence(unsigned char byte);

  State state_ = State::kPlain;
  bool after_return_ = false;
  int parameter_ = 0, length_ = 0;
};

}  // namespace sw::cli
