// Key material: wiped when it goes, never printed. There is no operator<< and no ToString on purpose.
#pragma once

#include <string.h>

#include <string_view>
#include <utility>

#include "hal/base/bytes.h"

namespace sw {

inline void Wipe(ByteSpan bytes) {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  explicit SecretBytes(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  explicit SecretBytes(std::string_view text) : SecretBytes(AsBytes(text)) {}
  SecretBytes(const SecretBytes& other) = default;
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  SecretBytes& operator=(SecretBytes other) noexcept {
    bytes_.swap(other.bytes_);  // `other` wipes the old bytes
    return *this;
  }
  ~SecretBytes() { Wipe(bytes_); }

  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }
  ByteView view() const { return bytes_; }
  ByteSpan span() { return bytes_; }

  // Takes the same time whatever the bytes are; only the length may show.
  friend bool operator==(const SecretBytes& a, const SecretBytes& b) {
    if (a.size() != b.size()) return false;
    unsigned diff = 0;
    for (std::size_t i = 0; i < a.size(); ++i) diff |= static_cast<unsigned>(a.bytes_[i] ^ b.bytes_[i]);
    return diff == 0;
  }

 private:
  Bytes bytes_;
};

}  // namespace sw
