// What happened, for the operator: debugging output, the log, traps and the ladder all come from these.
#pragma once

#include <cstdint>
#include <string>

#include "dvpn/models.h"
#include "hal/base/clock.h"

namespace sw::dvpn {

// The switches of `debugging dvpn`.
enum class Topic : std::uint8_t {
  kError,
  kMisc,         // timers, policy, redirects
  kRegister,     // the eight steps
  kSession,      // setup, keepalive, rekey, removal
  kControl,      // every control packet
  kData,         // every data packet and the way it went: "relayed by the server", "direct"
  kIpsec,        // SAs
  kHexadecimal,  // every control packet as it is on the wire
};

// What an event means beyond its text; traps and log lines hang on these.
enum class What : std::uint8_t {
  kNote,
  kStep,
  kMapBuilt,
  kMapRemoved,
  kSessionBuilt,
  kSessionRemoved,
  kRefused,
  kWeak
};

struct Event {
  Topic topic = Topic::kMisc;
  What what = What::kNote;
  int step = 0;       // kStep: 1..8 of guide page 207
  bool sent = false;  // kStep: true when this device sent the message, false when it received it
  std::string tunnel;
  std::string peer;  // private address, or public endpoint while that is all that is known
  std::string text;  // one line, no secrets, no trailing full stop
  // What was built, removed or (kNote) has changed, as it is at that moment; valid during OnEvent only.
  const MapInfo* map = nullptr;          // kMapBuilt, kMapRemoved
  const SessionInfo* session = nullptr;  // kSessionBuilt, kSessionRemoved
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  // Asked before a kControl/kData/kIpsec/kHexadecimal event is put together, so that silence costs nothing.
  virtual bool Wants(Topic topic) const = 0;
  virtual void OnEvent(Time now, const Event& event) = 0;
};

}  // namespace sw::dvpn
