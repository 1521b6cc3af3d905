#include "cli/session/keys.h"

namespace sw::cli {
namespace {

constexpr unsigned char kEscapeByte = 0x1b, kDeleteByte = 0x7f;
constexpr int kLongestSequence = 16;  // what goes on longer is not a key

}  // namespace

std::optional<Key> KeyDecoder::Feed(unsigned char byte) {
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
