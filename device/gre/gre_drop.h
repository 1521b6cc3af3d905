// Every way a GRE tunnel can fail a packet: one reason, one counter, one phrase.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sw::device {

// X(enumerator, whether it came in, phrase as `display interface` prints it)
#define SW_GRE_DROP_REASONS(X)                                                       \
  X(kSource, true, "from another address than the tunnel's destination")             \
  X(kMalformed, true, "not GRE as RFC 2784 has it")                                  \
  X(kChecksum, true, "wrong checksum")                                               \
  X(kKey, true, "wrong key")                                                         \
  X(kProtocol, true, "carries something else than IPv4")                             \
  X(kInner, true, "no valid IPv4 packet inside")                                     \
  X(kOwnSource, true, "an address of this end as its source")                        \
  X(kLineDown, true, "came in while the line protocol was down")                     \
  X(kNotRunning, false, "the tunnel does not run")                                   \
  X(kNotIpv4, false, "no valid IPv4 packet")                                         \
  X(kNoWay, false, "no route to the tunnel's destination")                           \
  X(kIntoItself, false, "the route to the tunnel's destination leads into a tunnel") \
  X(kNoRoom, false, "too large for the tunnel's headers")                            \
  X(kRefused, false, "refused by IP")

enum class GreDrop : std::uint8_t {
#define SW_X(name, input, phrase) name,
  SW_GRE_DROP_REASONS(SW_X)
#undef SW_X
};

struct GreDropText {
  bool input;
  std::string_view phrase;
};
inline constexpr std::array kGreDropTexts = std::to_array<GreDropText>({
#define SW_X(name, input, phrase) {input, phrase},
    SW_GRE_DROP_REASONS(SW_X)
#undef SW_X
});
inline constexpr std::size_t kGreDropReasons = kGreDropTexts.size();

}  // namespace sw::device
