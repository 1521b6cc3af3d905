#include "cli/session/keys.h"

#include <utility>

namespace sw::cli {
namespace {

constexpr unsigned char kEscapeByte = 0x1b, kDeleteByte = 0x7f;
constexpr int kLongestSequence = 16;  // what goes on longer is not a key

// Comware V7 CLI guide and the V3 manuals' key tables; the arrows' and the other named keys': xterm and the VT220.
constexpr Binding kBindings[] = {
    {Key::kLeft, Action::kLeft},
    {Key::kControlB, Action::kLeft},
    {Key::kRight, Action::kRight},
    {Key::kControlF, Action::kRight},
    {Key::kHome, Action::kStart},
    {Key::kControlA, Action::kStart},
    {Key::kEnd, Action::kEnd},
    {Key::kControlE, Action::kEnd},
    {Key::kWordLeft, Action::kWordLeft},
    {Key::kWordRight, Action::kWordRight},
    {Key::kBackspace, Action::kEraseLeft},
    {Key::kDelete, Action::kEraseRight},
    {Key::kControlD, Action::kEraseRight},
    {Key::kControlW, Action::kEraseWordLeft},
    {Key::kWordDelete, Action::kEraseWordRight},
    {Key::kControlX, Action::kEraseToStart},
    {Key::kControlY, Action::kEraseToEnd},
    {Key::kUp, Action::kOlder},
    {Key::kControlP, Action::kOlder},
    {Key::kDown, Action::kNewer},
    {Key::kControlN, Action::kNewer},
    {Key::kEnter, Action::kEnter},
    {Byte('?'), Action::kHelp},
    {Key::kTab, Action::kComplete},
    {Key::kControlZ, Action::kReturn},
    {Key::kControlC, Action::kCancel},
    {Key::kControlR, Action::kRedraw},
    {Key::kControlBracket, Action::kHangUp},
    {Key::kControlG, Action::kHotkeyG},
    {Key::kControlL, Action::kHotkeyL},
    {Key::kControlO, Action::kHotkeyO},
    {Key::kControlT, Action::kHotkeyT},
    {Key::kControlU, Action::kHotkeyU},
};

constexpr Sequence kSequences[] = {
    {Key::kEnter, "\n"},
    {Key::kBackspace, "\x7f"},
    {Key::kUp, "\x1b[A"},
    {Key::kUp, "\x1bOA"},
    {Key::kDown, "\x1b[B"},
    {Key::kDown, "\x1bOB"},
    {Key::kRight, "\x1b[C"},
    {Key::kRight, "\x1bOC"},
    {Key::kLeft, "\x1b[D"},
    {Key::kLeft, "\x1bOD"},
    {Key::kHome, "\x1b[H"},
    {Key::kHome, "\x1bOH"},
    {Key::kHome, "\x1b[1~"},
    {Key::kHome, "\x1b[7~"},
    {Key::kEnd, "\x1b[F"},
    {Key::kEnd, "\x1bOF"},
    {Key::kEnd, "\x1b[4~"},
    {Key::kEnd, "\x1b[8~"},
    {Key::kDelete, "\x1b[3~"},
    {Key::kWordLeft,
     "\x1b"
     "b"},
    {Key::kWordLeft,
     "\x1b"
     "B"},
    {Key::kWordRight,
     "\x1b"
     "f"},
    {Key::kWordRight,
     "\x1b"
     "F"},
    {Key::kWordDelete,
     "\x1b"
     "d"},
    {Key::kWordDelete,
     "\x1b"
     "D"},
};

}  // namespace

std::span<const Binding> Bindings() {
  return kBindings;
}

std::span<const Sequence> Sequences() {
  return kSequences;
}

Action ActionOf(Key key) {
  for (const Binding& binding : kBindings)
    if (binding.key == key) return binding.action;
  return Action::kNone;
}

std::optional<Stroke> KeyDecoder::Feed(unsigned char byte) {
  bytes_ += static_cast<char>(byte);
  const std::optional<Key> key = Decode(byte);
  if (state_ == State::kPlain && !key) bytes_.clear();  // swallowed
  if (!key) return std::nullopt;
  return Stroke{*key, std::exchange(bytes_, {})};
}

std::optional<Key> KeyDecoder::Decode(unsigned char byte) {
  if (state_ == State::kEscape) return Escape(byte);
  if (state_ == State::kSequence) return Sequence(byte);
  // \r, \n, \r\n and telnet's \r\0 all end one line.
  const bool second = after_return_ && (byte == '\n' || byte == '\0');
  after_return_ = byte == '\r';
  if (second || byte == '\0') return std::nullopt;
  if (byte == '\n' || byte == '\r') return Key::kEnter;
  if (byte == kDeleteByte) return Key::kBackspace;
  if (byte == kEscapeByte) {
    state_ = State::kEscape;
    return std::nullopt;
  }
  return Byte(byte);
}

std::optional<Key> KeyDecoder::Escape(unsigned char byte) {
  state_ = State::kPlain;
  switch (byte) {
    case '[':
    case 'O':
      state_ = State::kSequence;
      parameter_ = length_ = 0;
      return std::nullopt;
    case kEscapeByte:
      state_ = State::kEscape;
      return std::nullopt;
    case 'b':
    case 'B':
      return Key::kWordLeft;
    case 'f':
    case 'F':
      return Key::kWordRight;
    case 'd':
    case 'D':
      return Key::kWordDelete;
    default:
      return Key::kUnknown;
  }
}

std::optional<Key> KeyDecoder::Sequence(unsigned char byte) {
  const bool final_byte = byte >= 0x40 && byte <= 0x7e;
  if (!final_byte && byte >= 0x20 && ++length_ < kLongestSequence) {
    if (byte >= '0' && byte <= '9' && parameter_ < 1000) parameter_ = parameter_ * 10 + (byte - '0');
    return std::nullopt;
  }
  state_ = State::kPlain;
  switch (byte) {
    case 'A':
      return Key::kUp;
    case 'B':
      return Key::kDown;
    case 'C':
      return Key::kRight;
    case 'D':
      return Key::kLeft;
    case 'H':
      return Key::kHome;
    case 'F':
      return Key::kEnd;
    case '~':
      if (parameter_ == 1 || parameter_ == 7) return Key::kHome;
      if (parameter_ == 4 || parameter_ == 8) return Key::kEnd;
      return parameter_ == 3 ? Key::kDelete : Key::kUnknown;
    default:
      return Key::kUnknown;
  }
}

}  // namespace sw::cli
