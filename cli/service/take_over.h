// One process goes on for another one of the same device, and no packet is lost: the dialogue of the two.
//
//   successor                                     predecessor, which runs as ever
//     kAsk: its form, the database it would take    kAgreed, or kRefused and why
//     makes everything ready that takes time
//     kNow                                          stops where it is; kDescriptors (some at a time), kState
//     goes on with it, but sends nothing
//     kAlive, or kFailed and why                    kGo, and ends without putting anything back
//     runs
//
// Until kGo the successor has changed nothing that the predecessor cannot go on from; when kAlive does not come within
// kPatience of kNow, it does go on, and no number that the successor may have used is used by it (hal/base/state.h).
// The state is the form of one version: a predecessor of another one refuses, and the device starts again the ordinary
// way. Our own dialogue; nothing of it is kept anywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "device/saved.h"
#include "hal/base/clock.h"
#include "hal/base/result.h"
#include "hal/ports/descriptor.h"

namespace sw::cli {

inline constexpr std::uint32_t kTakeOverForm = 1;  // counts with every change of what is handed over
inline constexpr Duration kTakeOverPatience = std::chrono::seconds(2);
inline constexpr std::size_t kMostSavedBytes = std::size_t{1} << 28;

enum class TakeOverWord : std::uint8_t {
  kAsk = 1,
  kAgreed,
  kRefused,
  kNow,
  kDescriptors,
  kState,
  kAlive,
  kFailed,
  kGo
};

struct TakeOverMessage {
  TakeOverWord word = TakeOverWord::kAsk;
  std::uint32_t form = 0;                            // kAsk
  std::string text = {};                             // kAsk: the database; kRefused, kFailed: why
  std::map<std::string, hal::Descriptor> open = {};  // kDescriptors
  SecretBytes state = {};                            // kState
};

class TakeOverChannel {
 public:
  virtual ~TakeOverChannel() = default;
  virtual Status Send(TakeOverMessage message) = 0;
  // Blocks at most `limit`. kBusy: nothing came; anything else: the other end is gone or talks nonsense.
  virtual Result<TakeOverMessage> Receive(Duration limit) = 0;
};

// What is handed over.
struct TakenOver {
  std::map<std::string, hal::Descriptor> open;
  device::SavedParts saved;
};
SecretBytes EncodeSaved(device::SavedParts& parts);
Result<device::SavedParts> DecodeSaved(ByteView bytes);  // kBadValue: not that form, or not whole

// The one that runs.
class Predecessor {
 public:
  virtual ~Predecessor() = default;
  virtual Status MayBeTakenOver(const std::string& database) const = 0;
  virtual TakenOver Hold() = 0;                   // from here on nothing runs
  virtual void GoOn(const std::string& why) = 0;  // it does again: nobody came
};
// The answer to kAsk; the caller has checked who asks. False: refused, and said so.
bool Agree(TakeOverChannel& channel, const Predecessor& device, const TakeOverMessage& ask);
// kNow has come. True: the successor runs, and this process ends; false: it has gone on. Blocks as long as kPatience.
bool HandOver(TakeOverChannel& channel, Predecessor& device, const std::function<Time()>& now);

// The one that comes. kUnsupported: the predecessor is of another form, or does not know this at all; anything else:
// it refuses.
Status AskToTakeOver(TakeOverChannel& channel, const std::string& database);
Result<TakenOver> TakeNow(TakeOverChannel& channel);
// Ready to run. After any error this process has to end without undoing anything.
Status GoOrLeave(TakeOverChannel& channel);

}  // namespace sw::cli
