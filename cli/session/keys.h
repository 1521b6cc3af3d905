// Bytes of a terminal to keys: escape sequences become one key each, and a line end is one key however it is sent. And
// what each key does, in one table for everybody who edits lines.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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

enum class Action : std::uint8_t {
  kNone,  // a printable key inserts itself, another one rings
  // The editor's, on the line and its cursor.
  kLeft,
  kRight,
  kStart,
  kEnd,
  kWordLeft,
  kWordRight,
  kEraseLeft,
  kEraseRight,
  kEraseWordLeft,
  kEraseWordRight,
  kEraseToStart,
  kEraseToEnd,
  kOlder,
  kNewer,
  // The terminal's.
  kEnter,
  kHelp,
  kComplete,
  kReturn,  // to user view
  kCancel,
  kRedraw,
  kHangUp,
  kHotkeyG,
  kHotkeyL,
  kHotkeyO,
  kHotkeyT,
  kHotkeyU,
};
inline constexpr std::size_t kActions = static_cast<std::size_t>(Action::kHotkeyU) + 1;
constexpr bool IsTerminals(Action action) {
  return action >= Action::kEnter;
}
constexpr bool IsHotkey(Action action) {
  return action >= Action::kHotkeyG;
}

struct Binding {
  Key key;
  Action action;
};
std::span<const Binding> Bindings();
Action ActionOf(Key key);  // kNone: the table has none
// The bytes that terminals send for keys that are no single byte; several may stand for one key.
struct Sequence {
  Key key;
  std::string_view bytes;
};
std::span<const Sequence> Sequences();

// A key, and the bytes it came as.
struct Stroke {
  Key key;
  std::string bytes;
};

class KeyDecoder {
 public:
  // The key that this byte completes; nullopt: not complete yet, or swallowed.
  std::optional<Stroke> Feed(unsigned char byte);

 private:
  std::optional<Key> Decode(unsigned char byte);
  enum class State : std::uint8_t { kPlain, kEscape, kSequence };
  std::optional<Key> Escape(unsigned char byte);
  std::optional<Key> Sequence(unsigned char byte);

  State state_ = State::kPlain;
  std::string bytes_;  // of the key that is not complete yet
  bool after_return_ = false;
  int parameter_ = 0, length_ = 0;
};

}  // namespace sw::cli
