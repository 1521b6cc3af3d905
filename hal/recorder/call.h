// One call at the hardware layer as one line of text: what a recording is made of. sw8800d(8) describes the format,
// which is our own. A recording holds keys and packets: whoever may read it may read the traffic.
//
// A recording is input like any other: ParseCall takes any bytes and refuses with a reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "hal/crypto_device.h"

namespace sw::hal::recorder {

inline constexpr std::string_view kFirstLine = "sw8800-hal 1";
inline constexpr std::size_t kMostPacket = 65536;                // bytes
inline constexpr std::size_t kMostLine = 2 * kMostPacket + 512;  // characters, without the end of the line

struct SaAsked {  // Validate or AddSa
  bool dry_run = false;
  SaSpec spec;
  Code code = Code::kOk;
  SaHandle sa = 0;  // 0: none was given
};
struct SaRemoved {
  SaHandle sa = 0;
  Code code = Code::kOk;
};
struct Submitted {  // one operation that the engine took
  std::uint64_t number = 0;
  CryptoOp op;          // `data` and `context` unset, `size` that of the packet
  Bytes packet;         // as it was submitted
  bool absent = false;  // there was no packet
};
struct Refused {  // of a burst that was submitted, the engine left this many
  std::uint64_t operations = 0;
};
struct Completed {
  std::uint64_t number = 0;
  Verdict verdict = Verdict::kOk;
  Bytes packet;  // the result; kOk only
};
struct HealthSeen {  // another answer than the last time
  Health health = Health::kUp;
};
using Call = std::variant<SaAsked, SaRemoved, Submitted, Refused, Completed, HealthSeen>;

std::string Text(const Call& call);             // without the end of the line
Result<Call> ParseCall(std::string_view line);  // kBadValue
std::string_view Name(Code);
std::string_view Name(Verdict);

}  // namespace sw::hal::recorder
