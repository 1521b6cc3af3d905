// Everything a card can do wrong, each with a name for logs, a sentence for `display encrypt-card` and one counter.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sw::hal::pcie {

enum class Trouble : std::uint8_t {
  kNone,
  kAbsent,           // all ones where the identification should be
  kWrongCard,        // another magic
  kWrongRevision,    // another major revision of the register map
  kOwnCounters,      // keeps sequence counters of its own
  kBadCapabilities,  // sizes that no card can have
  kNoMemory,         // the transport gave no DMA memory
  kResetTimeout,
  kTestTimeout,
  kEnableTimeout,
  kSelfTestFailed,
  kGone,         // all ones while running
  kHung,         // an operation passed its deadline
  kResetItself,  // another generation
  kFaultState,   // says so itself
  kCompletedTwice,
  kOutOfOrder,
  kBadIndex,         // a completion for something that was never submitted
  kBadCompletion,    // a status that this operation cannot have
  kSaRefused,        // an SA command failed
  kOperationFailed,  // an operation failed inside the card
  kWrongResult,      // software computed another result
  kProbeFailed,      // a probe packet came back wrong
  kShutDown,         // by the operator
  kRemoved,          // the system took it back
  kBusError,         // the bus reported an error of it
};
inline constexpr std::size_t kTroubles = 26;

struct TroubleText {
  std::string_view name;      // log digest and counter
  std::string_view sentence;  // what happened, for the operator
};
inline constexpr std::array<TroubleText, kTroubles> kTroubleTexts{{
    {"NONE", "no fault"},
    {"ABSENT", "no card answers at this address"},
    {"WRONGCARD", "the device at this address is not this card"},
    {"WRONGREV", "the card has a register map of another major revision"},
    {"COUNTERS", "the card keeps sequence counters of its own, so software could not take over safely"},
    {"BADCAPS", "the card names capabilities that no card can have"},
    {"NOMEMORY", "no memory could be shared with the card"},
    {"RESETTIMEOUT", "the card did not come out of its reset in time"},
    {"TESTTIMEOUT", "the card did not finish its self test in time"},
    {"ENABLETIMEOUT", "the card did not start its rings in time"},
    {"SELFTEST", "the card failed its self test"},
    {"GONE", "the card is gone: its registers read as all ones"},
    {"HUNG", "the card hangs: an operation was not completed in time"},
    {"RESETITSELF", "the card reset itself and forgot its SAs"},
    {"FAULTSTATE", "the card reported a fault"},
    {"TWICE", "the card completed an operation twice"},
    {"OUTOFORDER", "the card completed operations of one SA out of order"},
    {"BADINDEX", "the card completed an operation that was never submitted"},
    {"BADCOMPLETION", "the card completed an operation with a status that it cannot have"},
    {"SAREFUSED", "the card refused an SA that its capabilities allow"},
    {"OPFAILED", "an operation failed inside the card"},
    {"WRONGRESULT", "the card computed a result that differs from software's"},
    {"PROBE", "the card did not pass the probe packets"},
    {"SHUTDOWN", "the card was shut down by the operator"},
    {"REMOVED", "the card is taken out of the system and was let go"},
    {"BUSERROR", "the bus reported an error of the card that it could not correct"},
}};
constexpr const TroubleText& Text(Trouble trouble) {
  return kTroubleTexts[static_cast<std::size_t>(trouble)];
}

}  // namespace sw::hal::pcie
