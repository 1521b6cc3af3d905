// Bytes on a wire: bounded, big-endian reading and writing.
//
// A Reader never reads past its end: the first failed read makes it `!ok()`, and every later read yields
// zeroes or empty spans, so a parser may read a whole layout and ask once at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sw {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::uint16_t Load16(const std::uint8_t* p) { return static_cast<std::uint16_t>((p[0] << 8) | p[1]); }
inline std::uint32_t Load32(const std::uint8_t* p) {
  return (std::uint32_t{p[0]} << 24) | (std::uint32_t{p[1]} << 16) | (std::uint32_t{p[2]} << 8) | p[3];
}
inline std::uint64_t Load64(const std::uint8_t* p) { return (std::uint64_t{Load32(p)} << 32) | Load32(p + 4); }
inline void Store16(std::uint8_t* p, std::uint16_t v) {
  p[0] = static_cast<std::uint8_t>(v >> 8);
  p[1] = static_cast<std::uint8_t>(v);
}
inline void Store32(std::uint8_t* p, std::uint32_t v) {
  Store16(p, static_cast<std::uint16_t>(v >> 16));
  Store16(p + 2, static_cast<std::uint16_t>(v));
}
inline void Store64(std::uint8_t* p, std::uint64_t v) {
  Store32(p, static_cast<std::uint32_t>(v >> 32));
  Store32(p + 4, static_cast<std::uint32_t>(v));
}

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }  // everything was read, nothing was missing
  std::size_t left() const { return rest_.size(); }

  ByteView Take(std::size_t n) {
    if (n > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    ByteView out = rest_.first(n);
    rest_ = rest_.subspan(n);
    return out;
  }
  std::uint8_t U8() { ByteView b = Take(1); return b.empty() ? std::uint8_t{0} : b[0]; }
  std::uint16_t U16() { ByteView b = Take(2); return b.empty() ? std::uint16_t{0} : Load16(b.data()); }
  std::uint32_t U32() { ByteView b = Take(4); return b.empty() ? 0 : Load32(b.data()); }
  std::uint64_t U64() { ByteView b = Take(8); return b.empty() ? 0 : Load64(b.data()); }

 private:
  ByteView rest_;
  bool ok_ = true;
};

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void U8(std::uint8_t v) { out_.push_back(v); }
  void U16(std::uint16_t v) { std::uint8_t b[2]; Store16(b, v); Put(b); }
  void U32(std::uint32_t v) { std::uint8_t b[4]; Store32(b, v); Put(b); }
  void U64(std::uint64_t v) { std::uint8_t b[8]; Store64(b, v); Put(b); }
  void Put(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  std::size_t size() const { return out_.size(); }

 private:
  Bytes& out_;
};

}  // namespace sw
