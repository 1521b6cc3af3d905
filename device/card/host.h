// The encryption card of a device as its operator meets it: configured, watched, told about in the log and in traps.
//
// A device has a host whether it has a card or not. Everything on the scheduler's thread; card, scheduler and monitor
// outlive the host. What it keeps: the last things that happened to the card, by the device's clock.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "device/card/values.h"
#include "device/log/card_change.h"
#include "device/log/monitor.h"
#include "hal/base/clock.h"
#include "hal/base/result.h"
#include "hal/pcie/trace.h"
#include "hal/vfio/preconditions.h"

namespace sw::hal {
class FailoverDevice;
struct FailoverEvent;
}  // namespace sw::hal

namespace sw::device {

class CardHost {
 public:
  struct Services {
    hal::FailoverDevice* card;  // null: this device has none
    Scheduler& scheduler;
    Monitor& monitor;
    std::function<std::int64_t()> local_time;  // seconds since 1970 as the device's clock shows
  };
  explicit CardHost(Services services);
  ~CardHost();
  CardHost(const CardHost&) = delete;
  CardHost& operator=(const CardHost&) = delete;

  hal::FailoverDevice* card() { return services_.card; }
  void Configure(const CardConfig& config);
  void OnEvent(const hal::FailoverEvent& event);  // from the failover: log, trap, syslog
  Status Inject(std::string_view plan);           // kUnsupported: not the model; kBadValue: not a plan

  // What happened to the card, oldest first; at most kMostRecords.
  struct Record {
    std::int64_t local_time = 0;
    Severity severity = Severity::kNotifications;
    std::string digest, text;
  };
  static constexpr std::size_t kMostRecords = 128;  // our choice
  const std::deque<Record>& syslog() const { return syslog_; }
  std::uint64_t overwritten() const { return overwritten_; }
  void ResetSyslog();

  // The PCI devices of this machine; without a surveyor there are none (a lab, memory).
  void SurveyBy(std::function<std::vector<hal::vfio::Surveyed>()> survey) { survey_ = std::move(survey); }
  std::vector<hal::vfio::Surveyed> survey() const { return survey_ ? survey_() : std::vector<hal::vfio::Surveyed>{}; }

  // While traps of the card are wanted; one watcher (the SNMP agent), as long as the device lives.
  void WatchChanges(std::function<void(const CardChange&)> watcher) { watcher_ = std::move(watcher); }

 private:
  static constexpr std::size_t kMostWaiting = 1000;  // debugging lines
  struct Line {
    hal::pcie::TraceTopic topic;
    std::string text;
  };
  // Debugging output reaches the monitor a moment later, never from inside the card's work.
  void OnTrace(hal::pcie::TraceTopic topic, std::string text);
  void Flush();
  void Change(bool in_service, std::string_view digest, const std::string& text);

  Services services_;
  std::function<std::vector<hal::vfio::Surveyed>()> survey_;
  bool traps_ = false, out_of_service_ = false;
  std::deque<Record> syslog_;
  std::uint64_t overwritten_ = 0, left_out_ = 0;
  std::vector<Line> waiting_;
  Scheduler::TimerId timer_ = 0;
  std::function<void(const CardChange&)> watcher_;
};

}  // namespace sw::device
