// A recording done again on another engine, and what came out differently. Order, SAs and packets are the recording's;
// when the engine completes is its own affair. An operation that failed when it was recorded (fault), or whose end was
// not recorded, is done and not compared. Nothing here trusts the recording: an operation of an SA that was never added
// is one of an unknown SA.
#pragma once

#include <functional>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hal/base/clock.h"
#include "hal/recorder/call.h"

namespace sw::hal::recorder {

struct ReplayReport {
  std::uint64_t calls = 0, operations = 0, compared = 0;
  std::uint64_t differences = 0;
  std::vector<std::string> first;  // differences, the first kMostSaid of them
};
inline constexpr std::size_t kMostSaid = 20;

class Replay {
 public:
  // The engine is this replay's alone and outlives it. An operation that is not done in `patience` is a difference.
  Replay(CryptoDevice& engine, std::function<Time()> now, Duration patience = std::chrono::seconds(5))
      : engine_(engine), now_(std::move(now)), patience_(patience) {}

  void Do(const Call& call);
  const ReplayReport& Finish();  // waits for what is still with the engine

 private:
  struct Operation {
    Submitted call;
    bool done = false;
    Verdict verdict = Verdict::kFault;  // the engine's
    std::optional<Completed> recorded;
  };
  void On(const SaAsked&);
  void On(const SaRemoved&);
  void On(const Submitted&);
  void On(const Completed&);
  void On(const Refused&) {}
  void On(const HealthSeen&) {}
  void Collect();
  void WaitFor(const std::function<bool()>& enough);
  void Compare(std::uint64_t number);
  void Differs(std::string what);
  SaHandle Unknown() const;

  CryptoDevice& engine_;
  std::function<Time()> now_;
  Duration patience_;
  std::map<SaHandle, SaHandle> sas_;  // of the recording, of the engine
  std::map<std::uint64_t, Operation> operations_;
  std::size_t with_engine_ = 0;
  ReplayReport report_;
};

// The whole of a recording. kBadValue with the number of the line that is none.
Result<ReplayReport> ReplayText(std::istream& in, Replay& replay);

}  // namespace sw::hal::recorder
