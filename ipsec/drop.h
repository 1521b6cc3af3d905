// Every way a packet can fail on the data path: one reason, one counter, one phrase.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sw::ipsec {

// X(enumerator, phrase as `display` prints it)
#define SW_IPSEC_DROP_REASONS(X)                                 \
  X(kNone, "no drop")                                            \
  X(kTruncated, "packet too short for ESP")                      \
  X(kUnknownSpi, "no SA with this SPI")                          \
  X(kReplayed, "sequence number seen before")                    \
  X(kTooOld, "sequence number left of the replay window")        \
  X(kBadIcv, "integrity check failed")                           \
  X(kBadPadding, "padding or length after decryption is wrong")  \
  X(kSaExpired, "SA lifetime is over")                           \
  X(kSequenceExhausted, "sequence numbers used up")              \
  X(kNoRoom, "packet has no room for the ESP header or trailer") \
  X(kDeviceBusy, "crypto engine queue full")                     \
  X(kDeviceFault, "crypto engine failed")

enum class Drop : std::uint8_t {
#define SW_X(name, phrase) name,
  SW_IPSEC_DROP_REASONS(SW_X)
#undef SW_X
};

inline constexpr std::array kDropPhrases = std::to_array<std::string_view>({
#define SW_X(name, phrase) phrase,
    SW_IPSEC_DROP_REASONS(SW_X)
#undef SW_X
});
inline constexpr std::size_t kDropReasons = kDropPhrases.size();
constexpr std::string_view Phrase(Drop d) {
  return kDropPhrases[static_cast<std::size_t>(d)];
}

}  // namespace sw::ipsec
